/** Where gradients stop. */
import * as tf from "@tensorflow/tfjs";
import { defineKernel, only } from "./backend.js";

/** `differentiate` does not follow what this kernel returns. */
export const detachKernel = "GancDetach";

const run = defineKernel<object>({
  name: detachKernel,
  portable: ({ x }) => [(x as tf.Tensor).clone()],
  gradient: (dy) => ({ x: () => tf.zerosLike(dy) }),
});

/** The same values, through which no gradient passes. The caller disposes the result. */
export const detach = <T extends tf.Tensor>(x: T): T => only(run({ x }, {}));
