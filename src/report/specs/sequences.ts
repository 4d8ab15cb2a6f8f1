/** Finds what two sequences have in common and what only one has. */

export interface Stretch<T> {
  /**
   * Equal in both, or different: a stretch of the first replaced by one of the second; either may
   * be empty.
   */
  readonly kind: "same" | "changed";
  readonly before: readonly T[];
  readonly after: readonly T[];
}

/** Above this many pairs, a stretch with different ends counts as changed throughout. */
const mostPairs = 4_000_000;

/** Computes `lengths[i][j]`, the length of the longest common subsequence from i and j on. */
const commonLengths = (a: readonly string[], b: readonly string[]): readonly Uint32Array[] => {
  const lengths = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  const at = (i: number, j: number): number => lengths[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) {
      const row = lengths[i];
      const longest = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
      if (row !== undefined) row[j] = longest;
    }
  return lengths;
};

/** Returns pairs of corresponding places: a longest common subsequence. */
const pairs = (
  a: readonly string[],
  b: readonly string[],
): readonly (readonly [number, number])[] => {
  if (a.length * b.length > mostPairs) return [];
  const lengths = commonLengths(a, b);
  const found: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) found.push([i++, j++]);
    else if ((lengths[i + 1]?.[j] ?? 0) >= (lengths[i]?.[j + 1] ?? 0)) i++;
    else j++;
  }
  return found;
};

/**
 * Aligns two sequences in alternating stretches of equal and changed items. Items with equal keys
 * are equal.
 */
export const compared = <T>(
  before: readonly T[],
  after: readonly T[],
  keyOf: (item: T) => string,
): readonly Stretch<T>[] => {
  const [a, b] = [before.map(keyOf), after.map(keyOf)];
  const shortest = Math.min(a.length, b.length);
  let head = 0;
  while (head < shortest && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < shortest - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const middle = pairs(a.slice(head, a.length - tail), b.slice(head, b.length - tail));
  const places = [
    ...Array.from({ length: head }, (_, i): readonly [number, number] => [i, i]),
    ...middle.map(([i, j]): readonly [number, number] => [head + i, head + j]),
    ...Array.from({ length: tail }, (_, i): readonly [number, number] => [
      a.length - tail + i,
      b.length - tail + i,
    ]),
  ];
  const stretches: Stretch<T>[] = [];
  let [i, j] = [0, 0];
  let same: { readonly before: T[]; readonly after: T[] } = { before: [], after: [] };
  const close = (): void => {
    if (same.before.length > 0) stretches.push({ kind: "same", ...same });
    same = { before: [], after: [] };
  };
  for (const [k, l] of [...places, [a.length, b.length] as const]) {
    if (k > i || l > j) {
      close();
      stretches.push({ kind: "changed", before: before.slice(i, k), after: after.slice(j, l) });
    }
    same.before.push(...before.slice(k, k + 1));
    same.after.push(...after.slice(l, l + 1));
    [i, j] = [k + 1, l + 1];
  }
  close();
  return stretches;
};
