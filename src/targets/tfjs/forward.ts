/**
 * The values that losses are made of: draws, and what networks make of them. Equal values are one, however often the
 * formulas write them: that is how `G(x)` in three losses is computed once.
 */
import type { Term } from "../../types/term.js";
import { domainName } from "../../types/value.js";
import { lowerFirst } from "./names.js";

export interface Forward {
  /** Equal for equal values. */
  readonly key: string;
  /** `x`, `Gx`, `FGx`, `pastGx` */
  readonly name: string;
  /** Whether the draw that it is made from has a name of several letters. */
  readonly isWord: boolean;
  readonly kind: "draw" | "apply" | "replay";
  readonly domain?: string;
  readonly network?: string;
  /** Of a replay. */
  readonly size?: number;
  readonly input?: Forward;
}

/** How a draw is called: by its domain in the training step, by its binder inside of a generic loss. */
export type DrawName = (term: Extract<Term, { kind: "draw" }>) => string;

export const byDomain: DrawName = (term) => lowerFirst(domainName(term.domain));
export const byBinder: DrawName = (term) => term.name;

/** The forward value that a term is, or nothing where it is a formula over such values. */
export const forwardOf = (term: Term, drawName: DrawName): Forward | undefined => {
  switch (term.kind) {
    case "draw": {
      const domain = domainName(term.domain);
      const name = drawName(term);
      return { key: `${domain}#${term.slot}`, name, isWord: name.length > 1, kind: "draw", domain };
    }
    case "relabel":
      // Only the type changes.
      return forwardOf(term.input, drawName);
    case "apply": {
      const input = forwardOf(term.input, drawName);
      if (input === undefined) return undefined;
      return {
        key: `${term.net.name}(${input.key})`,
        name: joined(term.net.name, input),
        isWord: input.isWord,
        kind: "apply",
        network: term.net.name,
        input,
      };
    }
    case "replay": {
      const input = forwardOf(term.input, drawName);
      if (input === undefined) return undefined;
      const size = term.size ?? 0;
      return {
        key: `replay(${input.key}, ${size})`,
        name: joined("past", {
          ...input,
          name: input.isWord ? input.name : upperFirst(input.name),
        }),
        isWord: input.isWord,
        kind: "replay",
        size,
        input,
      };
    }
    default:
      return undefined;
  }
};

/** `Gx`, but `G_photo`: letters need nothing between, words do. */
const joined = (network: string, input: Forward): string =>
  input.isWord ? `${network}_${input.name}` : network + input.name;

const upperFirst = (name: string): string => `${name[0]?.toUpperCase() ?? ""}${name.slice(1)}`;

/** Networks applied anywhere in a value, a replayed one's included or not. */
export const networksIn = (forward: Forward, throughReplay: boolean): ReadonlySet<string> => {
  if (forward.kind === "replay" && !throughReplay) return new Set();
  const below = forward.input === undefined ? [] : [...networksIn(forward.input, throughReplay)];
  return new Set(forward.network === undefined ? below : [forward.network, ...below]);
};
