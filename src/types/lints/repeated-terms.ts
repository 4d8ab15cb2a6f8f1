/** Terms that a player's objective has twice: by what they mean, however they are written. */
import type { Span } from "../../base/source.js";
import { linearForm } from "../values/linear-form.js";
import type { Player } from "../values/player.js";
import { summands, type Term } from "../values/term.js";
import { keyOf } from "../values/term-key.js";
import type { GameLook, Lint } from "./lint.js";

interface Scaled {
  /** Equal for terms that are multiples of each other, by a factor above 0. */
  readonly key: string;
  readonly factor: number;
}

/** A term as a multiple of one whose first part, in a fixed order, has a weight of 1 or -1. */
const scaled = (term: Term): Scaled | undefined => {
  const parts = linearForm(term)
    .filter(({ weight }) => weight !== 0)
    .map((part) => ({ weight: part.weight, key: keyOf(part.term) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.weight - b.weight));
  const [first] = parts;
  if (first === undefined) return undefined;
  const factor = Math.abs(first.weight);
  const shares = parts.map(
    ({ weight, key }) => `${Number((weight / factor).toPrecision(9))} ${key}`,
  );
  return { key: JSON.stringify(shares), factor };
};

interface Seen {
  readonly span: Span;
  readonly factor: number;
}

/** The same loss of the same networks added twice, be it with another weight. */
const checkSummands = ({ objective }: Player, { context, report }: GameLook): void => {
  const seen = new Map<string, Seen>();
  const told = new Set<string>();
  for (const term of summands(objective)) {
    const { span } = term;
    const found = scaled(term);
    if (found === undefined) continue;
    const first = seen.get(found.key);
    if (first === undefined) {
      seen.set(found.key, { span, factor: found.factor });
      continue;
    }
    if (told.has(found.key)) continue;
    told.add(found.key);
    const [earlier, again] = [first.span, span].map((place) => context.quote(place));
    const isEqual = Math.abs(found.factor / first.factor - 1) < 1e-9;
    const how = isEqual ? "written otherwise" : "with another weight";
    const message =
      earlier === again
        ? `\`${again}\` is added twice`
        : `\`${again}\` is \`${earlier}\` again, ${how}`;
    report("GAN604", span, message, {
      labels: [{ span: first.span, text: "the first is here" }],
      notes: [
        isEqual
          ? "If it is meant to count twice, write `2 * …`; mostly another network is meant."
          : "Their weights add up. One term with one weight says so; mostly another network, or one half of it, is meant.",
      ],
    });
  }
};

export const repeatedTerms: Lint = {
  name: "repeated-terms",
  codes: ["GAN604"],
  player: checkSummands,
};
