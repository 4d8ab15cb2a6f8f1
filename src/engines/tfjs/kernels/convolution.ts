/**
 * Kernels of convolution and its two gradients, for images held as [n, h, w, c] and weights as [kh,
 * kw, i, o].
 */
import type * as tf from "@tensorflow/tfjs";
import {
  type ConvGeometry,
  conv2d,
  convFilter2d,
  convInput2d,
} from "../../../runtime/kernels/conv.js";
import { fixed, IMAGES, WEIGHTS } from "./axis-order.js";
import { type Compute, type GraphKernels, type Placed, sides, single } from "./kernel.js";

const geometryOf = (placed: Placed): ConvGeometry => ({
  stride: sides(placed, "stride"),
  pad: sides(placed, "pad"),
});

type Convolve = (
  a: tf.Tensor4D,
  b: tf.Tensor4D,
  geometry: ConvGeometry,
  shape: Placed["shape"],
) => tf.Tensor;

const compile =
  (convolve: Convolve) =>
  (placed: Placed): Compute => {
    const geometry = geometryOf(placed);
    return single((a, b) => convolve(a as tf.Tensor4D, b as tf.Tensor4D, geometry, placed.shape));
  };

export const convolutions: GraphKernels = {
  conv: { layout: fixed(IMAGES, WEIGHTS, IMAGES), compile: compile(conv2d) },
  conv_input: { layout: fixed(IMAGES, WEIGHTS, IMAGES), compile: compile(convInput2d) },
  conv_weight: { layout: fixed(IMAGES, IMAGES, WEIGHTS), compile: compile(convFilter2d) },
};
