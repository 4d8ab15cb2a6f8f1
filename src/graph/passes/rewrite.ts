/** Rewrites a graph from its inputs to its outputs. */
import { type Graph, type Node, nodesOf, type Provenance } from "../graph.js";

/**
 * Returns the replacement of `node`, given the replacements of its inputs; nothing keeps the node,
 * on its new inputs.
 */
export type Rule = (node: Node, inputs: readonly Node[]) => Node | undefined;

const sameNodes = (a: readonly Node[], b: readonly Node[]): boolean =>
  a.every((node, i) => node === b[i]);

/**
 * Returns the node on other inputs of the same shapes, or the node itself where nothing changes.
 */
export const onInputs = (node: Node, inputs: readonly Node[]): Node =>
  sameNodes(node.inputs, inputs) ? node : { ...node, inputs };

/** Nodes that rules have made. Each has the provenance of the node that it replaces. */
class Made {
  /** Keyed by the node as the rule made it, and by the finished node. */
  private readonly nodes = new Map<Node, Node>();

  /** Adds a node, or returns it where it is known. */
  add(made: Node, provenance: Provenance | undefined): Node {
    const known = made.inputs.length === 0 ? made : this.nodes.get(made);
    if (known !== undefined) return known;
    const inputs = made.inputs.map((input) => this.add(input, provenance));
    const now = onInputs(made, inputs);
    const node =
      now.provenance === undefined && provenance !== undefined ? { ...now, provenance } : now;
    this.nodes.set(made, node).set(node, node);
    return node;
  }
}

/**
 * Replaces every node by what the rule returns, once each, inputs before their readers. New nodes
 * get the provenance of the node that they replace.
 */
export const rewrite = (graph: Graph, rule: Rule): Graph => {
  const replaced = new Map<Node, Node>();
  const made = new Made();
  const of = (node: Node): Node => replaced.get(node) ?? node;
  for (const node of nodesOf(graph)) {
    const inputs = node.inputs.map(of);
    replaced.set(node, made.add(rule(node, inputs) ?? onInputs(node, inputs), node.provenance));
  }
  const outputs = new Map([...graph.outputs].map(([name, node]) => [name, of(node)]));
  return { ...graph, inputs: graph.inputs.map(of), outputs };
};
