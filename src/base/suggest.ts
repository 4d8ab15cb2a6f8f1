/** The name that was probably meant, and whether it surely was. */

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

/** Returns the name without case and underscores, for comparison. */
export const plain = (name: string): string => name.toLowerCase().replaceAll(/[_-]/g, "");

/**
 * Endings that other libraries add to the same word: `Conv2d` for an operation, `kernel_size` for
 * an option.
 */
const endings = { name: /(?:2d|ali[sz]ation)$/, option: /(?:ding|size)$/ } as const;

export interface Meant {
  readonly name: string;
  /** Whether nothing else can have been meant, so that it may be written without asking. */
  readonly isSure: boolean;
}

/** Fewer letters than these say too little: `relu`, `selu`, `celu` are words of their own. */
const sureLetters = 4;
/**
 * A word that is this long stays the same word with one more letter at its end, `scheduler`; `adam`
 * does not, `adamq`.
 */
const growingLetters = 6;

/** Splits a name into words, at underscores, digits and capitals. */
const wordsOf = (name: string): readonly string[] =>
  name.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|_+|./g) ?? [];

/** The word of a name in which the character at `at` stands, and which of its letters that is. */
const wordAt = (name: string, at: number): { readonly word: string; readonly letter: number } => {
  let begin = 0;
  for (const word of wordsOf(name)) {
    if (at < begin + word.length) return { word, letter: at - begin };
    begin += word.length;
  }
  return { word: "", letter: 0 };
};

/**
 * Whether one slip of the hand makes `written` of `name`: two letters swapped, one left out,
 * doubled or wrong, within a word that is long enough to be known by its others. Digits and first
 * letters are no slips: `l1` and `l2`, `celu` and `relu` are different things.
 */
const isSlip = (written: string, name: string): boolean => {
  if (editDistance(written, name) !== 1) return false;
  let at = 0;
  while (at < name.length && written[at] === name[at]) at++;
  const changed = [written[at] ?? "", name[at] ?? ""];
  if (changed.some((character) => !/^[a-zA-Z]?$/.test(character))) return false;
  const isSwap = written.length === name.length && written[at] === name[at + 1];
  // What is written behind the last letter has grown there: the word is the last.
  const { word, letter } = wordAt(name, Math.min(at, name.length - 1));
  if (letter === 0 && !isSwap) return false;
  const isGrown = at === name.length && written[at] !== name[at - 1];
  return word.length >= (isGrown && written[at] !== "s" ? growingLetters : sureLetters);
};

/**
 * The nearest of `candidates`, or nothing where none is near: first the same letters in another
 * case, with other underscores or without an ending of other libraries, then an edit distance of at
 * most a third of the name's length (at least 1). It is sure where one candidate alone is the same
 * letters, or one slip away.
 *
 * @param kind what is named: an option has the meaning of its place, whatever ending other
 *   libraries give it; an operation of another library may take its arguments in another order
 */
export const nearest = (
  name: string,
  candidates: Iterable<string>,
  kind: keyof typeof endings = "name",
): Meant | undefined => {
  const others = [...new Set(candidates)].filter((candidate) => candidate !== name);
  const same = others.filter((candidate) => plain(candidate) === plain(name));
  const [first] = same;
  if (first !== undefined) return { name: first, isSure: same.length === 1 };
  const short = plain(name).replace(endings[kind], "");
  const ended = others.find((candidate) => plain(candidate) === short);
  if (ended !== undefined) return { name: ended, isSure: kind === "option" };
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of others) {
    // Lengths tell most of them apart, in no time.
    if (Math.abs(name.length - candidate.length) >= bestDistance) continue;
    // A one-letter name is one edit from every other, which says nothing.
    const distance =
      Math.min(name.length, candidate.length) < 2 ? Infinity : editDistance(name, candidate);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  if (best === undefined) return undefined;
  const isAsNear = (other: string): boolean =>
    Math.abs(name.length - other.length) <= bestDistance &&
    editDistance(name, other) === bestDistance;
  return { name: best, isSure: isSlip(name, best) && others.filter(isAsNear).length === 1 };
};
