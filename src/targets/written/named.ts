/** Values of an objective that are reported beside its losses: parts with names, expectations. */
import { formulaKey } from "../../program/forward.js";
import type { PlayerPlan } from "../../program/plan.js";
import { children, type Term } from "../../program/term.js";

/** What an objective is made of, or the term itself. */
export const bodyOf = (term: Term): Term => (term.kind === "objective" ? bodyOf(term.body) : term);

/** The terms of a sum, in order. */
const addends = (term: Term): readonly Term[] =>
  term.kind === "arithmetic" && term.operator === "+"
    ? [...addends(term.left), ...addends(term.right)]
    : [term];

const keysOf = (terms: readonly Term[]): string =>
  terms.map((term) => formulaKey(bodyOf(term))).join(" + ");

/** Expectations of a term, without those inside of others or of losses that are called. */
const meansIn = (term: Term): readonly Term[] => {
  if (term.kind === "mean") return [term];
  return term.kind === "loss" || term.kind === "gradient" ? [] : children(term).flatMap(meansIn);
};

export interface NamedValue {
  readonly term: Term;
  /** Its name in the spec, where that is a word. */
  readonly hint: string | undefined;
}

/**
 * Objectives by name and expectations written in place, each behind the expectations inside of it,
 * which are so computed once. What is all that the player descends is not among them.
 */
export const namedValues = ({ summands, terms }: PlayerPlan): readonly NamedValue[] => {
  const all = keysOf(summands.map(({ term }) => term));
  return terms.flatMap(({ label, term }) => {
    const body = bodyOf(term);
    if (keysOf(addends(body)) === all) return [];
    const inner = body.kind === "mean" ? [] : meansIn(body);
    const hint = /^[A-Za-z_]\w*$/.test(label) ? label : undefined;
    return [...inner.map((mean) => ({ term: mean, hint: undefined })), { term: body, hint }];
  });
};
