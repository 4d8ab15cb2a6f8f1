/** Which objectives are means over samples, so that a batch can be parted. */
import type { Domain } from "./model.js";
import { children, type Term } from "./term.js";

/** Whether a domain has one value for all samples of a step. */
type IsShared = (domain: string) => boolean;

/** Whether a term is made of such values alone: its mean is that of each part of a batch. */
const isShared = (term: Term, shared: IsShared): boolean =>
  term.kind === "draw"
    ? shared(term.domain)
    : term.kind === "constant" ||
      (term.kind === "arithmetic" && children(term).every((child) => isShared(child, shared)));

const hasMean = (term: Term, shared: IsShared): boolean =>
  term.kind === "mean"
    ? !isShared(term.body, shared)
    : children(term).some((child) => hasMean(child, shared));

/**
 * The first part of several objectives that is not; undefined where there is none. Shares of
 * schedules are the same for all samples.
 */
export const firstBeyondMeans = (
  terms: readonly Term[],
  domains: readonly Domain[],
): Term | undefined => {
  const scheduled = new Set(
    domains.flatMap(({ name, kind }) => (kind === "scheduled" ? [name] : [])),
  );
  return firstOf(terms, (name) => scheduled.has(name));
};

const firstOf = (terms: readonly Term[], shared: IsShared): Term | undefined => {
  for (const term of terms) {
    const found = beyondMeans(term, shared);
    if (found !== undefined) return found;
  }
  return undefined;
};

/**
 * The part of an objective that is not linear in means over samples: the mean of what it is of two
 * halves of a batch is not what it is of the batch. Undefined where there is none.
 */
const beyondMeans = (term: Term, shared: IsShared): Term | undefined => {
  const has = (t: Term): boolean => hasMean(t, shared);
  if (!has(term)) return undefined;
  switch (term.kind) {
    case "mean":
      return has(term.body) ? term : undefined;
    case "negate":
      return beyondMeans(term.input, shared);
    case "loss":
    case "objective":
      return beyondMeans(term.body, shared);
    case "arithmetic": {
      const { operator, left, right } = term;
      const isLinear =
        operator === "+" ||
        operator === "-" ||
        (operator === "*" && !(has(left) && has(right))) ||
        (operator === "/" && !has(right));
      return isLinear ? firstOf([left, right], shared) : term;
    }
    default:
      return term;
  }
};
