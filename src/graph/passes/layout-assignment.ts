/**
 * Layout assignment. A weight that every use transposes in the same way is held transposed, with
 * its moments and average. The transpose then runs when the state is read or written, not in every
 * step.
 */
import { type Graph, inputName, type Node, nodesOf } from "../graph.js";
import { isOf } from "../operator.js";
import { operatorOf } from "../operators/index.js";
import { transpose, transposeOperator } from "../operators/shaping.js";
import { input, isInput } from "../operators/sources.js";
import { rewrite } from "./rewrite.js";

/**
 * Layouts by the name of a state entry: axis i of the held tensor is axis order[i] of the entry.
 */
export type Held = ReadonlyMap<string, readonly number[]>;

/**
 * Returns the group of an entry. The layout of `param/G.conv.weight` holds for
 * `adam.m/G.conv.weight`.
 */
export type GroupOf = (name: string) => string | undefined;

const ordersOf = (graph: Graph): ReadonlyMap<Node, ReadonlySet<string>> => {
  const orders = new Map<Node, Set<string>>();
  for (const node of nodesOf(graph))
    for (const operand of node.inputs) {
      if (!isInput(operand)) continue;
      const set = orders.get(operand) ?? new Set<string>();
      // Arithmetic element by element, as in an update, is the same in any order.
      if (isOf(node, transposeOperator)) set.add(String(node.attributes.order));
      else if (operatorOf(node).extent !== "pairwise") set.add(node.operator);
      orders.set(operand, set);
    }
  return orders;
};

const inverse = (order: readonly number[]): readonly number[] =>
  order.map((_, axis) => order.indexOf(axis));

const permuted = (shape: readonly number[], order: readonly number[]): readonly number[] =>
  order.map((axis) => shape[axis] as number);

/** Chooses the layout to which every use of a group's leader transposes it. */
export const chooseLayouts = (
  graph: Graph,
  groupOf: GroupOf,
  isLeader: (name: string) => boolean,
): Held => {
  const uses = ordersOf(graph);
  const groups = new Map<string, readonly number[]>();
  for (const node of graph.inputs) {
    const name = inputName(node);
    const group = groupOf(name);
    const [only, ...others] = uses.get(node) ?? [];
    if (group === undefined || !isLeader(name) || only === undefined || others.length > 0) continue;
    const order = only.split(",").map(Number);
    if (order.length === node.shape.length && order.every(Number.isInteger))
      groups.set(group, order);
  }
  return new Map(
    graph.inputs.flatMap((node) => {
      const name = inputName(node);
      const order = groups.get(groupOf(name) ?? "");
      return order === undefined ? [] : [[name, order] as const];
    }),
  );
};

/**
 * Makes entries come in, and go out under `output(name)`, in their held layouts. This adds
 * transposes after inputs and before outputs, which `sinkTransposes` then cancels.
 */
export const assignLayouts = (
  graph: Graph,
  held: Held,
  output: (name: string) => string,
): Graph => {
  const replaced = new Map<Node, Node>();
  const inputs = graph.inputs.map((node) => {
    const order = held.get(inputName(node));
    if (order === undefined) return node;
    const shape = permuted(node.shape, order);
    const now = { ...input(inputName(node), shape), provenance: node.provenance };
    replaced.set(node, transpose(now, inverse(order)));
    return now;
  });
  const outputs = new Map(rewrite(graph, (node) => replaced.get(node)).outputs);
  for (const [name, order] of held) {
    const value = outputs.get(output(name));
    if (value !== undefined) outputs.set(output(name), transpose(value, order));
  }
  return { ...graph, inputs, outputs };
};
