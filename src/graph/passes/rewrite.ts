/** Rewriting a graph from its inputs to its outputs. */
import { type Graph, type Node, nodesOf, type Provenance } from "../graph.js";

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

/** What rules have made so far, each node of it part of what the node was part of that it was made for. */
class Made {
  /** Each by the node as the rule made it, and by itself. */
  private readonly nodes = new Map<Node, Node>();

  /** A node that is made, or that was: then as it is. */
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
 * Every node replaced by what the rule says, each once, inputs before what uses them. Nodes that a rule makes have the provenance of
 * the node that they stand for.
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
