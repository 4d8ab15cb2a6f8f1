/** Convolution and its two gradients, of images held as [n, h, w, c] and weights held as [kh, kw, i, o]. */
import * as tf from "@tensorflow/tfjs";
import type { Shape } from "../../graph/graph.js";
import {
  type AttributeValue,
  executeTensorflow,
  float32,
  only,
  runTfjsKernel,
} from "../../runtime/backend.js";
import {
  type Compute,
  choose,
  composed,
  type GraphKernel,
  number,
  type Placed,
} from "./graph-kernel.js";
import { fixed, IMAGES, WEIGHTS } from "./layout.js";

type Shape4 = readonly [number, number, number, number];

interface Geometry {
  readonly stride: number;
  /** Zeros above and below, left and right. */
  readonly pads: readonly [number, number];
}

const geometryOf = (placed: Placed): Geometry => {
  const pad = number(placed, "pad");
  return { stride: number(placed, "stride"), pads: [pad, pad] };
};

const attributesOf = ({
  stride,
  pads: [high, wide],
}: Geometry): Readonly<Record<string, AttributeValue>> => ({
  T: float32,
  strides: { type: "int", value: [1, stride, stride, 1] },
  use_cudnn_on_gpu: { type: "bool", value: true },
  padding: { type: "string", value: high + wide === 0 ? "VALID" : "EXPLICIT" },
  ...(high + wide === 0
    ? {}
    : { explicit_paddings: { type: "int", value: [0, 0, high, high, wide, wide, 0, 0] } }),
  data_format: { type: "string", value: "NHWC" },
  dilations: { type: "int", value: [1, 1, 1, 1] },
});

const portableAttributes = ({ stride }: Geometry) => ({
  strides: [stride, stride],
  pad: "valid",
  dataFormat: "NHWC",
  dimRoundingMode: null,
});

const padZeros = (x: tf.Tensor, [high, wide]: Geometry["pads"]): tf.Tensor4D =>
  tf.pad(x, [
    [0, 0],
    [high, high],
    [wide, wide],
    [0, 0],
  ]) as tf.Tensor4D;

/** One operator of TensorFlow, its attributes made once. */
const operation = (name: string, geometry: Geometry) => {
  const attributes = attributesOf(geometry);
  return (...inputs: tf.Tensor[]): tf.Tensor => only(executeTensorflow(name, attributes, inputs));
};

/** TensorFlow takes the shape of what it makes as a tensor. */
const withShape = (shape: Shape, compute: (shape: tf.Tensor) => tf.Tensor): tf.Tensor => {
  const tensor = tf.tensor1d([...shape], "int32");
  const made = compute(tensor);
  tensor.dispose();
  return made;
};

/**
 * TensorFlow's gradients unfold the image into a matrix of kernel^2 channels columns: for 7 x 7 from 64 channels to 3,
 * 3136 numbers for each pixel. With few filters it is the gradient that is small, and unfolding it instead is several
 * times as fast. At stride 1 the two can change places: padded by what the image's padding leaves of kernel - 1.
 */
const swapped = (geometry: Geometry, weight: Shape4): Geometry | undefined => {
  const [, , channels, filters] = weight;
  return 4 * filters <= channels ? exchanged(geometry, weight) : undefined;
};

const exchanged = (
  { stride, pads: [high, wide] }: Geometry,
  [kh, kw]: Shape4,
): Geometry | undefined =>
  stride === 1 && high < kh && wide < kw
    ? { stride, pads: [kh - 1 - high, kw - 1 - wide] }
    : undefined;

/** Turned by half a turn, the last two axes exchanged; its own inverse. */
const turned = (weight: tf.Tensor): tf.Tensor =>
  tf.transpose(tf.reverse(weight, [0, 1]), [0, 1, 3, 2]);

/**
 * Few filters of a large kernel use little of what a convolution's kernel can do at once. The columns of the filters become
 * filters of their own, one column wide, and their results are added, each shifted by its column: at 7 x 7 from 64 channels
 * to 3 more than twice as fast.
 */
const byColumns = (placed: Placed): Compute => {
  const [kh, kw, channels, filters] = placed.inputs[1] as Shape4;
  const run = operation("Conv2D", geometryOf(placed));
  return composed((x, weight) => {
    const columns = tf.transpose(weight as tf.Tensor, [0, 2, 1, 3]);
    const each = run(x as tf.Tensor, tf.reshape(columns, [kh, 1, channels, kw * filters]));
    const shifted = Array.from({ length: kw }, (_, column) =>
      tf.slice(each, [0, 0, column, column * filters], [...placed.shape]),
    );
    return tf.addN(shifted);
  });
};

