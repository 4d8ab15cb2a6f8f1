/** Kernels of matrix products. */
import * as tf from "@tensorflow/tfjs";
import { asWritten } from "./axis-order.js";
import { type GraphKernel, type GraphKernels, single } from "./kernel.js";

const matmul: GraphKernel = {
  layout: asWritten,
  compile: ({ attributes: { left, right } }) =>
    single((a, b) => tf.matMul(a as tf.Tensor, b as tf.Tensor, left === true, right === true)),
};

export const linear: GraphKernels = { matmul };
