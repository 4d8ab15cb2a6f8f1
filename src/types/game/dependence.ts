/**
 * How objectives depend on the scores of a network: by sums of them, by distances, or otherwise.
 */
import { children, type Term } from "../values/term.js";

/**
 * How a network stands in a term: not at all, by its scores times what does not depend on it, or
 * otherwise.
 */
export type Dependence = "absent" | "linear" | "other";

export const sumOf = (parts: readonly Dependence[]): Dependence =>
  parts.includes("other") ? "other" : parts.includes("linear") ? "linear" : "absent";

export const dependence = (term: Term, name: string): Dependence => {
  const below = children(term).map((child) => dependence(child, name));
  const isThere = sumOf(below) !== "absent";
  switch (term.kind) {
    case "apply":
      if (isThere) return "other";
      return term.net.name === name ? "linear" : "absent";
    case "replay":
      return "absent";
    case "mean":
    case "loss":
    case "objective":
    case "relabel":
    case "negate":
      return sumOf(below);
    case "function":
      return isThere && term.of.adds !== true ? "other" : sumOf(below);
    case "arithmetic": {
      const [left = "absent", right = "absent"] = below;
      if (term.operator === "+" || term.operator === "-") return sumOf(below);
      if (term.operator === "*" && (left === "absent" || right === "absent")) return sumOf(below);
      return term.operator === "/" && right === "absent" ? left : isThere ? "other" : "absent";
    }
    default:
      return isThere ? "other" : "absent";
  }
};

/** Whether a term rises with how far what it is of lies from a number: a distance, a square. */
export const isDistance = (term: Term): boolean => {
  if (term.kind === "distance" || term.kind === "pointwise" || term.kind === "function")
    return term.of.moves?.length === 1 && term.of.moves[0] === "grows";
  if (term.kind !== "arithmetic" || term.operator !== "^" || term.right.kind !== "constant")
    return false;
  const exponent = term.right.value ?? 1;
  return exponent > 0 && exponent % 2 === 0;
};
