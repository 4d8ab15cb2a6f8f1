/**
 * Dead code elimination. A graph holds only what its outputs need, but may list inputs that nothing
 * reads, such as a history whose term was folded away. This drops them.
 */
import { type Graph, ordered } from "../graph.js";

export const eliminateDeadInputs = (graph: Graph): Graph => {
  const used = new Set(ordered(graph.outputs.values()));
  return { ...graph, inputs: graph.inputs.filter((node) => used.has(node)) };
};
