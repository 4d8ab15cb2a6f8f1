/** Kernels that reflect images, held as [n, h, w, c], at their border. */
import type * as tf from "@tensorflow/tfjs";
import { reflectFold2d, reflectPad2d } from "../../../runtime/kernels/reflect-pad.js";
import { fixed, IMAGES } from "./axis-order.js";
import { type Compute, type GraphKernels, type Placed, sides, single } from "./kernel.js";

const reflectPad = (placed: Placed): Compute =>
  single((x) => reflectPad2d(x as tf.Tensor4D, sides(placed, "pad")));

const reflectFold = (placed: Placed): Compute =>
  single((dy) => reflectFold2d(dy as tf.Tensor4D, sides(placed, "pad")));

const layout = fixed(IMAGES, IMAGES);

export const padding: GraphKernels = {
  reflect_pad: { layout, compile: reflectPad },
  reflect_fold: { layout, compile: reflectFold },
};
