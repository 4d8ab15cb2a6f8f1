/** Kernels of convolution in groups and its two gradients, held as those of `conv` are. */
import type * as tf from "@tensorflow/tfjs";
import {
  type GroupedGeometry,
  groupedConv2d,
  groupedConvFilter2d,
  groupedConvInput2d,
} from "../../../runtime/kernels/grouped-conv.js";
import { fixed, IMAGES, WEIGHTS } from "./axis-order.js";
import { type Compute, type GraphKernels, number, type Placed, sides, single } from "./kernel.js";

type Convolve = (
  a: tf.Tensor4D,
  b: tf.Tensor4D,
  geometry: GroupedGeometry,
  shape: Placed["shape"],
) => tf.Tensor;

const compile =
  (convolve: Convolve) =>
  (placed: Placed): Compute => {
    const geometry: GroupedGeometry = {
      stride: sides(placed, "stride"),
      pad: sides(placed, "pad"),
      groups: number(placed, "groups"),
      dilation: sides(placed, "dilation"),
    };
    return single((a, b) => convolve(a as tf.Tensor4D, b as tf.Tensor4D, geometry, placed.shape));
  };

export const groupedConvolutions: GraphKernels = {
  grouped_conv: { layout: fixed(IMAGES, WEIGHTS, IMAGES), compile: compile(groupedConv2d) },
  grouped_conv_input: {
    layout: fixed(IMAGES, WEIGHTS, IMAGES),
    compile: compile(groupedConvInput2d),
  },
  grouped_conv_weight: {
    layout: fixed(IMAGES, IMAGES, WEIGHTS),
    compile: compile(groupedConvFilter2d),
  },
};
