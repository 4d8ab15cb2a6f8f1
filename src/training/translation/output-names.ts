/** Names the images made from files. */
import { basename, extname, join } from "node:path";

/** Most bytes of a name on most disks. */
const mostBytes = 255;

const size = (text: string): number => Buffer.byteLength(text);

/** Cuts a text to at most `most` bytes. */
const cutTo = (text: string, most: number): string => {
  if (size(text) <= most) return text;
  const characters = [...text];
  let left = size(text);
  while (left > most) left -= size(characters.pop() ?? "\0");
  return characters.join("");
};

export interface Named {
  /** Path of the source file. */
  readonly input: string;
  /** Distinguishes it from other results of the same file; may be empty. */
  readonly suffix: string;
  /** Target folder, in which the name is unique. */
  readonly folder?: string;
}

/**
 * Names each result: the input's name without its ending, its suffix, and `-2`, `-3` … if that is
 * taken in its folder. If the name would be too long for the disk, the input's part is cut at its
 * end. `isTaken`: whether a path belongs to something else.
 */
export const outputNames = (
  all: readonly Named[],
  ending = ".png",
  isTaken: (path: string) => boolean = () => false,
): readonly string[] => {
  const taken = new Set<string>();
  // Counts requests for each name, so that many equal names do not restart the search.
  const tries = new Map<string, number>();
  return all.map(({ input, suffix, folder = "" }) => {
    const own = basename(input);
    const stem = basename(own, extname(own));
    // The input's disk may allow more.
    const most = Math.max(mostBytes, size(own)) - size(ending);
    // Ignores case, as some file systems do.
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
