/** Rewriting a graph from its inputs to its outputs. */
import { type Graph, type Node, nodesOf } from "../graph.js";

/**
 * What stands in the place of `node`, given what stands in the place of its inputs; nothing keeps the node itself, on
 * its new inputs.
 */
export type Rule = (node: Node, inputs: readonly Node[]) => Node | undefined;

const sameNodes = (a: readonly Node[], b: readonly Node[]): boolean =>
  a.every((node, i) => node === b[i]);

/** The node on other inputs, of the same shapes; itself where nothing changes. */
export const onInputs = (node: Node, inputs: readonly Node[]): Node =>
  sameNodes(node.inputs, inputs) ? node : { ...node, inputs };

/** Every node replaced by what the rule says, each once, inputs before what uses them. */
export const rewrite = (graph: Graph, rule: Rule): Graph => {
  const replaced = new Map<Node, Node>();
  const of = (node: Node): Node => replaced.get(node) ?? node;
  for (const node of nodesOf(graph)) {
    const inputs = node.inputs.map(of);
    replaced.set(node, rule(node, inputs) ?? onInputs(node, inputs));
  }
  const outputs = new Map([...graph.outputs].map(([name, node]) => [name, of(node)]));
  return { ...graph, inputs: graph.inputs.map(of), outputs };
};
