/** Layers that the formulas of a player apply more than once to one value. */
import { functionOf } from "../../operators/layer-functions.js";
import { formulaKey } from "../../program/forward.js";
import type { PlayerPlan } from "../../program/plan.js";
import { children, foldTerm, type Term } from "../../program/term.js";

type LayerTerm = Extract<Term, { kind: "function" }>;

const isLayer = (term: Term): term is LayerTerm =>
  term.kind === "function" && functionOf(term.of).layer !== undefined;

/** Whether it reads the variable of a gradient, which has no value outside of it. */
const isOpen = (term: Term): boolean =>
  foldTerm<boolean>(term, (t, below) => t.kind === "variable" || below.includes(true));

/** Values that code computes once, each behind those inside of it. */
export const repeatedLayers = ({ summands }: PlayerPlan): readonly LayerTerm[] => {
  const times = new Map<string, number>();
  const found: LayerTerm[] = [];
  const visit = (term: Term): void => {
    const key = isLayer(term) && !isOpen(term) ? formulaKey(term) : undefined;
    const before = key === undefined ? 0 : (times.get(key) ?? 0);
    if (key !== undefined) times.set(key, before + 1);
    // What stands inside of it is computed once with it.
    if (before > 0) return;
    children(term).forEach(visit);
    if (key !== undefined && isLayer(term)) found.push(term);
  };
  for (const { term } of summands) visit(term);
  return found.filter((term) => (times.get(formulaKey(term)) ?? 0) > 1);
};
