/**
 * Kernels that move numbers without changing them. A transpose only renames axes and moves none.
 */
import * as tf from "@tensorflow/tfjs";
import { aligned, asWritten, held, inOrder, isVector, preferred } from "./axis-order.js";
import {
  composed,
  type GraphKernel,
  type GraphKernels,
  number,
  numbers,
  single,
} from "./kernel.js";

const reshape: GraphKernel = {
  layout: (node) => ({
    ...asWritten(node, []),
    value: isVector(node.shape) ? preferred(node.shape) : inOrder(node.shape.length),
  }),
  compile: ({ shape }) => single((x) => tf.reshape(x as tf.Tensor, [...shape])),
};

const slice: GraphKernel = {
  layout: aligned,
  compile: (placed) => {
    const [begin, end, step] = ["begin", "end", "step"].map((name) => [
      ...held(numbers(placed, name), placed.order),
    ]) as [number[], number[], number[]];
    if (begin.length === 0) return single((x) => tf.clone(x as tf.Tensor));
    return step.every((by) => by === 1)
      ? single((x) => tf.slice(x as tf.Tensor, begin, [...placed.shape]))
      : single((x) => tf.stridedSlice(x as tf.Tensor, begin, end, step));
  },
};

/** Puts zeros between neighbours along one axis: after each number, then cuts off the last ones. */
const interleaved = (x: tf.Tensor, axis: number, zeros: number): tf.Tensor => {
  const { shape } = x;
  const side = shape[axis] as number;
  const [before, after] = [shape.slice(0, axis), shape.slice(axis + 1)].map((sides) =>
    sides.reduce((a, b) => a * b, 1),
  ) as [number, number];
  const wide = tf.pad(tf.reshape(x, [before * side, 1, after]), [
    [0, 0],
    [0, zeros],
    [0, 0],
  ]);
  const length = side * (1 + zeros) - zeros;
  const all = tf.reshape(wide, [before, side * (1 + zeros), after]);
  return tf.reshape(tf.slice(all, [0, 0, 0], [before, length, after]), [
    ...shape.slice(0, axis),
    length,
    ...shape.slice(axis + 1),
  ]);
};

const pad: GraphKernel = {
  layout: aligned,
  compile: (placed) => {
    const [low, high, interior] = ["low", "high", "interior"].map((name) =>
      held(numbers(placed, name), placed.order),
    ) as [number[], number[], number[]];
    if (low.length === 0) return single((x) => tf.clone(x as tf.Tensor));
    const margins = low.map((before, axis): [number, number] => [before, high[axis] as number]);
    return composed((x) =>
      tf.pad(
        interior.reduce<tf.Tensor>(
          (wide, zeros, axis) => (zeros === 0 ? wide : interleaved(wide, axis, zeros)),
          x as tf.Tensor,
        ),
        margins,
      ),
    );
  },
};

const concat: GraphKernel = {
  layout: aligned,
  compile: (placed) => {
    const axis = placed.order.indexOf(number(placed, "axis"));
    return (inputs) =>
      inputs.length === 1 ? tf.clone(inputs[0] as tf.Tensor) : tf.concat([...inputs], axis);
  },
};

export const shaping: GraphKernels = { reshape, slice, pad, concat };
