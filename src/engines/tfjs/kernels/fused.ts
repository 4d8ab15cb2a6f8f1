/** Kernels of the operators that this engine alone has: what `fuse` puts in the place of several nodes. */
import * as tf from "@tensorflow/tfjs";
import { executeTensorflow, float32, only } from "../../../runtime/backend.js";
import { BIAS_ADD, RELU_GRADIENT, STANDARDIZE_GRADIENT } from "../fuse.js";
import { aligned, fixed, IMAGES } from "../layout.js";
import {
  type Compute,
  choose,
  composed,
  type GraphKernel,
  type GraphKernels,
  number,
  single,
} from "./kernel.js";
import { standardizeGradient } from "./normalisation.js";

export const biasGradient = { T: float32, data_format: { type: "string", value: "NHWC" } } as const;

/** dy where y > 0, else slope dy. */
export const reluGradient = (slope: number): Compute =>
  choose(
    () => {
      const attributes = { T: float32, alpha: { type: "float", value: slope } } as const;
      return (inputs) => only(executeTensorflow("LeakyReluGrad", attributes, inputs));
    },
    () => composed((dy, y) => tf.mul(dy as tf.Tensor, tf.step(y as tf.Tensor, slope))),
  );

const biasAdd: GraphKernel = {
  layout: fixed(IMAGES, [0], IMAGES),
  compile: () =>
    choose(
      () => (inputs) => only(executeTensorflow("BiasAdd", biasGradient, inputs)),
      () => single((x, b) => tf.add(x as tf.Tensor, b as tf.Tensor)),
    ),
};

export const fused: GraphKernels = {
  [RELU_GRADIENT]: { layout: aligned, compile: (p) => reluGradient(number(p, "slope")) },
  [STANDARDIZE_GRADIENT]: { layout: aligned, compile: standardizeGradient },
  [BIAS_ADD]: biasAdd,
};
