/** The runtime's functions that formulas call. */
import { children, type Term } from "../../types/values/term.js";

/** Those that a formula may call: nothing else in the module has their names. */
export const functionsIn = (term: Term): readonly string[] => [
  ...ownFunctions(term).filter((name) => !name.startsWith("tf.")),
  ...children(term).flatMap(functionsIn),
];

const ownFunctions = (term: Term): readonly string[] => {
  switch (term.kind) {
    case "pointwise":
    case "function":
      return [term.of.tfjs];
    case "distance":
      return [term.of.tfjs, `${term.of.tfjs}Each`];
    case "concat":
      return ["join"];
    default:
      return [];
  }
};
