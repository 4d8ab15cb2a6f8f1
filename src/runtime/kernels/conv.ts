/**
 * Two-dimensional convolution, its gradient for the input, and its gradient for the filter: three
 * kernels, each differentiable through the other two. Padding is explicit zeros. Images are NHWC,
 * filters HWIO.
 */
import * as tf from "@tensorflow/tfjs";
import {
  type AttributeValue,
  defineKernel,
  executeTensorflow,
  float32,
  type Kernel,
  only,
  runTfjsKernel,
} from "./backend.js";
import { type Axis, along, areBoth, bothOf, type Sides } from "./sides.js";

/** Stride and padding along each axis, the padding equal on both sides. */
export interface ConvGeometry {
  /** At least 1. */
  readonly stride: Sides;
  /** Zeros added on each side, at least 0. */
  readonly pad: Sides;
}

type Shape4D = readonly [number, number, number, number];
interface ConvAttributes extends ConvGeometry {
  readonly inputShape: readonly number[];
  readonly filterShape: readonly number[];
}

/** Counts the positions of a kernel along an axis: floor((size + 2 pad - kernel) / stride) + 1. */
export const convSize = (
  size: number,
  kernel: number,
  { stride, pad }: ConvGeometry,
  axis: Axis,
): number => Math.floor((size + 2 * along(pad, axis) - kernel) / along(stride, axis)) + 1;

export const paddedShape = ([n, h, w, c]: readonly number[], pad: Sides): Shape4D => {
  const [high, wide] = bothOf(pad);
  return [n as number, (h as number) + 2 * high, (w as number) + 2 * wide, c as number];
};

/** A border of `value` around images. */
export const padWith = (
  x: tf.Tensor,
  pad: Sides,
  value: number,
  after: Sides = pad,
): tf.Tensor4D => {
  if (areBoth(pad, 0) && areBoth(after, 0)) return x as tf.Tensor4D;
  const [[top, left], [bottom, right]] = [bothOf(pad), bothOf(after)];
  const border: [number, number][] = [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ];
  return tf.pad(x as tf.Tensor4D, border, value);
};

export const padZeros = (x: tf.Tensor, pad: Sides): tf.Tensor4D => padWith(x, pad, 0);

/** What `padZeros` has added is taken away. */
export const unpadded = (x: tf.Tensor4D, pad: Sides, shape: readonly number[]): tf.Tensor4D =>
  areBoth(pad, 0) ? x : (tf.slice(x, [0, ...bothOf(pad), 0], [...shape]) as tf.Tensor4D);

const tfjsAttributes = ({ stride }: ConvGeometry) => ({
  strides: bothOf(stride),
  pad: "valid",
  dataFormat: "NHWC",
  dimRoundingMode: null,
});

interface Window {
  readonly strides: readonly [number, number];
  /** Zeros above and below, left and right. */
  readonly pads: readonly [number, number];
}

const windowOf = ({ stride, pad }: ConvGeometry): Window => ({
  strides: bothOf(stride),
  pads: bothOf(pad),
});

const tensorflowAttributes = ({
  strides,
  pads: [high, wide],
}: Window): Readonly<Record<string, AttributeValue>> => ({
  T: float32,
  strides: { type: "int", value: [1, ...strides, 1] },
  use_cudnn_on_gpu: { type: "bool", value: true },
  padding: { type: "string", value: high + wide === 0 ? "VALID" : "EXPLICIT" },
  ...(high + wide === 0
    ? {}
    : { explicit_paddings: { type: "int", value: [0, 0, high, high, wide, wide, 0, 0] } }),
  data_format: { type: "string", value: "NHWC" },
  dilations: { type: "int", value: [1, 1, 1, 1] },
});

const convolveOnTensorflow = (x: tf.Tensor, filter: tf.Tensor, window: Window): tf.Tensor =>
  only(executeTensorflow("Conv2D", tensorflowAttributes(window), [x, filter]));

/**
 * Returns the window that slides over the gradient instead of the image, which is possible at
 * stride 1. Its padding is kernel - 1 minus the image's. Undefined if it is not possible.
 */
const exchanged = ({ stride, pad, filterShape }: ConvAttributes): Window | undefined => {
  const [kh, kw] = filterShape as Shape4D;
  const [high, wide] = bothOf(pad);
  return areBoth(stride, 1) && high < kh && wide < kw
    ? { strides: [1, 1], pads: [kh - 1 - high, kw - 1 - wide] }
    : undefined;
};

/**
 * Tells whether unfolding the gradient is cheaper. TensorFlow's gradients unfold the input into a
 * matrix of kernel^2 channels columns: for 7 x 7 from 64 channels to 3, 3136 numbers for each
 * pixel. With few filters the gradient is the smaller one, and unfolding it is several times as
 * fast.
 */
