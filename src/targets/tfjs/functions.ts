/** The runtime's functions that formulas call. */
import { functionOf } from "../../operators/layer-functions.js";
import { foldTerm, type Term } from "../../program/term.js";
import { camelCase } from "./names.js";

/** Those that a formula may call: nothing else in the module has their names. */
export const functionsIn = (term: Term): readonly string[] =>
  foldTerm<readonly string[]>(term, (t, below) => [
    ...ownFunctions(t).filter((name) => !name.startsWith("tf.")),
    ...below.flat(),
  ]);

const ownFunctions = (term: Term): readonly string[] => {
  switch (term.kind) {
    case "pointwise":
    case "function": {
      const { tfjs, layer } = functionOf(term.of);
      return layer === undefined ? [tfjs] : [tfjs, camelCase(layer.name)];
    }
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
