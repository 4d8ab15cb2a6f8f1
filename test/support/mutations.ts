/** Specs that somebody's typing went wrong in, for tests of whatever reads text. */
import fc from "fast-check";
import { lexer } from "../../grammar/lexer.js";
import { corpus } from "../fuzz/corpus.js";
import { scraps } from "../fuzz/mutate.js";

export { corpus as flagships, scraps };

interface Place {
  readonly start: number;
  readonly end: number;
}

const tokensOf = (text: string): readonly Place[] =>
  lexer.tokenize(text).tokens.map(({ startOffset, image }) => ({
    start: startOffset,
    end: startOffset + image.length,
  }));

const charactersOf = (text: string): readonly Place[] =>
  [...text].map((_, i) => ({ start: i, end: i + 1 }));

interface Mutation {
  readonly by: "token" | "character";
  readonly how: "delete" | "duplicate" | "swap" | "replace" | "insert";
  /** Where, as parts of the whole. */
  readonly at: number;
  readonly other: number;
  readonly text: string;
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  by: fc.constantFrom("token" as const, "character" as const),
  how: fc.constantFrom(
    "delete" as const,
    "duplicate" as const,
    "swap" as const,
    "replace" as const,
    "insert" as const,
  ),
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  other: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  text: fc.constantFrom(...scraps),
});

const mutate = (text: string, { by, how, at, other, text: scrap }: Mutation): string => {
  const places = by === "token" ? tokensOf(text) : charactersOf(text);
  const pick = (part: number): Place =>
    places[Math.floor(part * places.length)] ?? { start: 0, end: 0 };
  const [a, b] = [pick(at), pick(other)].sort((p, q) => p.start - q.start) as [Place, Place];
  const piece = (p: Place): string => text.slice(p.start, p.end);
  switch (how) {
    case "delete":
      return text.slice(0, a.start) + text.slice(a.end);
    case "duplicate":
      return `${text.slice(0, a.end)} ${piece(b)} ${text.slice(a.end)}`;
    case "swap":
      return a.end > b.start
        ? text
        : text.slice(0, a.start) +
            piece(b) +
            text.slice(a.end, b.start) +
            piece(a) +
            text.slice(b.end);
    case "replace":
      return text.slice(0, a.start) + scrap + text.slice(a.end);
    case "insert":
      return `${text.slice(0, a.start)} ${scrap} ${text.slice(a.start)}`;
  }
};

/**
 * A spec of the project with a few tokens or characters deleted, doubled, swapped, replaced or put
 * in.
 */
export const mutated = fc
  .record({
    base: fc.constantFrom(...corpus),
    mutations: fc.array(mutation, { minLength: 1, maxLength: 4 }),
  })
  .map(({ base, mutations }) => mutations.reduce(mutate, base));

/** Fixed, so that CI is repeatable; FUZZ_SEED tries another, and a failure prints its own. */
export const options = { seed: Number(process.env.FUZZ_SEED ?? 20170330), numRuns: 120 };
