/** Evaluates a graph by each operator's plain loops, in float64. This is the meaning of a graph. */
import { type Graph, inputName, type Node, ordered, sameShape, sizeOf } from "./graph.js";
import type { Tensor } from "./operator.js";
import { operatorOf } from "./operators/index.js";

const show = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

const fed = (node: Node, inputs: ReadonlyMap<string, Tensor>): Tensor => {
  const name = inputName(node);
  const value = inputs.get(name);
  if (value === undefined) throw new Error(`the input ${name} is missing`);
  if (!sameShape(value.shape, node.shape))
    throw new Error(
      `the input ${name} has the shape ${show(value.shape)}, not ${show(node.shape)}`,
    );
  if (value.data.length !== sizeOf(node.shape))
    throw new Error(
      `the input ${name} holds ${value.data.length} numbers, not ${sizeOf(node.shape)}`,
    );
  return value;
};

/** For each node, the last one that reads it. */
const lastReaders = (order: readonly Node[]): ReadonlyMap<Node, Node> =>
  new Map(order.flatMap((node) => node.inputs.map((input) => [input, node] as const)));

const computed = (node: Node, values: ReadonlyMap<Node, Tensor>): Tensor => {
  const inputs = node.inputs.map((input) => values.get(input) as Tensor);
  return {
    shape: node.shape,
    data: operatorOf(node).evaluate(inputs, node.attributes, node.shape),
  };
};

/**
 * The outputs of the graph, by name, for the inputs given by name. An intermediate value is kept
 * until its last use. What an operator gives passes through `rounded`, which by default keeps it.
 * @throws Error naming an input of the graph that is missing or has another shape; others may be
 *   there.
 */
export const evaluate = (
  graph: Graph,
  inputs: ReadonlyMap<string, Tensor>,
  rounded: (value: Tensor) => Tensor = (value) => value,
): ReadonlyMap<string, Tensor> => {
  const values = new Map(graph.inputs.map((node) => [node, fed(node, inputs)]));
  const order = ordered(graph.outputs.values());
  const last = lastReaders(order);
  const kept = new Set(graph.outputs.values());
  for (const node of order) {
    if (!values.has(node)) values.set(node, rounded(computed(node, values)));
    for (const input of node.inputs)
      if (last.get(input) === node && !kept.has(input)) values.delete(input);
  }
  return new Map([...graph.outputs].map(([name, node]) => [name, values.get(node) as Tensor]));
};
