/** The newest sample within the terminal, where it can show pictures. */
import { isLeft } from "fp-ts/lib/Either.js";
import { readRegular } from "../../data/files/regular-file.js";
import { fitPicture } from "../../data/images/sheet.js";
import { chosenProtocol, type PictureWay, pictureText } from "./graphics.js";
import type { Progress } from "./progress.js";
import type { Terminal } from "./terminal.js";

/** Milliseconds between two pictures at least: more would push everything else away. */
const apart = 10_000;

/** Pixels of a character: those of a plain font; a finer screen shows the picture smaller. */
const character = { width: 8, height: 16 } as const;

/** Rows that are left to words. */
const words = 10;

const mostBytes = 2 ** 26;

export interface Shown {
  /** A sample was written there. Nobody waits for its picture. */
  sample(path: string): void;
  /** No picture comes after it. */
  stop(): void;
}

/** `now`: milliseconds from any origin. */
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
      // A picture that cannot be shown is a file all the same.
      show(path).catch(() => undefined);
    },
    stop: () => {
      isStopped = true;
    },
  };
};
