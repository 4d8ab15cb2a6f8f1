/**
 * Squares that formulas do not call so: `u * u`, and variances, `mean(u * u) - mean(u) * mean(u)`,
 * which are never less than 0 (Jensen's inequality), whatever the ranges of their parts say.
 */

import type { Term } from "../values/term.js";
import { keyOf } from "../values/term-key.js";

/** What a term is the square of. */
export const rootOf = (term: Term): Term | undefined => {
  switch (term.kind) {
    case "relabel":
      return rootOf(term.input);
    case "pointwise":
      return term.of.squares === true ? term.input : undefined;
    case "arithmetic": {
      const { operator, left, right } = term;
      if (operator === "^" && right.kind === "constant" && right.value === 2) return left;
      return operator === "*" && keyOf(left) === keyOf(right) ? left : undefined;
    }
    default:
      return undefined;
  }
};

type Mean = Extract<Term, { kind: "function" }>;

/** Whether each of its values is a mean of its input's, by weights that only its numbers fix. */
const isMean = (term: Term | undefined): term is Mean =>
  term?.kind === "function" && (term.of.averages === true || term.of.layer?.averages === true);

/** What a mean is taken by: equal for means by equal weights. */
const weightsOf = ({ of, inputs }: Mean): string =>
  JSON.stringify([of.name, ...inputs.slice(of.values.length).map(keyOf)]);

/** Whether one term is a mean of squares, and the other the square of the same mean. */
export const isVariance = (
  squares: Term | undefined,
  of: Term | undefined = undefined,
): boolean => {
  if (squares === undefined || of === undefined) return false;
  if (!isMean(squares) || !isMean(of)) {
    const root = rootOf(squares);
    return root !== undefined && keyOf(root) === keyOf(of);
  }
  return weightsOf(squares) === weightsOf(of) && isVariance(squares.inputs[0], of.inputs[0]);
};
