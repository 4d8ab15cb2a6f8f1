/** Kernels that compute element by element, in whichever order memory has the axes. */
import type * as tf from "@tensorflow/tfjs";
import { composed, type GraphKernel, type Placed, single } from "./kernel.js";
import { aligned } from "./layout.js";

export const elementwise = (compute: (...inputs: tf.Tensor[]) => tf.Tensor): GraphKernel => ({
  layout: aligned,
  compile: () => single(compute),
});

/** An operator on one tensor of which the attributes say more. */
export const unary = (compile: (placed: Placed) => (x: tf.Tensor) => tf.Tensor): GraphKernel => ({
  layout: aligned,
  compile: (placed) => {
    const compute = compile(placed);
    return composed((x) => compute(x as tf.Tensor));
  },
});
