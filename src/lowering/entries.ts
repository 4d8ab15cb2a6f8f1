/** What programs promise of the state that goes in and comes out. */
import { inputName, sameShape } from "../graph/graph.js";
import type { Guarantee } from "../graph/guarantees.js";
import { nextName } from "./names.js";

/** What goes out in the place of an entry of the state can stand in its place. */
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
