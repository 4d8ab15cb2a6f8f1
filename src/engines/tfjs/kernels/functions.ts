/** Kernels of functions of single numbers. */
import * as tf from "@tensorflow/tfjs";
import { aligned } from "./axis-order.js";
import { reluGradient } from "./fused.js";
import { type Compute, composed, type GraphKernels, number, type Placed } from "./kernel.js";
import { elementwise, unary } from "./pointwise.js";

const power = (placed: Placed): ((x: tf.Tensor) => tf.Tensor) => {
  const exponent = number(placed, "exponent");
  const known: Readonly<Record<number, (x: tf.Tensor) => tf.Tensor>> = {
    0: tf.onesLike,
    1: tf.clone,
    2: tf.square,
    0.5: tf.sqrt,
    [-0.5]: tf.rsqrt,
    [-1]: tf.reciprocal,
  };
  return known[exponent] ?? ((x) => tf.pow(x, exponent));
};

const leakyRelu = (placed: Placed): ((x: tf.Tensor) => tf.Tensor) => {
  const slope = number(placed, "slope");
  return slope === 0 ? tf.relu : (x) => tf.leakyRelu(x, slope);
};

const leakyStep = (placed: Placed): Compute => {
  const gradient = reluGradient(number(placed, "slope"));
  return composed((x) => gradient([tf.onesLike(x as tf.Tensor), x as tf.Tensor]));
};

export const functions: GraphKernels = {
  neg: elementwise((x) => tf.neg(x as tf.Tensor)),
  exp: elementwise((x) => tf.exp(x as tf.Tensor)),
  log: elementwise((x) => tf.log(x as tf.Tensor)),
  tanh: elementwise((x) => tf.tanh(x as tf.Tensor)),
  sin: elementwise((x) => tf.sin(x as tf.Tensor)),
  cos: elementwise((x) => tf.cos(x as tf.Tensor)),
  sigmoid: elementwise((x) => tf.sigmoid(x as tf.Tensor)),
  softplus: elementwise((x) => tf.softplus(x as tf.Tensor)),
  abs: elementwise((x) => tf.abs(x as tf.Tensor)),
  sign: elementwise((x) => tf.sign(x as tf.Tensor)),
  power: unary(power),
  leaky_relu: unary(leakyRelu),
  leaky_step: { layout: aligned, compile: leakyStep },
  clamp: unary((placed) => (x) => tf.clipByValue(x, number(placed, "low"), number(placed, "high"))),
};