const gainsByColumns = (placed: Placed): boolean => {
  const [, kw, channels, filters] = placed.inputs[1] as Shape4;
  return number(placed, "stride") === 1 && kw >= 5 && 4 * filters <= channels && filters <= 4;
};

const convolution = (placed: Placed): Compute => {
  const geometry = geometryOf(placed);
  return choose(
    () => {
      if (gainsByColumns(placed)) return byColumns(placed);
      const run = operation("Conv2D", geometry);
      return (inputs) => run(...inputs);
    },
    () =>
      composed((x, weight) =>
        tf.conv2d(
          padZeros(x as tf.Tensor, geometry.pads),
          weight as tf.Tensor4D,
          geometry.stride,
          "valid",
        ),
      ),
  );
};

/** From here on TensorFlow's gradient for the image is slower than the convolution that it is; below it is faster. Measured. */
const isLarge = ([, , channels, filters]: Shape4): boolean => channels * filters >= 256 ** 2;

const inputGradientOnTensorflow = (placed: Placed): Compute => {
  const geometry = geometryOf(placed);
  const weight = placed.inputs[1] as Shape4;
  const swap = isLarge(weight) ? exchanged(geometry, weight) : swapped(geometry, weight);
  if (swap !== undefined) {
    const run = operation("Conv2D", swap);
    return composed((dy, weight) => run(dy as tf.Tensor, turned(weight as tf.Tensor)));
  }
  const run = operation("Conv2DBackpropInput", geometry);
  return ([dy, weight]) =>
    withShape(placed.shape, (shape) => run(shape, weight as tf.Tensor, dy as tf.Tensor));
};

const portableInputGradient = (placed: Placed): Compute => {
  const geometry = geometryOf(placed);
  const [n, h, w, c] = placed.shape as Shape4;
  const [high, wide] = geometry.pads;
  const inputShape = [n, h + 2 * high, w + 2 * wide, c];
  const attributes = { ...portableAttributes(geometry), inputShape };
  return composed((dy, weight) => {
    const inputs = { dy: dy as tf.Tensor, filter: weight as tf.Tensor };
    const padded = runTfjsKernel<tf.Tensor>("Conv2DBackpropInput", inputs, attributes);
    return tf.slice(padded, [0, high, wide, 0], [...placed.shape]);
  });
};

const weightGradientOnTensorflow = (placed: Placed): Compute => {
  const geometry = geometryOf(placed);
  const [kh, kw, channels, filters] = placed.shape as Shape4;
  const swap = swapped(geometry, placed.shape as Shape4);
  const run = operation("Conv2DBackpropFilter", swap ?? geometry);
  if (swap === undefined)
    return ([x, dy]) =>
      withShape(placed.shape, (shape) => run(x as tf.Tensor, shape, dy as tf.Tensor));
  return composed((x, dy) =>
    turned(
      withShape([kh, kw, filters, channels], (shape) =>
        run(dy as tf.Tensor, shape, x as tf.Tensor),
      ),
    ),
  );
};

const portableWeightGradient = (placed: Placed): Compute => {
  const geometry = geometryOf(placed);
  const attributes = { ...portableAttributes(geometry), filterShape: placed.shape };
  return composed((x, dy) =>
    runTfjsKernel(
      "Conv2DBackpropFilter",
      { x: padZeros(x as tf.Tensor, geometry.pads), dy: dy as tf.Tensor },
      attributes,
    ),
  );
};

export const convolutions: Readonly<Record<string, GraphKernel>> = {
  conv: { layout: fixed(IMAGES, WEIGHTS, IMAGES), compile: convolution },
  conv_input: {
    layout: fixed(IMAGES, WEIGHTS, IMAGES),
    compile: (placed) =>
      choose(
        () => inputGradientOnTensorflow(placed),
        () => portableInputGradient(placed),
      ),
  },
  conv_weight: {
    layout: fixed(IMAGES, IMAGES, WEIGHTS),
    compile: (placed) =>
      choose(
        () => weightGradientOnTensorflow(placed),
        () => portableWeightGradient(placed),
      ),
  },
};
