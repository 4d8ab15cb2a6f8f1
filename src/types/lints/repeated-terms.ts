/** Terms that a player's objective has twice: by what they mean, however they are written. */
import type { Span } from "../../base/source.js";
import { linearForm } from "../ranges/linear-form.js";
import type { Context } from "../values/context.js";
import type { Player } from "../values/player.js";
import { children, type Draw, summands, type Term } from "../values/term.js";
import { domainName } from "../values/value.js";

/** One step draws once for each domain: what a draw is called, and which expectation draws it, does not matter. */
const drawKey = ({ domain, slot, joint }: Draw): readonly unknown[] => [
  "draw",
  domainName(domain),
  slot,
  ...(joint ?? []).map(domainName),
];

const known = new WeakMap<Term, string>();

/** Equal for terms that mean the same value, as far as sums, products and distances do not care for order. */
export const keyOf = (term: Term): string => {
  const key = known.get(term) ?? JSON.stringify(partsOf(term));
  known.set(term, key);
  return key;
};

/** Those that a term's own kind adds to its children. */
const partsOf = (term: Term): readonly unknown[] => {
  const below = children(term).map(keyOf);
  switch (term.kind) {
    case "constant":
      return ["number", term.value];
    case "draw":
      return drawKey(term);
    case "variable":
      return ["variable", term.depth];
    case "apply":
      return ["apply", term.net.name, ...below];
    case "replay":
      return ["replay", term.size, ...below];
    case "relabel":
      return ["as", domainName(term.domain), ...below];
    case "distance":
      return [term.of.name, ...below.toSorted()];
    case "pointwise":
    case "function":
      return [term.of.name, ...below];
    case "arithmetic":
      return [term.operator, ...(["+", "*"].includes(term.operator) ? below.toSorted() : below)];
    case "mean":
    case "loss":
    case "objective":
      return ["sum", sumKey(term)];
    default:
      return [term.kind, ...below];
  }
};

/** Of a loss: what it is a sum of, in any order; nothing where all of it is times 0. */
const sumKey = (term: Term): string | undefined => {
  const parts = linearForm(term)
    .filter(({ weight }) => weight !== 0)
    .map((part) => `${Number(part.weight.toPrecision(12))} ${keyOf(part.term)}`);
  return parts.length === 0 ? undefined : JSON.stringify(parts.toSorted());
};

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
export const warnOfRepeatedTerms = (context: Context, { objective }: Player): void => {
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
    context.report("GAN604", span, message, {
      labels: [{ span: first.span, text: "the first is here" }],
      notes: [
        isEqual
          ? "If it is meant to count twice, write `2 * …`; mostly another network is meant."
          : "Their weights add up. One term with one weight says so; mostly another network, or one half of it, is meant.",
      ],
    });
  }
};
