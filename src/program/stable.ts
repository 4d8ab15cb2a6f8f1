/**
 * Numerically stable forms: the writer writes the formula, the compiler computes it without
 * overflow.
 */
import { log, sigmoid, stableForms } from "../operators/functions.js";
import { type GenericTerm, mapTerm, type Term } from "./term.js";

/** The value that a function of that name is taken of. */
const inputOf = (term: GenericTerm, name: string): GenericTerm | undefined =>
  term.kind === "pointwise" && term.of === name ? term.input : undefined;

/**
 * `1 - sigmoid(z)`: gives z. The 1 is written as such: a formal that happens to be 1 would give a
 * use of a loss another shape than the loss itself has.
 */
const complementOfSigmoid = (term: GenericTerm): GenericTerm | undefined => {
  const isOneMinus =
    term.kind === "arithmetic" &&
    term.operator === "-" &&
    term.left.kind === "constant" &&
    term.left.written.kind === "number" &&
    term.left.value === 1;
  return isOneMinus ? inputOf(term.right, sigmoid.name) : undefined;
};

const rewritten = (term: GenericTerm): GenericTerm => {
  if (term.kind !== "pointwise" || term.of !== log.name) return term;
  const { logSigmoid, logOneMinusSigmoid } = stableForms;
  const of = inputOf(term.input, sigmoid.name);
  if (of !== undefined) return { ...term, of: logSigmoid.name, input: of };
  const complement = complementOfSigmoid(term.input);
  return complement === undefined
    ? term
    : { ...term, of: logOneMinusSigmoid.name, input: complement };
};

/** The term with every unstable form replaced. */
export function stabilise(term: Term): Term;
export function stabilise(term: GenericTerm): GenericTerm;
export function stabilise(term: GenericTerm): GenericTerm {
  return mapTerm(term, rewritten);
}
