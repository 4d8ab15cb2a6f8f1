/** Numerically stable forms: the writer writes the formula, the compiler computes it without overflow. */
import { stableForms } from "../operators/functions.js";
import type { Term } from "../types/values/term.js";

const isPointwise = (term: Term, name: string): term is Extract<Term, { kind: "pointwise" }> =>
  term.kind === "pointwise" && term.of.name === name;

/**
 * `1 - sigmoid(z)`: gives z. The 1 is written as such: a formal that happens to be 1 would give a use of a loss another
 * shape than the loss itself has.
 */
const complementOfSigmoid = (term: Term): Term | undefined => {
  const isOneMinus =
    term.kind === "arithmetic" &&
    term.operator === "-" &&
    term.left.kind === "constant" &&
    (term.left.expr.kind === "int" || term.left.expr.kind === "real") &&
    term.left.value === 1;
  return isOneMinus && isPointwise(term.right, "sigmoid") ? term.right.input : undefined;
};

const rewritten = (term: Term): Term => {
  if (!isPointwise(term, "log")) return term;
  const { input } = term;
  if (isPointwise(input, "sigmoid"))
    return { ...term, of: stableForms.logSigmoid, input: input.input };
  const z = complementOfSigmoid(input);
  return z === undefined ? term : { ...term, of: stableForms.logOneMinusSigmoid, input: z };
};

/** The term with every unstable form below it replaced. */
export const stabilise = (term: Term): Term => {
  switch (term.kind) {
    case "constant":
    case "draw":
    case "variable":
      return term;
    case "gradient":
      return { ...term, body: stabilise(term.body), at: stabilise(term.at) };
    case "apply":
    case "function":
      return { ...term, inputs: term.inputs.map(stabilise) };
    case "replay":
    case "relabel":
    case "negate":
      return { ...term, input: stabilise(term.input) };
    case "pointwise": {
      const whole = rewritten(term);
      return whole.kind === "pointwise" ? { ...whole, input: stabilise(whole.input) } : whole;
    }
    case "distance":
    case "arithmetic":
      return { ...term, left: stabilise(term.left), right: stabilise(term.right) };
    case "concat":
      return { ...term, items: term.items.map(stabilise) };
    case "mean":
    case "loss":
    case "objective":
      return { ...term, body: stabilise(term.body) };
  }
};
