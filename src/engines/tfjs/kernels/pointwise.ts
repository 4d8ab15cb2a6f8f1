/** Makes kernels that compute element by element, in any order of axes. */
import type * as tf from "@tensorflow/tfjs";
import { aligned } from "./axis-order.js";
import { composed, type GraphKernel, type Placed, single } from "./kernel.js";

export const elementwise = (compute: (...inputs: tf.Tensor[]) => tf.Tensor): GraphKernel => ({
  layout: aligned,
  compile: () => single(compute),
});

/** Makes a kernel of one tensor and attributes. */
export const unary = (compile: (placed: Placed) => (x: tf.Tensor) => tf.Tensor): GraphKernel => ({
  layout: aligned,
  compile: (placed) => {
    const compute = compile(placed);
    return composed((x) => compute(x as tf.Tensor));
  },
});
