/** Terms by what they mean, however they are written. */

import { domainName } from "./domain-type.js";
import { linearForm } from "./linear-form.js";
import { children, type Draw, type Term } from "./term.js";

/**
 * One step draws once for each domain: what a draw is called, and which expectation draws it, does
 * not matter.
 */
const drawKey = ({ domain, slot, joint, isPartial }: Draw): readonly unknown[] => [
  "draw",
  domainName(domain),
  slot,
  ...(joint ?? []).map(domainName),
  ...(isPartial === true ? [true] : []),
];

const known = new WeakMap<Term, string>();

/**
 * Equal for terms that mean the same value, as far as sums, products and distances do not care for
 * order.
 */
export const keyOf = (term: Term): string => {
  // Not as JSON: what is quoted within quotes within quotes doubles with each term around it.
  const key = known.get(term) ?? `(${partsOf(term).join(" ")})`;
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

/** A key for the sum that a loss is, whatever its order. Nothing where all of it is times 0. */
const sumKey = (term: Term): string | undefined => {
  const parts = linearForm(term)
    .filter(({ weight }) => weight !== 0)
    .map((part) => `${Number(part.weight.toPrecision(12))} ${keyOf(part.term)}`);
  return parts.length === 0 ? undefined : parts.toSorted().join(" + ");
};
