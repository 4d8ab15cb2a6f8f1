/** Lowering of shaping to ONNX. */
import { type Node, type Shape, sameShape } from "../../graph.js";
import type { OnnxEmitter, OnnxLowering } from "../../operator.js";
import { numberOf, numbersOf } from "./attributes.js";

/** x under another shape of the same size. */
export const reshaped = (emitter: OnnxEmitter, x: string, shape: Shape): string =>
  emitter.node("Reshape", [x, emitter.ints(shape)]);

/** In a shape for ONNX: the side that the input has there. */
const KEPT = 0;

/** The shape of a reshape, in which sides of an image that stay are not written. */
const openShape = (from: Shape, to: Shape): Shape => {
  const isOfImages = from.length === 4 && to.length === 4 && from[2] === to[2] && from[3] === to[3];
  return isOfImages ? [to[0] as number, to[1] as number, KEPT, KEPT] : to;
};

export const reshape: OnnxLowering = (emitter, node, [x]) => {
  const from = (node.inputs[0] as Node).shape;
  if (sameShape(node.shape, from)) return x as string;
  const shape = emitter.anySize === true ? openShape(from, node.shape) : node.shape;
  return reshaped(emitter, x as string, shape);
};

/** Whether the axes that are longer than 1 stay in their order, so that no number moves. */
const keepsOrder = (order: readonly number[], shape: Shape): boolean => {
  const long = order.filter((axis) => (shape[axis] as number) > 1);
  return long.every((axis, i) => i === 0 || axis > (long[i - 1] as number));
};

/** x, of this shape, with its axes in another order. */
export const reordered = (
  emitter: OnnxEmitter,
  x: string,
  shape: Shape,
  order: readonly number[],
): string => {
  const sides = order.map((axis) => shape[axis] as number);
  if (!keepsOrder(order, shape)) return emitter.node("Transpose", [x], { perm: { ints: order } });
  return sameShape(sides, shape) ? x : reshaped(emitter, x, sides);
};

export const transpose: OnnxLowering = (emitter, node, [x]) =>
  reordered(emitter, x as string, (node.inputs[0] as Node).shape, numbersOf(node, "order"));

/** Beyond the end of every axis. */
const END = 2 ** 31 - 1;

export const slice: OnnxLowering = (emitter, node, [x]) => {
  const [begin, end, step] = ["begin", "end", "step"].map((name) => numbersOf(node, name)) as [
    readonly number[],
    readonly number[],
    readonly number[],
  ];
  const from = (node.inputs[0] as Node).shape;
  const axes = [...from.keys()].filter((axis) => from[axis] !== node.shape[axis]);
  if (axes.length === 0) return x as string;
  const along = (values: readonly number[]) =>
    emitter.ints(axes.map((axis) => values[axis] as number));
  return emitter.node("Slice", [
    x as string,
    along(begin),
    // An end that is the axis's own is not written where sides may be any.
    along(emitter.anySize === true ? end.map((at, axis) => (at === from[axis] ? END : at)) : end),
    emitter.ints(axes),
    along(step),
  ]);
};

/** Zeros before and after each axis; negative amounts take numbers away. */
export const padded = (
  emitter: OnnxEmitter,
  x: string,
  low: readonly number[],
  high: readonly number[],
): string =>
  [...low, ...high].every((amount) => amount === 0)
    ? x
    : emitter.node("Pad", [x, emitter.ints([...low, ...high])], { mode: { string: "constant" } });

/**
 * `interior` zeros after each number along each axis: each gets an axis of its own, which is
 * padded.
 */
const spaced = (emitter: OnnxEmitter, x: string, shape: Shape, interior: readonly number[]) => {
  const apart = shape.flatMap((side) => [side, 1]);
  const after = interior.flatMap((zeros) => [0, zeros]);
  const none = after.map(() => 0);
  const wide = padded(emitter, reshaped(emitter, x, apart), none, after);
  return reshaped(
    emitter,
    wide,
    shape.map((side, axis) => side * (1 + (interior[axis] as number))),
  );
};

export const pad: OnnxLowering = (emitter, node, [x]) => {
  const interior = numbersOf(node, "interior");
  const low = numbersOf(node, "low");
  const high = numbersOf(node, "high");
  if (interior.every((zeros) => zeros === 0)) return padded(emitter, x as string, low, high);
  const between = spaced(emitter, x as string, (node.inputs[0] as Node).shape, interior);
  // what was put after the last number of an axis is no interior
  const end = high.map((amount, axis) => amount - (interior[axis] as number));
  return padded(emitter, between, low, end);
};

export const concat: OnnxLowering = (emitter, node, inputs) =>
  inputs.length === 1
    ? (inputs[0] as string)
    : emitter.node("Concat", inputs, { axis: { int: numberOf(node, "axis") } });
