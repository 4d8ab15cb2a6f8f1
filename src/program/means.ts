/** Which objectives are means over samples, so that a batch can be parted. */
import { children, type Term } from "./term.js";

const hasMean = (term: Term): boolean => term.kind === "mean" || children(term).some(hasMean);

/** The first part of several objectives that is not; undefined where there is none. */
export const firstBeyondMeans = (terms: readonly Term[]): Term | undefined => {
  for (const term of terms) {
    const found = beyondMeans(term);
    if (found !== undefined) return found;
  }
  return undefined;
};

/**
 * The part of an objective that is not linear in means over samples: the mean of what it is of two
 * halves of a batch is not what it is of the batch. Undefined where there is none.
 */
const beyondMeans = (term: Term): Term | undefined => {
  if (!hasMean(term)) return undefined;
  switch (term.kind) {
    case "mean":
      return hasMean(term.body) ? term : undefined;
    case "negate":
      return beyondMeans(term.input);
    case "loss":
    case "objective":
      return beyondMeans(term.body);
    case "arithmetic": {
      const { operator, left, right } = term;
      const isLinear =
        operator === "+" ||
        operator === "-" ||
        (operator === "*" && !(hasMean(left) && hasMean(right))) ||
        (operator === "/" && !hasMean(right));
      return isLinear ? firstBeyondMeans([left, right]) : term;
    }
    default:
      return term;
  }
};
