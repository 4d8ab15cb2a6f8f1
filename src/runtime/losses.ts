/** Losses on tensors: means over all elements, scalars in float32. */
import * as tf from "@tensorflow/tfjs";
import { abs } from "./activations.js";
import type { Chance } from "./chance.js";
import { detach } from "./detach.js";

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

const root = (t: tf.Tensor): tf.Tensor => {
  const isZero = tf.sub(1, tf.sign(t));
  return tf.sub(tf.sqrt(tf.add(t, isZero)), isZero);
};

/** The Euclidean length of each sample, [n, 1, 1, 1]; its derivative at 0 is 0. */
export const norm = (v: tf.Tensor): tf.Tensor4D =>
  root(tf.sum(tf.square(v), [1, 2, 3], true)) as tf.Tensor4D;

/** The mean of each sample, [n, 1, 1, 1]. */
export const meanEach = (v: tf.Tensor): tf.Tensor4D => each(v);

/** The sum of each sample, [n, 1, 1, 1]. */
export const total = (v: tf.Tensor): tf.Tensor4D => tf.sum(v, [1, 2, 3], true);

/** The logarithm of the softmax over the channels. */
const logSoftmax = (z: tf.Tensor): tf.Tensor => tf.logSoftmax(z);

/** -log of the probability that softmax(logits) gives the class, the mean over positions, [n, 1, 1, 1]. */
export const crossEntropy = (logits: tf.Tensor, c: tf.Tensor): tf.Tensor4D =>
  tf.neg(tf.mean(tf.sum(tf.mul(c, logSoftmax(logits)), 3, true), [1, 2], true)) as tf.Tensor4D;

/** t a + (1 - t) b */
export const mix = (a: tf.Tensor, b: Operand, t: Operand): tf.Tensor4D =>
  tf.add(tf.mul(t, a), tf.mul(tf.sub(1, t), b));

/** v where it lies between low and high, else the nearer of them; its derivative is 0 at both and outside. */
export const clamp = (v: tf.Tensor, low: number, high: number): tf.Tensor4D => {
  // By tfjs's own gradient it would be 1 at both. Each number comes out to the bit: of the two summands one is 0.
  const inside = tf.mul(tf.mul(tf.step(tf.sub(v, low)), tf.step(tf.sub(high, v))), v);
  return tf.add(inside, detach(tf.sub(tf.clipByValue(v, low, high), inside))) as tf.Tensor4D;
};

/** The channels of each position divided by their length. */
export const unit = (v: tf.Tensor): tf.Tensor4D =>
  tf.div(v, tf.add(root(tf.sum(tf.square(v), 3, true)), 1e-7));

/** Total variation of each sample: mean |difference| of neighbours down and across, added; [n, 1, 1, 1]. */
export const variation = (v: tf.Tensor): tf.Tensor4D => {
  const [n = 1, h = 1, w = 1, c = 1] = v.shape;
  const down = tf.sub(
    tf.slice(v as tf.Tensor4D, [0, 1, 0, 0], [n, h - 1, w, c]),
    tf.slice(v as tf.Tensor4D, [0, 0, 0, 0], [n, h - 1, w, c]),
  );
  const across = tf.sub(
    tf.slice(v as tf.Tensor4D, [0, 0, 1, 0], [n, h, w - 1, c]),
    tf.slice(v as tf.Tensor4D, [0, 0, 0, 0], [n, h, w - 1, c]),
  );
  const parts = [down, across].map((difference) => meanEach(abs(difference)));
  return tf.add(parts[0] as tf.Tensor, parts[1] as tf.Tensor) as tf.Tensor4D;
};

/** Mirrored, left to right. */
export const flip = (v: tf.Tensor): tf.Tensor4D => tf.reverse4d(v as tf.Tensor4D, 2);

/** The channels at `count` places of each sample, which the host draws, [n, count, 1, c]. */
export const positions = (v: tf.Tensor, count: number, places: Chance["places"]): tf.Tensor4D => {
  const [n = 1, h = 1, w = 1, c = 1] = v.shape;
  const chosen = tf.tensor1d(places(h, w, count), "int32");
  const rows = tf.gather(tf.reshape(v, [n, h * w, c]), chosen, 1);
  return tf.reshape(rows, [n, count, 1, c]) as tf.Tensor4D;
};

/** InfoNCE over the positions of each sample, [n, 1, 1, 1]. */
export const contrast = (q: tf.Tensor, k: tf.Tensor, temperature: number): tf.Tensor4D => {
  const [n = 1, h = 1, w = 1, c = 1] = q.shape;
  const [queries, keys] = [q, k].map((t) => tf.reshape(t, [n, h * w, c])) as [tf.Tensor, tf.Tensor];
  const products = tf.div(tf.matMul(queries, keys, false, true), temperature);
  const matches = tf.div(tf.sum(tf.mul(queries, keys), 2), temperature);
  const apart = tf.sub(tf.logSumExp(products, 2), matches);
  return tf.reshape(tf.mean(apart, 1), [n, 1, 1, 1]) as tf.Tensor4D;
};

/** log(sigmoid(z)) = -softplus(-z), finite with a finite derivative for every float32 z. */
export const logSigmoid = <T extends tf.Tensor>(z: T): T => tf.neg(tf.softplus(tf.neg(z)));

/** log(1 - sigmoid(z)) = -softplus(z), finite with a finite derivative for every float32 z. */
export const logOneMinusSigmoid = <T extends tf.Tensor>(z: T): T => tf.neg(tf.softplus(z));
