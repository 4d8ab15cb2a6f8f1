/** Specs with mistakes in them: one, such as people make, or several, such as nobody makes. */
import { lexer } from "../../grammar/lexer.js";
import { Identifier } from "../../grammar/tokens.js";
import type { Dice } from "./dice.js";

interface Place {
  readonly start: number;
  readonly end: number;
}

interface Token extends Place {
  readonly isWord: boolean;
}

const tokensOf = (text: string): readonly Token[] =>
  lexer.tokenize(text).tokens.map(({ startOffset, image, tokenType }) => ({
    start: startOffset,
    end: startOffset + image.length,
    isWord: tokenType === Identifier || /^[a-z]+$/.test(image),
  }));

const charactersOf = (text: string): readonly Place[] =>
  [...text].map((_, i) => ({ start: i, end: i + 1 }));

const replaced = (text: string, { start, end }: Place, by: string): string =>
  text.slice(0, start) + by + text.slice(end);

/** What a finger may add. */
const signs = ["(", ")", "[", "]", "{", "}", ",", ".", ":", "=", ">>", "*", "+", "-", "1", "x"];

/** A letter left out, doubled, swapped with the next, or another in its place. */
const misspelt = (word: string, { below, of }: Dice): string => {
  const at = below(word.length);
  const letter = word[at] ?? "";
  const rest = word.slice(at + 1);
  return (
    word.slice(0, at) +
    of([rest, letter + letter + rest, (rest[0] ?? letter) + letter + rest.slice(1), `q${rest}`])
  );
};

export interface Mistake {
  readonly kind: "deletion" | "insertion" | "swap" | "misspelling";
  readonly text: string;
}

/** One edit of one token. */
export const mistake = (text: string, roll: Dice): Mistake => {
  const tokens = tokensOf(text);
  const kind = roll.of(["deletion", "insertion", "swap", "misspelling"] as const);
  const words = tokens.filter(({ isWord, start, end }) => isWord && end - start > 2);
  const at = roll.below(tokens.length - 1);
  const [first, second] = [tokens[at], tokens[at + 1]];
  if (first === undefined || second === undefined) return { kind, text };
  const piece = ({ start, end }: Place): string => text.slice(start, end);
  switch (kind) {
    case "deletion":
      return { kind, text: replaced(text, first, "") };
    case "insertion":
      return {
        kind,
        text: replaced(text, { start: first.start, end: first.start }, `${roll.of(signs)} `),
      };
    case "swap":
      // With blanks, so that a line's last token and the next line's first stay two.
      return {
        kind,
        text: replaced(replaced(text, second, ` ${piece(first)} `), first, ` ${piece(second)} `),
      };
    case "misspelling": {
      const word = words.length === 0 ? first : roll.of(words);
      return { kind, text: replaced(text, word, misspelt(piece(word), roll)) };
    }
  }
};

export const scraps: readonly string[] = [
  ...signs,
  "==",
  "->",
  "=>",
  "^",
  "//",
  "%",
  "~",
  "0",
  "1e999",
  "99999999999999999999",
  "let",
  "in",
  "net",
  "E[",
  "min[",
  "solve {",
  "train {",
  "module m {",
  "import",
  '"',
  "--",
  "as",
  "not",
  "where",
  "then",
  "repeat 3 {",
  "X",
  "Scores",
  "residual(",
  "replay(",
  "concat(",
  "constructor",
  "__proto__",
  "toString",
  "é",
  "𝛼",
  "\n",
  "\t",
  "\r\n",
  "\u0000",
];

const mutateOnce = (text: string, roll: Dice): string => {
  const places = roll.below(2) === 0 ? tokensOf(text) : charactersOf(text);
  const pickPlace = (): Place => places[roll.below(places.length)] ?? { start: 0, end: 0 };
  const [a, b] = [pickPlace(), pickPlace()].sort((p, q) => p.start - q.start) as [Place, Place];
  const piece = (p: Place): string => text.slice(p.start, p.end);
  switch (roll.of(["delete", "duplicate", "swap", "replace", "insert", "cut", "copy"] as const)) {
    case "delete":
      return replaced(text, a, "");
    case "duplicate":
      return replaced(text, { start: a.end, end: a.end }, ` ${piece(b)} `);
    case "swap":
      return a.end > b.start ? text : replaced(replaced(text, b, piece(a)), a, piece(b));
    case "replace":
      return replaced(text, a, roll.of(scraps));
    case "insert":
      return replaced(text, { start: a.start, end: a.start }, ` ${roll.of(scraps)} `);
    case "cut":
      // Whole stretches, so that texts end in the middle of things.
      return replaced(text, { start: a.start, end: b.end }, "");
    case "copy":
      return replaced(text, { start: b.end, end: b.end }, text.slice(a.start, b.end));
  }
};

/** One to four mutations of any kind. */
export const mutated = (text: string, roll: Dice): string => {
  let result = text;
  for (let left = 1 + roll.below(4); left > 0; left--) result = mutateOnce(result, roll);
  // Copies of copies would grow without end.
  return result.slice(0, 4 * text.length + 100);
};
