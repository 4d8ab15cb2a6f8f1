/** Guarantees about the state that goes into a program and comes out of it. */
import { inputName, sameShape } from "../graph/graph.js";
import type { Guarantee } from "../graph/guarantees.js";
import { nextName } from "./names.js";

/** Every new entry of the state fits where the old one was. */
export const entriesKeepTheirShapes: Guarantee = {
  doc: "an entry of the state goes out in the shape in which it came in",
  broken: (graph) =>
    graph.inputs.flatMap((node) => {
      const name = inputName(node);
      const next = graph.outputs.get(nextName(name));
      return next === undefined || sameShape(next.shape, node.shape)
        ? []
        : [`${name} is [${node.shape}], and [${next.shape}] comes out in its place`];
    }),
};
