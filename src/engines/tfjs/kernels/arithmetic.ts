/** Kernels for arithmetic with broadcasting, sums and repetition. */
import * as tf from "@tensorflow/tfjs";
import { executeTensorflow, only } from "../../../runtime/kernels/backend.js";
import { aligned, heldAxes, type LayoutRule, preferred } from "./axis-order.js";
import { biasGradient } from "./fused.js";
import {
  type Compute,
  choose,
  composed,
  type GraphKernels,
  numbers,
  type Placed,
  single,
} from "./kernel.js";
import { elementwise } from "./pointwise.js";

/**
 * Sums over axes. The sum over everything except the channels is the gradient of a bias, for which
 * TensorFlow has a faster kernel.
 */
const sum = (placed: Placed): Compute => {
  const axes = [...heldAxes(numbers(placed, "axes"), placed.order)];
  if (axes.length === 0) return single((x) => tf.clone(x as tf.Tensor));
  const [n, h, w, channels = 0] = placed.inputs[0] ?? [];
  const isOverPositions =
    placed.order.length === 4 &&
    !axes.includes(3) &&
    [n, h, w].every((side, axis) => side === 1 || axes.includes(axis));
  const general = (): Compute => single((x) => tf.sum(x as tf.Tensor, axes, true));
  if (!isOverPositions) return general();
  return choose(
    () =>
      composed((x) => {
        const sums = only<tf.Tensor>(
          executeTensorflow("BiasAddGrad", biasGradient, [x as tf.Tensor]),
        );
        return tf.reshape(sums, [1, 1, 1, channels]);
      }),
    general,
  );
};

/** Broadcasts. An input of smaller rank has been given axes of 1; a scalar has not. */
const broadcast = (placed: Placed): Compute => {
  const [from = []] = placed.inputs;
  const ones = placed.shape.map(() => 1);
  return composed((x) => {
    const full = from.length === placed.shape.length ? x : tf.reshape(x as tf.Tensor, ones);
    return tf.broadcastTo(full as tf.Tensor, [...placed.shape] as number[]);
  });
};

const broadcastLayout: LayoutRule = ({ inputs: [x], shape }, [order]) => {
  const rank = x?.shape.length ?? 0;
  if (rank === 0) return { inputs: [undefined], value: preferred(shape) };
  const value = rank === shape.length && order !== undefined ? order : preferred(shape);
  return { inputs: [value], value };
};

export const arithmetic: GraphKernels = {
  add: elementwise(tf.add as (...inputs: tf.Tensor[]) => tf.Tensor),
  sub: elementwise(tf.sub as (...inputs: tf.Tensor[]) => tf.Tensor),
  mul: elementwise(tf.mul as (...inputs: tf.Tensor[]) => tf.Tensor),
  div: elementwise(tf.div as (...inputs: tf.Tensor[]) => tf.Tensor),
  sum: { layout: aligned, compile: sum },
  broadcast: { layout: broadcastLayout, compile: broadcast },
};
