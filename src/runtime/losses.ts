/** Losses on tensors: means over all elements, scalars in float32. */
import * as tf from "@tensorflow/tfjs";
import { abs } from "./activations.js";

type Operand = tf.Tensor | number;

/** Mean over all elements. */
export const mean = (t: tf.Tensor): tf.Scalar => tf.mean(t) as tf.Scalar;

/** Mean of |a - b|; the derivative where they are equal is 0. */
export const l1 = (a: tf.Tensor, b: Operand): tf.Scalar => mean(abs(tf.sub(a, b)));

/** Mean of (a - b)^2. */
export const l2 = (a: tf.Tensor, b: Operand): tf.Scalar => mean(tf.square(tf.sub(a, b)));

/** The mean over each sample, [n, 1, 1, 1]. */
const each = (t: tf.Tensor): tf.Tensor4D => tf.mean(t, [1, 2, 3], true);

/** Mean of |a - b| over each sample, [n, 1, 1, 1]; the derivative where they are equal is 0. */
export const l1Each = (a: tf.Tensor, b: Operand): tf.Tensor4D => each(abs(tf.sub(a, b)));

/** Mean of (a - b)^2 over each sample, [n, 1, 1, 1]. */
export const l2Each = (a: tf.Tensor, b: Operand): tf.Tensor4D => each(tf.square(tf.sub(a, b)));

/** Values along their channels; those of one position are repeated over the positions of the others. */
export const join = (...values: readonly tf.Tensor[]): tf.Tensor4D => {
  const side = (axis: number): number => Math.max(...values.map((t) => t.shape[axis] ?? 1));
  const [height, width] = [side(1), side(2)];
  const wide = values.map((t) => {
    const [n = 1, h, w, c = 1] = t.shape;
    return h === height && w === width ? t : tf.broadcastTo(t, [n, height, width, c]);
  });
  return tf.concat(wide as tf.Tensor4D[], 3);
};

/** log(sigmoid(z)) = -softplus(-z), finite with a finite derivative for every float32 z. */
export const logSigmoid = <T extends tf.Tensor>(z: T): T => tf.neg(tf.softplus(tf.neg(z)));

/** log(1 - sigmoid(z)) = -softplus(z), finite with a finite derivative for every float32 z. */
export const logOneMinusSigmoid = <T extends tf.Tensor>(z: T): T => tf.neg(tf.softplus(z));
