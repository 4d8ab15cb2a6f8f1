/**
 * Transpose sinking. Transposes of images move towards the outputs, through operators that work
 * element by element or over whole axes, until they meet their inverse and cancel. A chain of
 * blocks whose convolutions compute in [h, w, n, c] then stays in that order from end to end.
 */
import { impossible } from "../../base/impossible.js";
import { make } from "../build.js";
import { type Graph, type Node, nodesOf, sizeOf } from "../graph.js";
import { isOf } from "../operator.js";
import { operatorOf } from "../operators/index.js";
import { transpose, transposeOperator } from "../operators/shaping.js";
import { rewrite } from "./rewrite.js";

type Order = readonly number[];

const orderOf = (node: Node): Order | undefined =>
  isOf(node, transposeOperator) ? (node.attributes.order as Order) : undefined;

const inverse = (order: Order): Order => order.map((_, axis) => order.indexOf(axis));

/** Rebuilds the node on inputs of other shapes. */
const remade = (node: Node, inputs: readonly Node[], attributes = node.attributes): Node => ({
  ...make(operatorOf(node), inputs, attributes),
  label: node.label,
});

const under = (transposed: Node): Node => transposed.inputs[0] ?? impossible("nothing transposed");

const sameOrder = (a: Order, b: Order): boolean => a.join() === b.join();

/** The orders in which the graph already holds each value. */
type Transposed = ReadonlyMap<Node, readonly Order[]>;

const transposedIn = (nodes: Iterable<Node>): Transposed => {
  const found = new Map<Node, Order[]>();
  for (const node of nodes) {
    const order = orderOf(node);
    if (order === undefined) continue;
    const x = under(node);
    found.set(x, [...(found.get(x) ?? []), order]);
  }
  return found;
};

interface Operand {
  /** The replacement of the operand. */
  readonly node: Node;
  /** Orders in which the graph holds it anyway. */
  readonly orders: readonly Order[];
}

/**
 * Returns the operand without the transpose `order` where that costs nothing: the transpose is its
 * own, or the operand is small, or the graph holds it so anyway.
 */
const without = ({ node, orders }: Operand, order: Order): Node | undefined => {
  if (node.shape.length === 0) return node;
  const own = orderOf(node);
  const back = inverse(order);
  if (own !== undefined && sameOrder(own, order)) return under(node);
  if (node.shape.length !== order.length) return undefined;
  const isVector = sizeOf(node.shape) === Math.max(...node.shape);
  const isThere = orders.some((other) => sameOrder(other, back));
  return isVector || isThere ? transpose(node, back) : undefined;
};

const movedDown = (node: Node, operands: readonly Operand[]): Node | undefined => {
  const inputs = operands.map((operand) => operand.node);
  const order = inputs.map(orderOf).find((found) => found?.length === 4);
  const [x] = inputs;
  if (order === undefined || x === undefined) return undefined;
  if (isOf(node, transposeOperator))
    return sameOrder(node.attributes.order as Order, inverse(order)) ? under(x) : undefined;
  switch (operatorOf(node).extent) {
    case "elementwise":
      return transpose(remade(node, [under(x)]), order);
    case "over axes": {
      const axes = (node.attributes.axes as Order).map((axis) => order[axis] as number);
      const attributes = { ...node.attributes, axes: axes.sort((a, b) => a - b) };
      return transpose(remade(node, [under(x)], attributes), order);
    }
    case "pairwise": {
      const moved = operands.flatMap((operand) => without(operand, order) ?? []);
      return moved.length === inputs.length ? transpose(remade(node, moved), order) : undefined;
    }
    case "each image":
    case undefined:
      return undefined;
  }
};

/** Moves transposes of images towards the outputs, and cancels inverse pairs. */
export const sinkTransposes = (graph: Graph): Graph => {
  const orders = transposedIn(nodesOf(graph));
  return rewrite(graph, (node, inputs) =>
    movedDown(
      node,
      inputs.map((input, i) => ({
        node: input,
        orders: orders.get(node.inputs[i] as Node) ?? [],
      })),
    ),
  );
};
