/** Elementwise functions whose derivative at 0, or whose cost, differs from tfjs's. */
import * as tf from "@tensorflow/tfjs";
import { defineKernel, executeTensorflow, float32, type Kernel, only } from "./backend.js";

interface ReluAttributes {
  readonly slope: number;
}

const forward: Kernel<ReluAttributes> = defineKernel({
  name: "GancRelu",
  portable: ({ x }, { slope }) => [
    slope === 0 ? tf.relu(x as tf.Tensor) : tf.leakyRelu(x as tf.Tensor, slope),
  ],
  // The output has the sign of the input and, unlike it, is kept by the next layer anyway.
  savesOutputs: [true],
  gradient: (dy, [y], attributes) => ({
    x: () => only(backward({ dy, y: y as tf.Tensor }, attributes)),
  }),
});

const backward: Kernel<ReluAttributes> = defineKernel({
  name: "GancReluGradient",
  portable: ({ dy, y }, { slope }) => {
    const positive = tf.cast(tf.greater(y as tf.Tensor, 0), "float32");
    const factor = slope === 0 ? positive : tf.add(tf.mul(positive, 1 - slope), slope);
    return [tf.mul(dy as tf.Tensor, factor)];
  },
  tensorflow: ({ dy, y }, { slope }) =>
    slope === 0
      ? executeTensorflow("ReluGrad", { T: float32 }, [dy as tf.Tensor, y as tf.Tensor])
      : executeTensorflow("LeakyReluGrad", { T: float32, alpha: { type: "float", value: slope } }, [
          dy as tf.Tensor,
          y as tf.Tensor,
        ]),
  savesInputs: ["y"],
  gradient: (d, [y], attributes) => ({
    dy: () => only(backward({ dy: d, y: y as tf.Tensor }, attributes)),
    y: () => tf.zerosLike(y as tf.Tensor),
  }),
});

/**
 * Computes max(x, 0) + slope min(x, 0) with slope >= 0. The derivative at 0 is the slope, as in
 * PyTorch.
 */
export const leakyReluOf = <T extends tf.Tensor>(x: T, slope: number): T =>
  only(forward({ x }, { slope }));

const absolute: Kernel<object> = defineKernel({
  name: "GancAbs",
  portable: ({ x }) => [tf.abs(x as tf.Tensor)],
  savesInputs: ["x"],
  gradient: (dy, [x]) => ({ x: () => tf.mul(dy, tf.sign(x as tf.Tensor)) }),
});

/**
 * Computes |x| with the derivative 0 at 0. tfjs's own is -1 there, so that two equal images would
 * pull at each other.
 */
export const abs = <T extends tf.Tensor>(x: T): T => only(absolute({ x }, {}));

/**
 * Computes x where it is positive, exp(x) - 1 elsewhere; the derivative at 0 is 1. Unlike tfjs's
 * own, its gradient can be differentiated again.
 */
export const eluOf = <T extends tf.Tensor>(x: T): T => {
  const positive = leakyReluOf(x, 0);
  // The lesser of x and 0, which moves with x at 0, where the other part stands still.
  const negative = tf.sub(x, positive);
  return tf.sub(tf.add(positive, tf.exp(negative)), 1);
};

/** Computes x sigmoid(x). */
export const swishOf = <T extends tf.Tensor>(x: T): T => tf.mul(x, tf.sigmoid(x));

/** Computes 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))). */
export const geluOf = <T extends tf.Tensor>(x: T): T => {
  const cubic = tf.mul(tf.mul(x, tf.square(x)), 0.044715);
  const inner = tf.mul(tf.add(x, cubic), Math.sqrt(2 / Math.PI));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(inner), 1));
};

const bounded: Kernel<object> = defineKernel({
  name: "GancRelu6",
  portable: ({ x }) => [tf.relu6(x as tf.Tensor)],
  savesOutputs: [true],
  gradient: (dy, [y]) => ({ x: () => only(boundedGradient({ dy, y: y as tf.Tensor }, {})) }),
});

const boundedGradient: Kernel<object> = defineKernel({
  name: "GancRelu6Gradient",
  portable: ({ dy, y }) => {
    const inside = tf.logicalAnd(tf.greater(y as tf.Tensor, 0), tf.less(y as tf.Tensor, 6));
    return [tf.mul(dy as tf.Tensor, tf.cast(inside, "float32"))];
  },
  savesInputs: ["y"],
  gradient: (d, [y]) => ({
    dy: () => only(boundedGradient({ dy: d, y: y as tf.Tensor }, {})),
    y: () => tf.zerosLike(y as tf.Tensor),
  }),
});

/** Computes min(max(x, 0), 6). The derivative at both ends is 0, as in PyTorch. */
export const relu6Of = <T extends tf.Tensor>(x: T): T => only(bounded({ x }, {}));

/** The activations without options, by the names of their layers. */
export const activations = {
  tanh: tf.tanh,
  exp: tf.exp,
  sin: tf.sin,
  cos: tf.cos,
  sigmoid: tf.sigmoid,
  softmax: tf.softmax,
  elu: eluOf,
  swish: swishOf,
  gelu: geluOf,
  relu6: relu6Of,
};
