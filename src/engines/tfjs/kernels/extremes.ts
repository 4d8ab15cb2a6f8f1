/** Kernels of maxima. */
import * as tf from "@tensorflow/tfjs";
import { aligned, heldAxes } from "./axis-order.js";
import { type Compute, type GraphKernels, numbers, type Placed, single } from "./kernel.js";

/**
 * Takes the maximum over the axes that hold more than one number. If there are none, the value is
 * the input.
 */
const max = (placed: Placed): Compute => {
  const axes = [...heldAxes(numbers(placed, "axes"), placed.order)];
  return single((x) =>
    axes.length === 0 ? tf.clone(x as tf.Tensor) : tf.max(x as tf.Tensor, axes, true),
  );
};

export const extremes: GraphKernels = { max: { layout: aligned, compile: max } };
