/**
 * Dead code. What no output needs is not in a graph to begin with; what can be left over are inputs that nothing reads,
 * such as those of a history whose term was folded away. They are not asked for.
 */
import { type Graph, ordered } from "../graph.js";

export const eliminateDeadInputs = (graph: Graph): Graph => {
  const used = new Set(ordered(graph.outputs.values()));
  return { ...graph, inputs: graph.inputs.filter((node) => used.has(node)) };
};
