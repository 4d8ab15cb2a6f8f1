/** Losses on tensors: means over all elements, as float32 scalars. */
import * as tf from "@tensorflow/tfjs";
import type { Chance } from "./bases/chance.js";
import { abs } from "./kernels/activations.js";
import { detach } from "./kernels/detach.js";

type Operand = tf.Tensor | number;

/** Averages all elements. */
export const mean = (t: tf.Tensor): tf.Scalar => tf.mean(t) as tf.Scalar;

/** Computes the mean of |a - b|. The derivative is 0 where they are equal. */
export const l1 = (a: tf.Tensor, b: Operand): tf.Scalar => mean(abs(tf.sub(a, b)));

/** Computes the mean of (a - b)^2. */
export const l2 = (a: tf.Tensor, b: Operand): tf.Scalar => mean(tf.square(tf.sub(a, b)));

/** Averages each sample, [n, 1, 1, 1]. */
const each = (t: tf.Tensor): tf.Tensor4D => tf.mean(t, [1, 2, 3], true);

/**
 * Computes the mean of |a - b| over each sample, [n, 1, 1, 1]. The derivative is 0 where they are
 * equal.
 */
export const l1Each = (a: tf.Tensor, b: Operand): tf.Tensor4D => each(abs(tf.sub(a, b)));

/** Computes the mean of (a - b)^2 over each sample, [n, 1, 1, 1]. */
export const l2Each = (a: tf.Tensor, b: Operand): tf.Tensor4D => each(tf.square(tf.sub(a, b)));

/**
 * Concatenates values along their channels. A value with one position is repeated over the
 * positions of the others.
 */
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

/** Computes the Euclidean length of each sample, [n, 1, 1, 1]. Its derivative at 0 is 0. */
export const norm = (v: tf.Tensor): tf.Tensor4D =>
  root(tf.sum(tf.square(v), [1, 2, 3], true)) as tf.Tensor4D;

/** Averages each sample, [n, 1, 1, 1]. */
export const meanEach = (v: tf.Tensor): tf.Tensor4D => each(v);

/** Sums each sample, [n, 1, 1, 1]. */
export const total = (v: tf.Tensor): tf.Tensor4D => tf.sum(v, [1, 2, 3], true);

/** Computes the logarithm of the softmax over the channels. */
const logSoftmax = (z: tf.Tensor): tf.Tensor => tf.logSoftmax(z);

/**
 * Computes -log of the probability that softmax(logits) gives the class, averaged over positions,
 * [n, 1, 1, 1].
 */
export const crossEntropy = (logits: tf.Tensor, c: tf.Tensor): tf.Tensor4D =>
  tf.neg(tf.mean(tf.sum(tf.mul(c, logSoftmax(logits)), 3, true), [1, 2], true)) as tf.Tensor4D;

/** Computes t a + (1 - t) b. */
export const mix = (a: tf.Tensor, b: Operand, t: Operand): tf.Tensor4D =>
  tf.add(tf.mul(t, a), tf.mul(tf.sub(1, t), b));

/** Clamps v to [low, high]. The derivative is 0 at both ends and outside. */
export const clamp = (v: tf.Tensor, low: number, high: number): tf.Tensor4D => {
  // tfjs's own gradient would be 1 at both ends. The result is exact to the bit: one of the two
  // summands is 0.
  const inside = tf.mul(tf.mul(tf.step(tf.sub(v, low)), tf.step(tf.sub(high, v))), v);
  return tf.add(inside, detach(tf.sub(tf.clipByValue(v, low, high), inside))) as tf.Tensor4D;
};

/** Divides the channels of each position by their length. */
export const unit = (v: tf.Tensor): tf.Tensor4D =>
  tf.div(v, tf.add(root(tf.sum(tf.square(v), 3, true)), 1e-7));

/**
 * Computes the Gram matrix of each sample: the inner products of its channels over all places,
 * divided by the count of its numbers; [n, c, c, 1].
 */
export const gram = (v: tf.Tensor): tf.Tensor4D => {
  const [n = 1, h = 1, w = 1, c = 1] = v.shape;
  const rows = tf.reshape(v, [n, h * w, c]);
  const products = tf.matMul(rows, rows, true, false);
  return tf.reshape(tf.div(products, h * w * c), [n, c, c, 1]);
};

/**
 * Moves what stands along axis 1 by a part of that side, one number for each sample: [n, side, …].
 * Zeros come in, and between two places both are mixed.
 */
const shiftFirst = (v: tf.Tensor4D, by: Operand): tf.Tensor4D => {
  const [n, side, others, c] = v.shape;
  const places = tf.range(0, side);
  const apart = tf.sub(tf.reshape(places, [side, 1]), places);
  const looks = tf.reshape(tf.mul(tf.mul(by, side), tf.ones([n, 1, 1, 1])), [n, 1, 1]);
  const taken = tf.relu(tf.sub(1, abs(tf.sub(apart, looks))));
  const rows = tf.reshape(v, [n, side, others * c]);
  return tf.reshape(tf.matMul(taken as tf.Tensor3D, rows), [n, side, others, c]);
};

/** Moves v, [n, h, w, c], down and to the right by parts of its height and width. */
export const shift = (v: tf.Tensor, down: Operand, right: Operand): tf.Tensor4D => {
  const turned = (x: tf.Tensor4D): tf.Tensor4D => tf.transpose(x, [0, 2, 1, 3]);
  return turned(shiftFirst(turned(shiftFirst(v as tf.Tensor4D, down)), right));
};

/**
 * Computes the total variation of each sample: mean |difference| of neighbours down and across,
 * added; [n, 1, 1, 1].
 */
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

/** Mirrors images left to right. */
export const flip = (v: tf.Tensor): tf.Tensor4D => tf.reverse4d(v as tf.Tensor4D, 2);

/** Gathers the channels at `count` places of each sample, drawn by the host, [n, count, 1, c]. */
export const positions = (v: tf.Tensor, count: number, places: Chance["places"]): tf.Tensor4D => {
  const [n = 1, h = 1, w = 1, c = 1] = v.shape;
  const chosen = tf.tensor1d(places(h, w, count), "int32");
  const rows = tf.gather(tf.reshape(v, [n, h * w, c]), chosen, 1);
  return tf.reshape(rows, [n, count, 1, c]) as tf.Tensor4D;
};

/** Computes InfoNCE over the positions of each sample, [n, 1, 1, 1]. */
export const contrast = (q: tf.Tensor, k: tf.Tensor, temperature: number): tf.Tensor4D => {
  const [n = 1, h = 1, w = 1, c = 1] = q.shape;
  const [queries, keys] = [q, k].map((t) => tf.reshape(t, [n, h * w, c])) as [tf.Tensor, tf.Tensor];
  const products = tf.div(tf.matMul(queries, keys, false, true), temperature);
  const matches = tf.div(tf.sum(tf.mul(queries, keys), 2), temperature);
  const apart = tf.sub(tf.logSumExp(products, 2), matches);
  return tf.reshape(tf.mean(apart, 1), [n, 1, 1, 1]) as tf.Tensor4D;
};

/**
 * Computes log(sigmoid(z)) = -softplus(-z), finite with a finite derivative for every float32 z.
 */
export const logSigmoid = <T extends tf.Tensor>(z: T): T => tf.neg(tf.softplus(tf.neg(z)));

/**
 * Computes log(1 - sigmoid(z)) = -softplus(z), finite with a finite derivative for every float32 z.
 */
export const logOneMinusSigmoid = <T extends tf.Tensor>(z: T): T => tf.neg(tf.softplus(z));
