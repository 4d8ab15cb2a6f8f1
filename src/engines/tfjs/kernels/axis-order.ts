/**
 * Orders of axes in memory. A graph computes with images [n, c, h, w] and weights [o, i, kh, kw];
 * TensorFlow's kernels for the processor want images [n, h, w, c] and weights [kh, kw, i, o]. So
 * each value has an order, fixed when the graph is compiled. Elementwise and per-axis operations
 * work in any order, and a transpose only renames axes without moving numbers.
 */
import type { Node, Shape } from "../../../graph/graph.js";

/** Axis i of the memory is axis order[i] of the value. */
export type Order = readonly number[];

/** [n, c, h, w] held as [n, h, w, c]. */
export const IMAGES: Order = [0, 2, 3, 1];
/** [o, i, kh, kw] held as [kh, kw, i, o]. */
export const WEIGHTS: Order = [2, 3, 1, 0];

export const inOrder = (rank: number): Order => [...Array(rank).keys()];

export const sameOrder = (a: Order, b: Order): boolean =>
  a.length === b.length && a.every((axis, i) => axis === b[i]);

/** Permutes what belongs to the axes of a value to the axes of its memory. */
export const held = <T>(byAxis: readonly T[], order: Order): readonly T[] =>
  order.map((axis) => byAxis[axis] as T);

/** Maps axes of a value to axes of its memory, ascending. */
export const heldAxes = (axes: readonly number[], order: Order): readonly number[] =>
  axes.map((axis) => order.indexOf(axis)).sort((a, b) => a - b);

/** Tells whether at most one axis is longer than 1, so that every order is the same memory. */
export const isVector = (shape: Shape): boolean => shape.filter((side) => side > 1).length <= 1;

/** Returns the order of `transpose(x, axes)` if the memory of x, in `order`, stays as it is. */
export const renamed = (order: Order, axes: readonly number[]): Order =>
  order.map((axis) => axes.indexOf(axis));

/** The steps from one memory to another, in this sequence. An absent step is not needed. */
export interface Conversion {
  readonly before?: Shape;
  readonly transpose?: Order;
  readonly after?: Shape;
}

/**
 * Converts the memory of a value of this shape to another order. If `to` has more axes, the value
 * has leading axes of 1, as in broadcasting.
 */
export const conversion = (shape: Shape, from: Order, to: Order): Conversion => {
  const added = to.length - shape.length;
  const sides = [...Array<number>(added).fill(1), ...shape];
  const source = [...inOrder(added), ...from.map((axis) => axis + added)];
  if (sameOrder(source, to)) return added === 0 ? {} : { after: held(sides, to) };
  const long = (order: Order): Order => order.filter((axis) => sides[axis] !== 1);
  if (sameOrder(long(source), long(to))) return { after: held(sides, to) };
  const transpose = to.map((axis) => source.indexOf(axis));
  return added === 0 ? { transpose } : { before: held(sides, source), transpose };
};

export interface Layout {
  /** For each input the order that it must be held in; undefined if any will do. */
  readonly inputs: readonly (Order | undefined)[];
  readonly value: Order;
}

/** Decides the layout of a node whose inputs are held in these orders. */
export type LayoutRule = (node: Node, orders: readonly Order[]) => Layout;

/** Requires a given order for each input, and the last one for the value. */
export const fixed =
  (...orders: readonly [...Order[], Order]): LayoutRule =>
  () => ({ inputs: orders.slice(0, -1), value: orders.at(-1) as Order });

/** Requires the order as written. */
export const asWritten: LayoutRule = (node) => ({
  inputs: node.inputs.map(({ shape }) => inOrder(shape.length)),
  value: inOrder(node.shape.length),
});

/** Holds everything in the order of the largest input; scalars have none. */
export const aligned: LayoutRule = (node, orders) => {
  const sizes = node.inputs.map(({ shape }) =>
    shape.length === node.shape.length ? shape.reduce((a, b) => a * b, 1) : -1,
  );
  const value = orders[sizes.indexOf(Math.max(...sizes))] ?? inOrder(node.shape.length);
  return {
    inputs: node.inputs.map(({ shape }) => (shape.length === 0 ? undefined : value)),
    value,
  };
};

/**
 * Returns the order if every order is the same memory, or nothing decides: values with four axes
 * mostly meet images.
 */
export const preferred = (shape: Shape): Order =>
  shape.length === 4 ? IMAGES : inOrder(shape.length);
