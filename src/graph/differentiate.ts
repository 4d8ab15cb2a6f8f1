/** Differentiates in reverse mode, from graph to graph. The result can be differentiated again. */
import { type Node, ordered, type Provenance, sizeOf } from "./graph.js";
import { add } from "./operators/arithmetic.js";
import { operatorOf } from "./operators/index.js";
import { constant } from "./operators/sources.js";
import { derivedProvenance } from "./provenance.js";

/** Tells for each input whether a gradient flows to it. */
const passes = (node: Node): readonly boolean[] =>
  // What a rule would build is not looked at, so any node of the value's shape does for its
  // gradient.
  operatorOf(node)
    .vjp(node, node)
    .map((build) => build !== undefined);

/** Finds the nodes that carry a change of one of `wrt` to the end. */
const between = (order: readonly Node[], wrt: ReadonlySet<Node>): ReadonlySet<Node> => {
  const reached = new Set<Node>();
  for (const node of order) {
    if (wrt.has(node)) reached.add(node);
    else if (node.inputs.some((input) => reached.has(input))) {
      const open = passes(node);
      if (node.inputs.some((input, i) => open[i] && reached.has(input))) reached.add(node);
    }
  }
  return reached;
};

/**
 * Returns each node's label, or else the label of the next labelled node on the way to the end. A
 * layer's label stands on its last node.
 */
const labelsOf = (order: readonly Node[]): ReadonlyMap<Node, string> => {
  const found = new Map<Node, string>();
  for (const node of order.toReversed()) {
    const label = node.label ?? found.get(node);
    if (label === undefined) continue;
    found.set(node, label);
    for (const input of node.inputs) if (!found.has(input)) found.set(input, label);
  }
  return found;
};

/**
 * Labels the nodes that rules build, `d G.conv` for the derivative of `G.conv`, and gives them
 * provenance.
 */
class Labels {
  private readonly of: ReadonlyMap<Node, string>;
  /** Each node with its label; nodes that were there before stand for themselves. */
  private readonly done: Map<Node, Node>;

  constructor(
    order: readonly Node[],
    private readonly by: string | undefined,
  ) {
    this.of = labelsOf(order);
    this.done = new Map(order.map((node) => [node, node]));
  }

  /** A node that no rule built. */
  keep(node: Node): Node {
    this.done.set(node, node);
    return node;
  }

  /** What the rule of `node` built, and all that it is made of and was not there before. */
  built(made: Node, node: Node): Node {
    const place = this.of.get(node);
    const label = place === undefined ? undefined : `d ${place}`;
    const provenance =
      this.by === undefined ? undefined : derivedProvenance(node.provenance, this.by);
    return label === undefined && provenance === undefined
      ? this.keep(made)
      : this.labelled(made, label, provenance);
  }

  private labelled(
    made: Node,
    label: string | undefined,
    provenance: Provenance | undefined,
  ): Node {
    const known = this.done.get(made);
    if (known !== undefined) return known;
    // One constant serves many places.
    if (made.inputs.length === 0) return this.keep(made);
    const inputs = made.inputs.map((input) => this.labelled(input, label, provenance));
    const node = {
      ...made,
      inputs,
      label: made.label ?? label,
      provenance: made.provenance ?? provenance,
    };
    this.done.set(made, node);
    return this.keep(node);
  }
}

/**
 * The gradients of `value`, which holds a single number, for each of `wrt`, of their shapes. Nodes
 * on no way from one of `wrt` to the value are not visited; a node that the value does not depend
 * on has the gradient zero. Time and the number of new nodes are linear in the number of nodes that
 * the value depends on. What is made has a provenance where the differentiation has a name, `by`.
 * @throws Error where the value holds more than one number.
 */
export const gradients = (
  value: Node,
  wrt: readonly Node[],
  by?: string,
): ReadonlyMap<Node, Node> => {
  if (sizeOf(value.shape) !== 1)
    throw new Error(`only a single number has gradients, not [${value.shape.join(", ")}]`);
  const order = ordered([value]);
  const reached = between(order, new Set(wrt));
  const labels = new Labels(order, by);
  const found = new Map<Node, Node>();
  if (reached.has(value)) found.set(value, labels.keep(constant(1, value.shape)));
  for (const node of order.toReversed()) {
    // all that use the node come after it, so its gradient is complete
    const dy = found.get(node);
    if (dy === undefined || !node.inputs.some((input) => reached.has(input))) continue;
    const builds = operatorOf(node).vjp(node, dy);
    node.inputs.forEach((input, i) => {
      const build = builds[i];
      if (build === undefined || !reached.has(input)) return;
      const part = labels.built(build(), node);
      const before = found.get(input);
      found.set(input, before === undefined ? part : labels.built(add(before, part), input));
    });
  }
  return new Map(wrt.map((node) => [node, found.get(node) ?? constant(0, node.shape)]));
};
