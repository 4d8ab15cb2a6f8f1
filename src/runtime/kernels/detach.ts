/** Stops gradients. */
import * as tf from "@tensorflow/tfjs";
import { defineKernel, only } from "./backend.js";

/** Name of the kernel whose result `differentiate` does not follow. */
export const detachKernel = "GancDetach";

const run = defineKernel<object>({
  name: detachKernel,
  portable: ({ x }) => [(x as tf.Tensor).clone()],
  gradient: (dy) => ({ x: () => tf.zerosLike(dy) }),
});

/** Copies a tensor and stops its gradient. The caller disposes the result. */
export const detach = <T extends tf.Tensor>(x: T): T => only(run({ x }, {}));
