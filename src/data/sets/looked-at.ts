/**
 * Notes on a set from a few of its images: how reading converts them, and how numbers are taken.
 */
import { isLeft, isRight } from "fp-ts/lib/Either.js";
import { readIn } from "../files/tree.js";
import { conversionsOf } from "../images/decode.js";
import { extent } from "../images/image.js";
import { spanText, strayIn } from "../images/numbers.js";
import type { ImageSource } from "./source.js";

const most = 16;

/** Returns the indices of at most 16 images, spread evenly over a set. */
export const someOfSet = (size: number): readonly number[] =>
  Array.from({ length: Math.min(size, most) }, (_, k) =>
    Math.floor((k * size) / Math.min(size, most)),
  );

/** Writes `3 of 16 looked at are transparent, laid on white` for each conversion. */
export const conversionTexts = async (
  size: number,
  pathOf: (i: number) => string,
): Promise<readonly string[]> => {
  const counts = new Map<string, number>();
  const chosen = someOfSet(size);
  for (const i of chosen) {
    const bytes = await readIn(pathOf(i));
    if (isLeft(bytes)) continue;
    for (const what of await conversionsOf(bytes.right))
      counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  const among = chosen.length < size ? ` of ${chosen.length} looked at` : "";
  return [...counts].map(([what, n]) => `${n}${among} ${n === 1 ? "is" : "are"} ${what}`);
};

/** How the numbers of a set's files are interpreted. */
export interface Taken {
  /** Whether fractions are in [0, 1]. Otherwise they are in the range of the domain. */
  readonly isUnit: boolean;
  readonly texts: readonly string[];
}

/**
 * Groups channel counts that convert to each other: grey and colour do, others only to themselves.
 */
const kindOf = (channels: number): number => (channels === 3 ? 1 : channels);

/**
 * Keeps the files with the most common channel count, since no domain can use the others too. Keeps
 * all in a tie.
 */
const usableTogether = <A extends { readonly channels: number }>(
  all: readonly A[],
): readonly A[] => {
  const count = (of: A): number =>
    all.filter(({ channels }) => kindOf(channels) === kindOf(of.channels)).length;
  const counts = all.map(count);
  const greatest = Math.max(...counts);
  return all.filter((_, i) => counts[i] === greatest);
};

/**
 * Decides how to interpret a set whose files hold numbers: as [0, 1] if all fractions lie there,
 * else as they are. Ignores files that training passes over: those with NaN or infinite numbers, or
 * odd channels.
 */
export const takenNumbers = async (source: ImageSource): Promise<Taken> => {
  const found: { channels: number; span: readonly [number, number] | undefined }[] = [];
  for (const i of someOfSet(source.size)) {
    const loaded = await source.load(i);
    if (!isRight(loaded) || strayIn(loaded.right) !== undefined) continue;
    const { channels, isUnscaled, data } = loaded.right;
    found.push({ channels, span: isUnscaled === true ? extent(data) : undefined });
  }
  const spans = usableTogether(found).flatMap(({ span }) => (span === undefined ? [] : [span]));
  const low = Math.min(...spans.map(([least]) => least));
  const high = Math.max(...spans.map(([, greatest]) => greatest));
  const isUnit = low >= 0 && high <= 1;
  const how = isUnit ? "taken to be of [0, 1]" : "taken as they are, in the domain's range";
  const odd = [...new Set(found.map(({ channels }) => channels))].filter((n) => n !== 1 && n !== 3);
  return {
    isUnit,
    texts: [
      ...odd.map((n) => `${n} channels`),
      ...(low <= high ? [`fractions ${spanText([low, high])}, ${how}`] : []),
    ],
  };
};
