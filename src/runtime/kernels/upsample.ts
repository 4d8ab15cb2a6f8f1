/**
 * Nearest-neighbour upsampling with its own gradient. That of tfjs's `resizeNearestNeighbor` mixes
 * up the samples of a batch on the cpu backend of 4.22, and finds pixels by rounding, which misses
 * some at factors that are not powers of 2.
 */
import * as tf from "@tensorflow/tfjs";
import { defineKernel, type Kernel, only } from "./backend.js";

interface UpsampleAttributes {
  readonly factor: number;
}

const forward: Kernel<UpsampleAttributes> = defineKernel({
  name: "GancUpsample",
  portable: ({ x }, { factor }) => {
    const [n, h, w, c] = (x as tf.Tensor4D).shape;
    const wide = tf.tile(tf.reshape(x as tf.Tensor, [n * h, w, 1, c]), [1, 1, factor, 1]);
    const tall = tf.tile(tf.reshape(wide, [n * h, 1, w * factor * c]), [1, factor, 1]);
    return [tf.reshape(tall, [n, h * factor, w * factor, c])];
  },
  gradient: (dy, _saved, attributes) => ({ x: () => only(backward({ dy }, attributes)) }),
});

const backward: Kernel<UpsampleAttributes> = defineKernel({
  name: "GancUpsampleGradient",
  portable: ({ dy }, { factor }) => [
    tf.mul(tf.avgPool(dy as tf.Tensor4D, factor, factor, "valid"), factor ** 2),
  ],
  gradient: (d, _saved, attributes) => ({ dy: () => only(forward({ x: d }, attributes)) }),
});

/**
 * Repeats every pixel of x [n, h, w, c] `factor` times along height and width; `factor` is at least
 * 1.
 */
export const upsample2d = (x: tf.Tensor4D, factor: number): tf.Tensor4D =>
  only(forward({ x }, { factor }));
