/**
 * Kernels that read or write values at places, in any order of axes that keeps the axes of the
 * places together and in order.
 */
import * as tf from "@tensorflow/tfjs";
import { stripsOf } from "../../../graph/operators/offsets.js";
import { heldAxes, inOrder, type LayoutRule } from "./axis-order.js";
import { type Compute, composed, type GraphKernels, numbers, type Placed } from "./kernel.js";

/** Keeps the order of x if it has the axes one after another. */
const layout: LayoutRule = ({ attributes, shape }, [order = []]) => {
  const axes = attributes.axes as readonly number[];
  const first = order.indexOf(axes[0] as number);
  const value = axes.every((axis, i) => order[first + i] === axis) ? order : inOrder(shape.length);
  return { inputs: [value, undefined], value };
};

const gather = (placed: Placed): Compute => {
  const [shape = []] = placed.inputs;
  const axes = heldAxes(numbers(placed, "axes"), placed.order);
  const { before, along, behind } = stripsOf(shape, axes);
  return composed((x, places) => {
    const strips = tf.reshape(x as tf.Tensor, [before, along, behind]);
    const found = tf.gather(strips, tf.cast(places as tf.Tensor1D, "int32"), 1);
    return tf.reshape(found, [...placed.shape]);
  });
};

/**
 * Adds values at places. It treats all strips as one: in each, the places are offset by its start.
 */
const scatterAdd = (placed: Placed): Compute => {
  const [, [count = 0] = []] = placed.inputs;
  const axes = heldAxes(numbers(placed, "axes"), placed.order);
  const { before, along, behind } = stripsOf(placed.shape, axes);
  return composed((dy, places) => {
    const beginnings = tf.range(0, before * along, along, "int32");
    const at = tf.add(tf.reshape(beginnings, [before, 1]), tf.cast(places as tf.Tensor1D, "int32"));
    const sums = tf.scatterND(
      tf.reshape(at, [before * count, 1]),
      tf.reshape(dy as tf.Tensor, [before * count, behind]),
      [before * along, behind],
    );
    return tf.reshape(sums, [...placed.shape]);
  });
};

export const gathering: GraphKernels = {
  gather: { layout, compile: gather },
  scatter_add: { layout, compile: scatterAdd },
};
