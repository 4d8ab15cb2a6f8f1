/**
 * A loss as what it is a weighted sum of: sums, differences and products with numbers opened,
 * expectations and losses too.
 */
import type { Term } from "./term.js";

export interface Part {
  readonly weight: number;
  readonly term: Term;
  /** The terms that were opened on the way to it, the outermost first. */
  readonly within: readonly Term[];
}

const numberIn = (term: Term): number | undefined =>
  term.kind === "constant" ? term.value : undefined;

/**
 * The summands of a term, each with its factor. Nothing where it is neither a sum nor a multiple.
 */
const opened = (term: Term): readonly (readonly [Term, number])[] | undefined => {
  switch (term.kind) {
    case "objective":
    case "mean":
    case "loss":
      return [[term.body, 1]];
    case "negate":
      return [[term.input, -1]];
    case "arithmetic": {
      const { operator, left, right } = term;
      if (operator === "+" || operator === "-")
        return [
          [left, 1],
          [right, operator === "+" ? 1 : -1],
        ];
      const [before, behind] = [numberIn(left), numberIn(right)];
      if (operator === "*" && before !== undefined) return [[right, before]];
      if (operator === "*" && behind !== undefined) return [[left, behind]];
      return operator === "/" && behind !== undefined ? [[left, 1 / behind]] : undefined;
    }
    default:
      return undefined;
  }
};

export const linearForm = (
  term: Term,
  weight = 1,
  within: readonly Term[] = [],
): readonly Part[] => {
  const below = opened(term);
  if (below === undefined) return [{ weight, term, within }];
  const inside = [...within, term];
  return below.flatMap(([part, factor]) => linearForm(part, weight * factor, inside));
};
