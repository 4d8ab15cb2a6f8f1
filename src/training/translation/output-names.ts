/** What the images are called that are made of files. */
import { basename, extname, join } from "node:path";

/** Bytes of a name that most disks take. */
const mostBytes = 255;

const size = (text: string): number => Buffer.byteLength(text);

/** The text, or as much of its beginning as takes `most` bytes. */
const cutTo = (text: string, most: number): string => {
  if (size(text) <= most) return text;
  const characters = [...text];
  let left = size(text);
  while (left > most) left -= size(characters.pop() ?? "\0");
  return characters.join("");
};

export interface Named {
  /** Path of the file that an image is made of. */
  readonly input: string;
  /** What tells it from others that are made of the same file; may be empty. */
  readonly suffix: string;
  /** The folder that it is put into, of which a name is unique. */
  readonly folder?: string;
}

/**
 * The name of each input without its ending, its suffix, and `-2`, `-3` … where that is taken, in its folder. A name that
 * would be longer than the disk allows loses the end of the input's. `isTaken`: whether a path is another's.
 */
export const outputNames = (
  all: readonly Named[],
  ending = ".png",
  isTaken: (path: string) => boolean = () => false,
): readonly string[] => {
  const taken = new Set<string>();
  // How often each name was asked for: of many that are alike none is tried from the start again.
  const tries = new Map<string, number>();
  return all.map(({ input, suffix, folder = "" }) => {
    const own = basename(input);
    const stem = basename(own, extname(own));
    // The disk that the input lies on may allow more.
    const most = Math.max(mostBytes, size(own)) - size(ending);
    // Without regard to case, as some file systems have it
    const first = join(folder, `${stem}${suffix}`).toLowerCase();
    for (let n = tries.get(first) ?? 1; ; n++) {
      const behind = n === 1 ? "" : `-${n}`;
      const kept = cutTo(suffix, most - size(behind));
      const name = `${cutTo(stem, most - size(kept + behind))}${kept}${behind}`;
      const path = join(folder, `${name}${ending}`);
      if (taken.has(path.toLowerCase()) || isTaken(path)) continue;
      taken.add(path.toLowerCase());
      tries.set(first, n + 1);
      return path;
    }
  });
};
