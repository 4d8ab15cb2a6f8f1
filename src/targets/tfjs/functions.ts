/** The runtime's functions that formulas call. */
import { functionOf } from "../../operators/functions.js";
import { foldTerm, type Term } from "../../program/term.js";

/** Those that a formula may call: nothing else in the module has their names. */
export const functionsIn = (term: Term): readonly string[] =>
  foldTerm<readonly string[]>(term, (t, below) => [
    ...ownFunctions(t).filter((name) => !name.startsWith("tf.")),
    ...below.flat(),
  ]);

const ownFunctions = (term: Term): readonly string[] => {
  switch (term.kind) {
    case "pointwise":
    case "function":
      return [functionOf(term.of).tfjs];
    case "distance": {
      const { tfjs } = functionOf(term.of);
      return [tfjs, `${tfjs}Each`];
    }
    case "concat":
      return ["join"];
    default:
      return [];
  }
};
