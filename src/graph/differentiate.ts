/** Derivatives, in reverse mode: from a graph to a graph, which can be differentiated again. */
import { type Node, ordered, sizeOf } from "./graph.js";
import { add } from "./operators/arithmetic.js";
import { operatorOf } from "./operators/index.js";
import { constant } from "./operators/sources.js";

/** Which of the node's inputs get a gradient from it. */
const passes = (node: Node): readonly boolean[] =>
  // What a rule would build is not looked at, so any node of the value's shape does for its gradient.
  operatorOf(node)
    .vjp(node, node)
    .map((build) => build !== undefined);

/** The nodes through which a change of one of `wrt` reaches the end, of nodes in order. */
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
 * The gradients of `value`, which holds a single number, for each of `wrt`, of their shapes. Nodes on no way from one of
 * `wrt` to the value are not visited; a node that the value does not depend on has the gradient zero. Time and
 * the number of new nodes are linear in the number of nodes that the value depends on.
 * @throws Error where the value holds more than one number.
 */
export const gradients = (value: Node, wrt: readonly Node[]): ReadonlyMap<Node, Node> => {
  if (sizeOf(value.shape) !== 1)
    throw new Error(`only a single number has gradients, not [${value.shape.join(", ")}]`);
  const order = ordered([value]);
  const reached = between(order, new Set(wrt));
  const found = new Map<Node, Node>();
  if (reached.has(value)) found.set(value, constant(1, value.shape));
  for (const node of order.toReversed()) {
    // all that use the node come after it, so its gradient is complete
    const dy = found.get(node);
    if (dy === undefined || !node.inputs.some((input) => reached.has(input))) continue;
    const builds = operatorOf(node).vjp(node, dy);
    node.inputs.forEach((input, i) => {
      const build = builds[i];
      if (build === undefined || !reached.has(input)) return;
      const before = found.get(input);
      found.set(input, before === undefined ? build() : add(before, build()));
    });
  }
  return new Map(wrt.map((node) => [node, found.get(node) ?? constant(0, node.shape)]));
};
