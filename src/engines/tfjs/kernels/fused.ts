/** Kernels of this engine's own operators, which `fuse` puts in the place of several nodes. */
import * as tf from "@tensorflow/tfjs";
import { executeTensorflow, float32, only } from "../../../runtime/kernels/backend.js";
import { aligned, fixed, IMAGES } from "./axis-order.js";
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

/** dy where y > 0, and dy times `slope` elsewhere; inputs dy and y. */
export const RELU_GRADIENT = "fused.relu_gradient";
/** r (dy - mean(dy) - y mean(dy y)) over `axes`; inputs dy, y and r. */
export const STANDARDIZE_GRADIENT = "fused.standardize_gradient";
/** x [n, c, h, w] + b [c] at every position. */
export const BIAS_ADD = "fused.bias_add";

export const biasGradient = { T: float32, data_format: { type: "string", value: "NHWC" } } as const;

/** Computes dy where y > 0, else slope dy. */
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
