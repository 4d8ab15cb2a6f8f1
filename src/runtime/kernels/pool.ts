/**
 * Pooling whose gradients can be differentiated again, unlike tfjs's own avgPool and maxPool.
 * Windows lie inside the image.
 */
import * as tf from "@tensorflow/tfjs";
import { defineKernel, type Kernel, only, runTfjsKernel } from "./backend.js";
import { bothOf, type Sides } from "./sides.js";

interface PoolAttributes {
  readonly kernel: Sides;
  readonly stride: Sides;
}

const tfjsAttributes = ({ kernel, stride }: PoolAttributes) => ({
  filterSize: bothOf(kernel),
  strides: bothOf(stride),
  pad: "valid",
  dimRoundingMode: null,
});

const average: Kernel<PoolAttributes> = defineKernel({
  name: "GancAvgPool",
  portable: ({ x }, { kernel, stride }) => [
    tf.avgPool(x as tf.Tensor4D, bothOf(kernel), bothOf(stride), "valid"),
  ],
  savesInputs: ["x"],
  gradient: (dy, [x], attributes) => ({
    x: () => only(averageGradient({ dy, x: x as tf.Tensor }, attributes)),
  }),
});

const averageGradient: Kernel<PoolAttributes> = defineKernel({
  name: "GancAvgPoolGradient",
  portable: ({ dy, x }, attributes) => [
    runTfjsKernel(
      "AvgPoolGrad",
      { dy: dy as tf.Tensor, input: x as tf.Tensor },
      tfjsAttributes(attributes),
    ),
  ],
  savesInputs: ["x"],
  gradient: (d, [x], attributes) => ({
    dy: () => only(average({ x: d }, attributes)),
    x: () => tf.zerosLike(x as tf.Tensor),
  }),
});

const maximum: Kernel<PoolAttributes> = defineKernel({
  name: "GancMaxPool",
  portable: ({ x }, { kernel, stride }) => [
    tf.maxPool(x as tf.Tensor4D, bothOf(kernel), bothOf(stride), "valid"),
  ],
  savesInputs: ["x"],
  savesOutputs: [true],
  gradient: (dy, saved, attributes) => ({
    x: () => {
      const [x, y] = saved as [tf.Tensor, tf.Tensor];
      return only(maximumGradient({ dy, x, y }, attributes));
    },
  }),
});

const maximumGradient: Kernel<PoolAttributes> = defineKernel({
  name: "GancMaxPoolGradient",
  portable: ({ dy, x, y }, attributes) => [
    runTfjsKernel(
      "MaxPoolGrad",
      { dy: dy as tf.Tensor, input: x as tf.Tensor, output: y as tf.Tensor },
      tfjsAttributes(attributes),
    ),
  ],
  savesInputs: ["x", "y"],
  gradient: (d, saved, attributes) => {
    const [x, y] = saved as [tf.Tensor, tf.Tensor];
    return {
      dy: () => only(maximumPlace({ d, x, y }, attributes)),
      x: () => tf.zerosLike(x),
      y: () => tf.zerosLike(y),
    };
  },
});

/** Takes d where each window of x has its maximum, the first if there are several. */
const maximumPlace: Kernel<PoolAttributes> = defineKernel({
  name: "GancMaxPoolPlace",
  portable: ({ d, x, y }, attributes) => [
    placed(d as tf.Tensor4D, x as tf.Tensor4D, y as tf.Tensor4D, attributes),
  ],
  savesInputs: ["x", "y"],
  gradient: (dd, saved, attributes) => {
    const [x, y] = saved as [tf.Tensor, tf.Tensor];
    return {
      d: () => only(maximumGradient({ dy: dd, x, y }, attributes)),
      x: () => tf.zerosLike(x),
      y: () => tf.zerosLike(y),
    };
  },
});

function placed(
  d: tf.Tensor4D,
  x: tf.Tensor4D,
  y: tf.Tensor4D,
  { kernel, stride }: PoolAttributes,
): tf.Tensor {
  const [n, height, width, c] = y.shape;
  const [rows, columns] = bothOf(kernel);
  const [down, across] = bothOf(stride);
  /** The value in row i and column j of each window. */
  const inWindows = (t: tf.Tensor4D, i: number, j: number): tf.Tensor =>
    tf.stridedSlice(
      t,
      [0, i, j, 0],
      [n, i + (height - 1) * down + 1, j + (width - 1) * across + 1, c],
      [1, down, across, 1],
    );
  let [sum, free]: [tf.Tensor, tf.Tensor] = [tf.zerosLike(y), tf.onesLike(y)];
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) {
      const isHere = tf.mul(free, tf.cast(tf.equal(inWindows(x, i, j), y), "float32"));
      sum = tf.add(sum, tf.mul(isHere, inWindows(d, i, j)));
      free = tf.sub(free, isHere);
    }
  return sum;
}

/** Averages each window of x [n, h, w, c], which moves by `stride`. */
export const avgPool2d = (x: tf.Tensor4D, kernel: Sides, stride: Sides): tf.Tensor4D =>
  only(average({ x }, { kernel, stride }));

/** Takes the maximum of each window of x [n, h, w, c], which moves by `stride`. */
export const maxPool2d = (x: tf.Tensor4D, kernel: Sides, stride: Sides): tf.Tensor4D =>
  only(maximum({ x }, { kernel, stride }));
