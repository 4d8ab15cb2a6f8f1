/**
 * Groups images that show the same by where they are: twice in a set, or in two sets that should
 * differ.
 */

import type { Inspection, Seen } from "./inspect.js";
import { newUnion } from "./union.js";

/** Where images that show the same stand; the worst case counts. */
export type Across = "train and test" | "domains" | "one set";

export interface Group {
  readonly across: Across;
  /** True if their pixels are equal; otherwise they show nearly the same. */
  readonly isExact: boolean;
  readonly images: readonly Seen[];
}

const acrossOf = ({ sets }: Inspection, images: readonly Seen[]): Across => {
  const of = images.flatMap(({ set }) => sets[set] ?? []);
  if (new Set(of.map(({ split }) => split)).size > 1) return "train and test";
  return new Set(of.map(({ domain }) => domain)).size > 1 ? "domains" : "one set";
};

/**
 * Puts together the numbers from 0 to `count` that pairs connect, sorted. Leaves out single
 * numbers.
 */
const joined = (
  count: number,
  pairs: readonly (readonly [number, number])[],
): readonly (readonly number[])[] => {
  const { find, join } = newUnion(count);
  for (const [a, b] of pairs) join(a, b);
  const groups = new Map<number, number[]>();
  for (const i of new Set(pairs.flat().sort((a, b) => a - b))) {
    const group = groups.get(find(i));
    if (group === undefined) groups.set(find(i), [i]);
    else group.push(i);
  }
  return [...groups.values()];
};

/** Groups images of equal digest, if there is more than one. */
const equal = (seen: readonly Seen[]): readonly (readonly Seen[])[] => {
  const found = new Map<string, Seen[]>();
  for (const one of seen) {
    const there = found.get(one.digest);
    if (there === undefined) found.set(one.digest, [one]);
    else there.push(one);
  }
  return [...found.values()].filter((images) => images.length > 1);
};

/**
 * Finds all groups of images that show the same: exact ones first, each kind in the order of the
 * sets.
 */
export const groupsAlike = (inspection: Inspection): readonly Group[] => {
  const { seen, alike } = inspection;
  const exact = equal(seen).map(
    (images): Group => ({
      across: acrossOf(inspection, images),
      isExact: true,
      images,
    }),
  );
  const nearly = joined(seen.length, alike.pairs).map((places): Group => {
    const images = places.flatMap((i) => seen[i] ?? []);
    return { across: acrossOf(inspection, images), isExact: false, images };
  });
  return [...exact, ...nearly];
};
