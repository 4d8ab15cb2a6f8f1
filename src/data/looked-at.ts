/** What is told of a set beside its count, from a few of its images: what reading changes in them, and how numbers are taken. */
import { isLeft, isRight } from "fp-ts/lib/Either.js";
import { conversionsOf } from "./decode.js";
import { extent } from "./image.js";
import { spanText } from "./numbers.js";
import type { ImageSource } from "./source.js";
import { readIn } from "./tree.js";

/** Images that are looked at, spread evenly over a set. */
const most = 16;

const chosenOf = (size: number): readonly number[] =>
  Array.from({ length: Math.min(size, most) }, (_, k) =>
    Math.floor((k * size) / Math.min(size, most)),
  );

/** `3 of 16 looked at are transparent, laid on white`, of each change. */
export const conversionTexts = async (
  size: number,
  pathOf: (i: number) => string,
): Promise<readonly string[]> => {
  const counts = new Map<string, number>();
  const chosen = chosenOf(size);
  for (const i of chosen) {
    const bytes = await readIn(pathOf(i));
    if (isLeft(bytes)) continue;
    for (const what of await conversionsOf(bytes.right))
      counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  const among = chosen.length < size ? ` of ${chosen.length} looked at` : "";
  return [...counts].map(([what, n]) => `${n}${among} ${n === 1 ? "is" : "are"} ${what}`);
};

/** How the numbers of a set's files are taken. */
export interface Taken {
  /** Whether fractions are of [0, 1]; else they are taken as they are, in the range of the domain. */
  readonly isUnit: boolean;
  readonly texts: readonly string[];
}

/** Of a set whose files hold numbers: fractions that all lie in [0, 1] are of [0, 1], where some lie outside none are. */
export const takenNumbers = async (source: ImageSource): Promise<Taken> => {
  let [low, high] = [Infinity, -Infinity];
  const channels = new Set<number>();
  for (const i of chosenOf(source.size)) {
    const loaded = await source.load(i);
    if (!isRight(loaded)) continue;
    channels.add(loaded.right.channels);
    if (loaded.right.isUnscaled !== true) continue;
    const [least, greatest] = extent(loaded.right.data);
    [low, high] = [Math.min(low, least), Math.max(high, greatest)];
  }
  const isUnit = low >= 0 && high <= 1;
  const how = isUnit ? "taken to be of [0, 1]" : "taken as they are, in the domain's range";
  const odd = [...channels].filter((n) => n !== 1 && n !== 3);
  return {
    isUnit,
    texts: [
      ...odd.map((n) => `${n} channels`),
      ...(low <= high ? [`fractions ${spanText([low, high])}, ${how}`] : []),
    ],
  };
};
