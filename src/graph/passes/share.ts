/**
 * Common subexpressions: equal operators on equal inputs are one node. It is what makes `G(x)` in three losses one
 * computation, and what lets a player use a forward that another has already made at the same weights.
 */
import type { Attributes, Graph, Node } from "../graph.js";
import { onInputs, rewrite } from "./rewrite.js";

const texts = new WeakMap<Attributes, string>();

/** Attributes as text; those of large constants are long, and stand in many graphs. */
const textOf = (attributes: Attributes): string => {
  const text = texts.get(attributes) ?? JSON.stringify(attributes);
  texts.set(attributes, text);
  return text;
};

export const share = (graph: Graph): Graph => {
  const known = new Map<string, Node>();
  const ids = new Map<Node, number>();
  return rewrite(graph, (node, inputs) => {
    const key = `${node.operator} ${inputs.map((input) => ids.get(input)).join(" ")} ${textOf(node.attributes)}`;
    const first = known.get(key) ?? onInputs(node, inputs);
    known.set(key, first);
    if (!ids.has(first)) ids.set(first, ids.size);
    return first;
  });
};
