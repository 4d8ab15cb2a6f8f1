/**
 * Kernels of standardization, its inverse deviation and its gradient; fused for instance
 * normalisation of one image.
 */
import * as tf from "@tensorflow/tfjs";
import type { Shape } from "../../../graph/graph.js";
import {
  type AttributeValue,
  executeTensorflow,
  float32,
  onTensorflow,
} from "../../../runtime/kernels/backend.js";
import { aligned, heldAxes } from "./axis-order.js";
import {
  type Compute,
  composed,
  type GraphKernels,
  number,
  numbers,
  type Placed,
} from "./kernel.js";

const axesOf = (placed: Placed): number[] => [...heldAxes(numbers(placed, "axes"), placed.order)];

/**
 * Tells whether batch normalisation computes it. That takes statistics over all axes but the last;
 * axes of 1 may be included or not.
 */
const isFused = (shape: Shape, axes: readonly number[]): boolean =>
  onTensorflow() &&
  shape.length === 4 &&
  !axes.includes(3) &&
  [0, 1, 2].every((axis) => axes.includes(axis) || shape[axis] === 1);

const fusedAttributes = (epsilon: number): Readonly<Record<string, AttributeValue>> => ({
  T: float32,
  U: float32,
  epsilon: { type: "float", value: epsilon },
  data_format: { type: "string", value: "NHWC" },
  is_training: { type: "bool", value: true },
});

const centred = (x: tf.Tensor, axes: number[], epsilon: number): [tf.Tensor, tf.Tensor] => {
  const less = tf.sub(x, tf.mean(x, axes, true));
  const variance = tf.mean(tf.square(less), axes, true);
  return [less, tf.rsqrt(tf.add(variance, epsilon))];
};

/** Computes both values of x: standardized, and 1 / sqrt(var + epsilon). */
export type ComputePair = (x: tf.Tensor) => [standardized: tf.Tensor, inverse: tf.Tensor];

const fusedPair = (placed: Placed): ComputePair => {
  const epsilon = number(placed, "epsilon");
  const attributes = {
    ...fusedAttributes(epsilon),
    exponential_avg_factor: { type: "float", value: 1 } as const,
  };
  const channels = placed.shape[3] as number;
  // TensorFlow's third output is the unbiased variance. The fifth, for its gradient, is the biased
  // one on the processor and the inverse deviation on a graphics card, so only the third is the
  // same on both.
  const count = placed.shape.slice(0, 3).reduce((a, b) => a * b, 1);
  const bias = count === 1 ? 1 : (count - 1) / count;
  return (x) =>
    tf.tidy(() => {
      const outputs = executeTensorflow(
        "FusedBatchNormV3",
        attributes,
        [x, tf.ones([channels]), tf.zeros([channels]), tf.tensor1d([]), tf.tensor1d([])],
        6,
      );
      const [y, , variance] = outputs as [tf.Tensor, tf.Tensor, tf.Tensor];
      const inverse = tf.rsqrt(tf.add(tf.mul(variance, bias), epsilon));
      return [y, tf.reshape(inverse, [1, 1, 1, channels])];
    });
};

/** Compiles a standardize and the inverse_deviation of the same input and attributes together. */
export const compilePair = (placed: Placed): ComputePair => {
  const axes = axesOf(placed);
  if (isFused(placed.shape, axes)) return fusedPair(placed);
  const epsilon = number(placed, "epsilon");
  return (x) =>
    tf.tidy(() => {
      const [less, inverse] = centred(x, axes, epsilon);
      return [tf.mul(less, inverse), inverse];
    });
};

const standardize = (placed: Placed): Compute => {
  const pair = compilePair(placed);
  return composed((x) => pair(x as tf.Tensor)[0]);
};

const inverseDeviation = (placed: Placed): Compute => {
  const axes = axesOf(placed);
  const epsilon = number(placed, "epsilon");
  return composed((x) => centred(x as tf.Tensor, axes, epsilon)[1]);
};

/**
 * Compiles the gradient through batch normalisation's own, which takes the input and its
 * statistics. It gets y instead, with mean 0, variance taken as 1 and r as the scale: r (dy -
 * mean(dy) - y mean(dy y)). So the input need not be kept.
 */
const fusedGradient = (channels: number): Compute => {
  const attributes = fusedAttributes(0);
  return composed((dy, y, r) => {
    const [zeros, ones] = [tf.zeros([channels]), tf.ones([channels])];
    const scale = tf.reshape(r as tf.Tensor, [channels]);
    const inputs = [dy as tf.Tensor, y as tf.Tensor, scale, zeros, ones, zeros];
    return executeTensorflow("FusedBatchNormGradV3", attributes, inputs, 5)[0] as tf.Tensor;
  });
};

/** Computes r (dy - mean(dy) - y mean(dy y)) from dy, y and r. */
export const standardizeGradient = (placed: Placed): Compute => {
  const axes = axesOf(placed);
  if (isFused(placed.shape, axes)) return fusedGradient(placed.shape[3] as number);
  return composed((dy, y, r) => {
    const along = tf.mean(tf.mul(dy as tf.Tensor, y as tf.Tensor), axes, true);
    const flat = tf.sub(dy as tf.Tensor, tf.mean(dy as tf.Tensor, axes, true));
    return tf.mul(r as tf.Tensor, tf.sub(flat, tf.mul(y as tf.Tensor, along)));
  });
};

export const normalisation: GraphKernels = {
  standardize: { layout: aligned, compile: standardize },
  inverse_deviation: { layout: aligned, compile: inverseDeviation },
};
