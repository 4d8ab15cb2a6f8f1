/**
 * Two-dimensional convolution, its gradient for the input, and its gradient for the filter: three kernels, each
 * differentiable by means of the other two. Padding is explicit, of zeros. Images are NHWC, filters HWIO.
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

/** The same on both axes and on all sides. */
export interface ConvGeometry {
  /** At least 1. */
  readonly stride: number;
  /** Zeros added on each side, at least 0. */
  readonly pad: number;
}

type Shape4D = readonly [number, number, number, number];
interface ConvAttributes extends ConvGeometry {
  readonly inputShape: readonly number[];
  readonly filterShape: readonly number[];
}

/** Positions of a kernel over an axis: floor((size + 2 pad - kernel) / stride) + 1. */
export const convSize = (size: number, kernel: number, { stride, pad }: ConvGeometry): number =>
  Math.floor((size + 2 * pad - kernel) / stride) + 1;

const paddedShape = ([n, h, w, c]: readonly number[], pad: number): Shape4D => [
  n as number,
  (h as number) + 2 * pad,
  (w as number) + 2 * pad,
  c as number,
];

const padZeros = (x: tf.Tensor, pad: number): tf.Tensor4D =>
  (pad === 0
    ? x
    : tf.pad(x, [
        [0, 0],
        [pad, pad],
        [pad, pad],
        [0, 0],
      ])) as tf.Tensor4D;

const tfjsAttributes = ({ stride }: ConvGeometry) => ({
  strides: [stride, stride],
  pad: "valid",
  dataFormat: "NHWC",
  dimRoundingMode: null,
});

const tensorflowAttributes = ({
  stride,
  pad,
}: ConvGeometry): Readonly<Record<string, AttributeValue>> => ({
  T: float32,
  strides: { type: "int", value: [1, stride, stride, 1] },
  use_cudnn_on_gpu: { type: "bool", value: true },
  padding: { type: "string", value: pad === 0 ? "VALID" : "EXPLICIT" },
  ...(pad === 0
    ? {}
    : { explicit_paddings: { type: "int", value: [0, 0, pad, pad, pad, pad, 0, 0] } }),
  data_format: { type: "string", value: "NHWC" },
  dilations: { type: "int", value: [1, 1, 1, 1] },
});

const convolveOnTensorflow = (
  x: tf.Tensor,
  filter: tf.Tensor,
  geometry: ConvGeometry,
): tf.Tensor[] => executeTensorflow("Conv2D", tensorflowAttributes(geometry), [x, filter]);

/**
 * TensorFlow's gradients unfold the input into a matrix of kernel^2 channels columns: for 7 x 7 from 64 channels to 3,
 * 3136 numbers for each pixel. With few filters it is the gradient that is small, and unfolding it instead is several
 * times as fast. At stride 1 the two can change places: padded by what the image's padding leaves of kernel - 1.
 */
const swapped = ({ stride, pad, filterShape }: ConvAttributes): ConvGeometry | undefined => {
  const [kernel, , channels, filters] = filterShape as Shape4D;
  const worthwhile = stride === 1 && pad < kernel && 4 * filters <= channels;
  return worthwhile ? { stride, pad: kernel - 1 - pad } : undefined;
};

/** Turned by half a turn, the last two axes exchanged; its own inverse. */
const turned = (filter: tf.Tensor): tf.Tensor =>
  tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);

const forward: Kernel<ConvAttributes> = defineKernel({
  name: "GancConv2D",
  portable: ({ x, filter }, { stride, pad }) => [
    tf.conv2d(padZeros(x as tf.Tensor, pad), filter as tf.Tensor4D, stride, "valid"),
  ],
  tensorflow: ({ x, filter }, attributes) =>
    convolveOnTensorflow(x as tf.Tensor, filter as tf.Tensor, attributes),
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
    return [pad === 0 ? padded : tf.slice(padded, [0, pad, pad, 0], [...inputShape])];
  },
  tensorflow: ({ dy, filter }, attributes) => {
    const swap = swapped(attributes);
    if (swap !== undefined) {
      return convolveOnTensorflow(dy as tf.Tensor, turned(filter as tf.Tensor), swap);
    }
    return executeTensorflow("Conv2DBackpropInput", tensorflowAttributes(attributes), [
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
  geometry: ConvGeometry,
): tf.Tensor[] =>
  executeTensorflow("Conv2DBackpropFilter", tensorflowAttributes(geometry), [
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
    const { filterShape } = attributes;
    const [image, gradient] = [x as tf.Tensor, dy as tf.Tensor];
    const swap = swapped(attributes);
    if (swap === undefined)
      return filterGradientOnTensorflow(image, gradient, filterShape, attributes);
    const [k, , channels, filters] = filterShape as Shape4D;
    return filterGradientOnTensorflow(gradient, image, [k, k, filters, channels], swap).map(turned);
  },
  savesInputs: ["x", "dy"],
  gradient: (d, [x, dy], attributes) => ({
    x: () => only(inputGradient({ dy: dy as tf.Tensor, filter: d }, attributes)),
    dy: () => only(forward({ x: x as tf.Tensor, filter: d }, attributes)),
  }),
});

/**
 * Convolves x [n, h, w, in] with a filter [k, k, in, out]; the result is
 * [n, floor((h + 2 pad - k) / stride) + 1, …, out].
 */
export const conv2d = (
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  { stride, pad }: ConvGeometry,
): tf.Tensor4D =>
  only(forward({ x, filter }, { stride, pad, inputShape: x.shape, filterShape: filter.shape }));

/**
 * Length of an axis after a transposed convolution: (size - 1) stride - 2 pad + kernel + outputPad, the arithmetic of
 * PyTorch's ConvTranspose2d.
 */
export const convTransposeSize = (
  size: number,
  kernel: number,
  { stride, pad, outputPad }: ConvGeometry & { readonly outputPad: number },
): number => (size - 1) * stride - 2 * pad + kernel + outputPad;

/**
 * Transposed convolution of x [n, h, w, in] with a filter [k, k, out, in]: the gradient, for its input, of the
 * convolution of the same stride and pad. Several input sizes lead that convolution to h; `outputPad`, less than
 * the stride, chooses among them.
 */
export function convTranspose2d(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  geometry: ConvGeometry & { readonly outputPad: number },
): tf.Tensor4D {
  const [n, h, w] = x.shape;
  const [k, , out] = filter.shape;
  const { stride, pad } = geometry;
  const inputShape = [n, convTransposeSize(h, k, geometry), convTransposeSize(w, k, geometry), out];
  return only(
    inputGradient({ dy: x, filter }, { stride, pad, inputShape, filterShape: filter.shape }),
  );
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
