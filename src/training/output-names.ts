/** What the images are called that are made of files. */
import { basename, extname } from "node:path";

/** Bytes of a name that most disks take. */
const mostBytes = 255;

const ending = ".png";

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
}

/**
 * The name of each input without its ending, its suffix, and `-2`, `-3` … where that is taken. A name that would be longer
 * than the disk allows loses the end of the input's.
 */
export const outputNames = (all: readonly Named[]): readonly string[] => {
  const taken = new Set<string>();
  // How often each name was asked for: of many that are alike none is tried from the start again.
  const tries = new Map<string, number>();
  return all.map(({ input, suffix }) => {
    const own = basename(input);
    const stem = basename(own, extname(own));
    // The disk that the input lies on may allow more.
    const most = Math.max(mostBytes, size(own)) - size(ending);
    const first = `${stem}${suffix}`.toLowerCase();
    for (let n = tries.get(first) ?? 1; ; n++) {
      const behind = n === 1 ? "" : `-${n}`;
      const kept = cutTo(suffix, most - size(behind));
      const name = `${cutTo(stem, most - size(kept + behind))}${kept}${behind}`;
      // Without regard to case, as some file systems have it
      if (taken.has(name.toLowerCase())) continue;
      taken.add(name.toLowerCase());
      tries.set(first, n + 1);
      return `${name}${ending}`;
    }
  });
};
