/**
 * Dead code. What no output needs is not in a graph to begin with; what can be left over are inputs that nothing reads,
 * such as the history of a term that was folded away. They are still fed where the program's caller knows them, so only
 * those that `keep` does not name go.
 */
import { type Graph, inputName, ordered } from "../graph.js";

export const removeDead = (graph: Graph, keep: ReadonlySet<string> = new Set()): Graph => {
  const used = new Set(ordered(graph.outputs.values()));
  return {
    ...graph,
    inputs: graph.inputs.filter((node) => used.has(node) || keep.has(inputName(node))),
  };
};
