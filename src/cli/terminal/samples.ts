/** Shows the newest sample in the terminal, if it can show pictures. */
import { isLeft } from "fp-ts/lib/Either.js";
import { readRegular } from "../../data/files/regular-file.js";
import { fitPicture } from "../../data/images/sheet.js";
import { chosenProtocol, type PictureWay, pictureText } from "./graphics.js";
import type { Progress } from "./progress.js";
import type { Terminal } from "./terminal.js";

/** Least milliseconds between two pictures; more would push everything else away. */
const apart = 10_000;

/** Pixels of a character in a plain font. A finer screen shows the picture smaller. */
const character = { width: 8, height: 16 } as const;

/** Rows left for text. */
const words = 10;

const mostBytes = 2 ** 26;

export interface Shown {
  /** Shows the sample at a path, without anyone waiting for it. */
  sample(path: string): void;
  /** Stops showing pictures. */
  stop(): void;
}

/** Makes the display. `now`: milliseconds from any origin. */
export const samplesIn = (
  { err, env }: Terminal,
  way: PictureWay,
  progress: Pick<Progress, "picture">,
  now: () => number = () => performance.now(),
): Shown => {
  const protocol = err.isTTY === true ? chosenProtocol(way, env) : undefined;
  let [next, isStopped] = [0, false];
  const show = async (path: string): Promise<void> => {
    const png = await readRegular(path, mostBytes);
    if (protocol === undefined || isLeft(png)) return;
    const { columns = 80, rows = 24 } = err;
    const most = {
      width: Math.max(1, columns * character.width),
      height: Math.max(1, (rows - words) * character.height),
    };
    const text = await pictureText(protocol, await fitPicture(png.right, most));
    if (!isStopped) progress.picture(text);
  };
  return {
    sample: (path) => {
      if (protocol === undefined || now() < next) return;
      next = now() + apart;
      // A picture that cannot be shown is still a file.
      show(path).catch(() => undefined);
    },
    stop: () => {
      isStopped = true;
    },
  };
};