const hasFewFilters = ([, , channels, filters]: Shape4D): boolean => 4 * filters <= channels;

/**
 * Tells whether TensorFlow's gradient for the image is slower than the equivalent convolution.
 * Measured; below this size it is faster.
 */
const isLarge = ([, , channels, filters]: Shape4D): boolean => channels * filters >= 256 ** 2;

/** Turns a filter by half a turn and exchanges its last two axes. It is its own inverse. */
const turned = (filter: tf.Tensor): tf.Tensor =>
  tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);

/**
 * Convolves column by column. Few filters of a large kernel use little of a convolution kernel's
 * parallelism, so the columns of the filters become separate filters one column wide, and their
 * results are shifted by their columns and added: at 7 x 7 from 64 channels to 3 more than twice as
 * fast.
 */
const convolveByColumns = (x: tf.Tensor, filter: tf.Tensor, window: Window): tf.Tensor => {
  const [kh, kw, channels, filters] = filter.shape as unknown as Shape4D;
  const columns = tf.transpose(filter, [0, 2, 1, 3]);
  const each = convolveOnTensorflow(
    x,
    tf.reshape(columns, [kh, 1, channels, kw * filters]),
    window,
  );
  const [n, h, w] = each.shape as unknown as Shape4D;
  const shifted = Array.from({ length: kw }, (_, column) =>
    tf.slice(each, [0, 0, column, column * filters], [n, h, w - kw + 1, filters]),
  );
  return tf.addN(shifted);
};

const gainsByColumns = ({ stride, filterShape }: ConvAttributes): boolean => {
  const [, kw, , filters] = filterShape as Shape4D;
  return areBoth(stride, 1) && kw >= 5 && filters <= 4 && hasFewFilters(filterShape as Shape4D);
};

const forward: Kernel<ConvAttributes> = defineKernel({
  name: "GancConv2D",
  portable: ({ x, filter }, { stride, pad }) => [
    tf.conv2d(padZeros(x as tf.Tensor, pad), filter as tf.Tensor4D, bothOf(stride), "valid"),
  ],
  tensorflow: ({ x, filter }, attributes) => {
    const convolve = gainsByColumns(attributes) ? convolveByColumns : convolveOnTensorflow;
    return [convolve(x as tf.Tensor, filter as tf.Tensor, windowOf(attributes))];
  },
  savesInputs: ["x", "filter"],
  gradient: (dy, [x, filter], attributes) => ({
    x: () => only(inputGradient({ dy, filter: filter as tf.Tensor }, attributes)),
    filter: () => only(filterGradient({ x: x as tf.Tensor, dy }, attributes)),
  }),
});

const inputGradient: Kernel<ConvAttributes> = defineKernel({
  name: "GancConv2DInputGradient",
  portable: ({ dy, filter }, attributes) => {
    const { inputShape, pad } = attributes;
    const padded = runTfjsKernel<tf.Tensor4D>(
      "Conv2DBackpropInput",
      { dy: dy as tf.Tensor, filter: filter as tf.Tensor },
      { ...tfjsAttributes(attributes), inputShape: paddedShape(inputShape, pad) },
    );
    return [unpadded(padded, pad, inputShape)];
  },
  tensorflow: ({ dy, filter }, attributes) => {
    const filterShape = attributes.filterShape as Shape4D;
    const gains = hasFewFilters(filterShape) || isLarge(filterShape);
    const swap = gains ? exchanged(attributes) : undefined;
    if (swap !== undefined)
      return [convolveOnTensorflow(dy as tf.Tensor, turned(filter as tf.Tensor), swap)];
    return executeTensorflow("Conv2DBackpropInput", tensorflowAttributes(windowOf(attributes)), [
      tf.tensor1d([...attributes.inputShape], "int32"),
      filter as tf.Tensor,
      dy as tf.Tensor,
    ]);
  },
  savesInputs: ["dy", "filter"],
  gradient: (d, [dy, filter], attributes) => ({
    dy: () => only(forward({ x: d, filter: filter as tf.Tensor }, attributes)),
    filter: () => only(filterGradient({ x: d, dy: dy as tf.Tensor }, attributes)),
  }),
});

const filterGradientOnTensorflow = (
  x: tf.Tensor,
  dy: tf.Tensor,
  filterShape: readonly number[],
  window: Window,
): tf.Tensor[] =>
  executeTensorflow("Conv2DBackpropFilter", tensorflowAttributes(window), [
    x,
    tf.tensor1d([...filterShape], "int32"),
    dy,
  ]);

