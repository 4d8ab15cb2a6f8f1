/**
 * Upsampling: bilinear, and by the nearest neighbour, which has its own gradient. That of tfjs's
 * `resizeNearestNeighbor` mixes up the samples of a batch on the cpu backend of 4.22, and finds
 * pixels by rounding, which misses some at factors that are not powers of 2.
 */
import * as tf from "@tensorflow/tfjs";
import { defineKernel, type Kernel, only } from "./backend.js";
import { bothOf, type Sides } from "./sides.js";

interface UpsampleAttributes {
  readonly factor: Sides;
}

const forward: Kernel<UpsampleAttributes> = defineKernel({
  name: "GancUpsample",
  portable: ({ x }, { factor }) => {
    const [n, h, w, c] = (x as tf.Tensor4D).shape;
    const [down, across] = bothOf(factor);
    const wide = tf.tile(tf.reshape(x as tf.Tensor, [n * h, w, 1, c]), [1, 1, across, 1]);
    const tall = tf.tile(tf.reshape(wide, [n * h, 1, w * across * c]), [1, down, 1]);
    return [tf.reshape(tall, [n, h * down, w * across, c])];
  },
  gradient: (dy, _saved, attributes) => ({ x: () => only(backward({ dy }, attributes)) }),
});

const backward: Kernel<UpsampleAttributes> = defineKernel({
  name: "GancUpsampleGradient",
  portable: ({ dy }, { factor }) => {
    const both = bothOf(factor);
    return [tf.mul(tf.avgPool(dy as tf.Tensor4D, both, both, "valid"), both[0] * both[1])];
  },
  gradient: (d, _saved, attributes) => ({ dy: () => only(forward({ x: d }, attributes)) }),
});

/**
 * Repeats every pixel of x [n, h, w, c] `factor` times along height and width; `factor` is at least
 * 1.
 */
export const upsample2d = (x: tf.Tensor4D, factor: Sides): tf.Tensor4D =>
  only(forward({ x }, { factor }));

/** The part `from <= i < to` along an axis. */
const along = (x: tf.Tensor4D, axis: number, from: number, to: number): tf.Tensor4D =>
  tf.slice(
    x,
    x.shape.map((_, i) => (i === axis ? from : 0)) as [number, number, number, number],
    x.shape.map((side, i) => (i === axis ? to - from : side)) as [number, number, number, number],
  );

/** x `factor` times as long along an axis; beyond the border lies the border again. */
const lengthened = (x: tf.Tensor4D, axis: number, factor: number): tf.Tensor4D => {
  if (factor === 1) return x;
  const side = x.shape[axis] as number;
  const [first, last] = [along(x, axis, 0, 1), along(x, axis, side - 1, side)];
  const before = side === 1 ? x : tf.concat([first, along(x, axis, 0, side - 1)], axis);
  const behind = side === 1 ? x : tf.concat([along(x, axis, 1, side), last], axis);
  const parts = Array.from({ length: factor }, (_, j) => {
    const beside = (j + 0.5) / factor - 0.5;
    if (beside === 0) return x;
    const other = beside < 0 ? before : behind;
    return tf.add(tf.mul(x, 1 - Math.abs(beside)), tf.mul(other, Math.abs(beside)));
  });
  const shape = x.shape.map((size, i) => (i === axis ? size * factor : size));
  return tf.reshape(tf.stack(parts, axis + 1), shape as [number, number, number, number]);
};

/**
 * x [n, h, w, c] with sides `factor` times as long, interpolated between the middles of pixels as
 * PyTorch does without aligned corners.
 */
export const bilinear2d = (x: tf.Tensor4D, factor: Sides): tf.Tensor4D => {
  const [down, across] = bothOf(factor);
  return lengthened(lengthened(x, 1, down), 2, across);
};
