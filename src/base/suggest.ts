/** The name that was probably meant. */

/** Edit distance that counts a swap of neighbours as one edit (optimal string alignment). */
export const editDistance = (a: string, b: string): number => {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(
        (previous[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + same,
      );
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) best = Math.min(best, (before[j - 2] ?? 0) + 1);
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length] ?? 0;
};

const plain = (name: string): string => name.toLowerCase().replaceAll(/[_-]/g, "");

/** What other libraries write behind the same word: `Conv2d`, `padding`, `kernel_size`, `BatchNormalization`. */
const ending = /(?:2d|ding|size|ali[sz]ation)$/;

/**
 * The nearest of `candidates`, or nothing where none is near: first the same letters in another case, with other
 * underscores or without an ending of other libraries, then an edit distance of at most a third of the name's length (at
 * least 1).
 */
export const nearest = (name: string, candidates: Iterable<string>): string | undefined => {
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    if (candidate === name) continue;
    if (plain(candidate) === plain(name) || plain(candidate) === plain(name).replace(ending, ""))
      return candidate;
    // A one-letter name is one edit from every other, which says nothing.
    const distance =
      Math.min(name.length, candidate.length) < 2 ? Infinity : editDistance(name, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
};