const filterGradient: Kernel<ConvAttributes> = defineKernel({
  name: "GancConv2DFilterGradient",
  portable: ({ x, dy }, attributes) => [
    runTfjsKernel(
      "Conv2DBackpropFilter",
      { x: padZeros(x as tf.Tensor, attributes.pad), dy: dy as tf.Tensor },
      { ...tfjsAttributes(attributes), filterShape: attributes.filterShape },
    ),
  ],
  tensorflow: ({ x, dy }, attributes) => {
    const [image, gradient] = [x as tf.Tensor, dy as tf.Tensor];
    const [kh, kw, channels, filters] = attributes.filterShape as Shape4D;
    const swap = hasFewFilters([kh, kw, channels, filters]) ? exchanged(attributes) : undefined;
    if (swap === undefined)
      return filterGradientOnTensorflow(
        image,
        gradient,
        attributes.filterShape,
        windowOf(attributes),
      );
    const exchange = [kh, kw, filters, channels];
    return filterGradientOnTensorflow(gradient, image, exchange, swap).map(turned);
  },
  savesInputs: ["x", "dy"],
  gradient: (d, [x, dy], attributes) => ({
    x: () => only(inputGradient({ dy: dy as tf.Tensor, filter: d }, attributes)),
    dy: () => only(forward({ x: x as tf.Tensor, filter: d }, attributes)),
  }),
});

/**
 * Convolves x [n, h, w, in] with a filter [kh, kw, in, out]. The result is [n, floor((h + 2 pad -
 * kh) / stride) + 1, …, out].
 */
export const conv2d = (
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  { stride, pad }: ConvGeometry,
): tf.Tensor4D =>
  only(forward({ x, filter }, { stride, pad, inputShape: x.shape, filterShape: filter.shape }));

/**
 * Computes the gradient of `conv2d` for an image of shape `inputShape`, from the filter and dy,
 * which has the shape of the result.
 */
export const convInput2d = (
  dy: tf.Tensor4D,
  filter: tf.Tensor4D,
  { stride, pad }: ConvGeometry,
  inputShape: readonly number[],
): tf.Tensor4D =>
  only(inputGradient({ dy, filter }, { stride, pad, inputShape, filterShape: filter.shape }));

/**
 * Computes the gradient of `conv2d` for a filter of shape `filterShape`, from the image and dy,
 * which has the shape of the result.
 */
export const convFilter2d = (
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  { stride, pad }: ConvGeometry,
  filterShape: readonly number[],
): tf.Tensor4D =>
  only(filterGradient({ x, dy }, { stride, pad, inputShape: x.shape, filterShape }));

/**
 * Returns the length of an axis after a transposed convolution: (size - 1) stride - 2 pad + kernel
 * + outputPad, as in PyTorch's ConvTranspose2d.
 */
export const convTransposeSize = (
  size: number,
  kernel: number,
  { stride, pad, outputPad }: ConvGeometry & { readonly outputPad: Sides },
  axis: Axis,
): number =>
  (size - 1) * along(stride, axis) - 2 * along(pad, axis) + kernel + along(outputPad, axis);

/**
 * Computes the transposed convolution of x [n, h, w, in] with a filter [kh, kw, out, in]: the input
 * gradient of the convolution with the same stride and padding. Several input sizes give that
 * convolution's h; `outputPad`, less than the stride, chooses among them.
 */
export function convTranspose2d(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  geometry: ConvGeometry & { readonly outputPad: Sides },
): tf.Tensor4D {
  const [n, h, w] = x.shape;
  const [kh, kw, out] = filter.shape;
  const height = convTransposeSize(h, kh, geometry, 0);
  const width = convTransposeSize(w, kw, geometry, 1);
  return convInput2d(x, filter, geometry, [n, height, width, out]);
}

const add: Kernel<object> = defineKernel({
  name: "GancBiasAdd",
  portable: ({ x, bias }) => [tf.add(x as tf.Tensor, bias as tf.Tensor)],
  tensorflow: ({ x, bias }) =>
    executeTensorflow("BiasAdd", { T: float32, data_format: { type: "string", value: "NHWC" } }, [
      x as tf.Tensor,
      bias as tf.Tensor,
    ]),
  gradient: (dy) => ({
    x: () => dy.clone(),
    bias: () => only(addGradient({ dy }, { shape: dy.shape })),
  }),
});

const addGradient: Kernel<{ readonly shape: readonly number[] }> = defineKernel({
  name: "GancBiasAddGradient",
  portable: ({ dy }) => [tf.sum(dy as tf.Tensor, [0, 1, 2])],
  tensorflow: ({ dy }) =>
    executeTensorflow(
      "BiasAddGrad",
      { T: float32, data_format: { type: "string", value: "NHWC" } },
      [dy as tf.Tensor],
    ),
  gradient: (d, _saved, { shape }) => ({ dy: () => tf.broadcastTo(d, [...shape]) }),
});

/** Adds a bias [c] to every position of x [n, h, w, c]. */
export const biasAdd = (x: tf.Tensor4D, bias: tf.Tensor1D): tf.Tensor4D =>
  only(add({ x, bias }, {}));
