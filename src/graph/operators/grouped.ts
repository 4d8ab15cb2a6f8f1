/**
 * Convolution in groups and with gaps, and its two gradients: channels and filters are parted into
 * equally many groups of neighbours, and each group of filters sees one group of channels. Of as
 * many groups as channels it is depthwise (Howard et al. 2017). The places of the window lie
 * `dilation` pixels apart. One group without gaps is what `conv` computes; passes that know `conv`
 * do not take these for it.
 */
import type { Sides } from "../../base/sides.js";
import { make } from "../build.js";
import { type Attributes, type Node, sizeOf } from "../graph.js";
import type { Operator, Tensor } from "../operator.js";
import {
  convolution,
  eachProduct,
  type ImageSize,
  imageSize,
  type KernelSize,
  kernelSize,
  notItsGradient,
  notMeeting,
  notSliding,
  type Sliding,
  slidingOf,
  valueShape,
} from "./convolution.js";
import * as onnx from "./onnx/grouped.js";
import {
  notRank,
  notWhole,
  numberOf,
  type Problem,
  type Shape4,
  shapeUnless,
  sidesOf,
  type Two,
} from "./rules.js";

/** `groups`: at least 1. It divides the channels and the filters. */
export interface Grouped extends Sliding {
  readonly groups: number;
  readonly dilation: Sides;
}

const notGrouped = (attributes: Attributes): Problem =>
  notSliding(attributes) ?? notWhole(attributes, 1, ["groups", "dilation"]);

const groupedOf = ({ attributes }: Node): Grouped => ({
  stride: sidesOf(attributes, "stride"),
  pad: sidesOf(attributes, "pad"),
  groups: numberOf(attributes, "groups"),
  dilation: sidesOf(attributes, "dilation"),
});

const groupedConvOperator: Operator = {
  name: "grouped_conv",
  doc: "Convolution in groups of images [n, i, h, w] with weights [o, i / groups, kh, kw]: filter j sees the channels of its group alone. Side of the value: as of conv with a kernel of (kernel - 1) dilation + 1.",
  attributes: { stride: "sides", pad: "sides", groups: "number", dilation: "sides" },
  arity: 2,
  shape: (inputs, attributes) => {
    const [x, w] = inputs as Two<Shape4>;
    const sliding = slidingOf(attributes);
    return shapeUnless(
      notRank(x, 4, "the image") ??
        notRank(w, 4, "the weight") ??
        notGrouped(attributes) ??
        notMeeting(x, w, sliding, numberOf(attributes, "groups")),
      () => valueShape(x, w, sliding),
    );
  },
  vjp: (node, dy) => {
    const [x, w] = node.inputs as Two<Node>;
    const grouped = groupedOf(node);
    return [
      () => groupedConvInput(dy, w, { ...grouped, ...imageSize(x.shape) }),
      () => groupedConvWeight(x, dy, { ...grouped, ...kernelSize(w.shape) }),
    ];
  },
  evaluate: (inputs, attributes, shape) => {
    const [x, w] = inputs as Two<Tensor>;
    const out = new Float64Array(sizeOf(shape));
    eachProduct(convolution(x.shape, w.shape, shape, attributes), (inX, inW, inY) => {
      out[inY] = (out[inY] as number) + (x.data[inX] as number) * (w.data[inW] as number);
    });
    return out;
  },
  onnx: onnx.groupedConv,
};

/** The convolution in groups of x [n, i, h, w] with w [o, i / groups, kh, kw]. */
export const groupedConv = (x: Node, w: Node, { stride, pad, groups, dilation }: Grouped): Node =>
  make(groupedConvOperator, [x, w], { stride, pad, groups, dilation });

const groupedConvInputOperator: Operator = {
  name: "grouped_conv_input",
  doc: "The gradient of grouped_conv for an image of the given size, from dy [n, o, ...] and the weights [o, i / groups, kh, kw].",
  attributes: {
    stride: "sides",
    pad: "sides",
    groups: "number",
    dilation: "sides",
    height: "number",
    width: "number",
  },
  arity: 2,
  shape: (inputs, attributes) => {
    const [dy, w] = inputs as Two<Shape4>;
    const sliding = slidingOf(attributes);
    const groups = numberOf(attributes, "groups");
    const sides = [numberOf(attributes, "height"), numberOf(attributes, "width")] as const;
    return shapeUnless(
      notRank(dy, 4, "the gradient") ??
        notRank(w, 4, "the weight") ??
        notGrouped(attributes) ??
        notWhole(attributes, 1, ["height", "width"]) ??
        notMeeting([dy[0], w[1] * groups, ...sides], w, sliding, groups) ??
        notItsGradient(dy, [dy[0], w[1] * groups, ...sides], w, sliding),
      () => [dy[0], w[1] * groups, ...sides],
    );
  },
  vjp: (node, dx) => {
    const [dy, w] = node.inputs as Two<Node>;
    const grouped = groupedOf(node);
    return [
      () => groupedConv(dx, w, grouped),
      () => groupedConvWeight(dx, dy, { ...grouped, ...kernelSize(w.shape) }),
    ];
  },
  evaluate: (inputs, attributes, shape) => {
    const [dy, w] = inputs as Two<Tensor>;
    const out = new Float64Array(sizeOf(shape));
    eachProduct(convolution(shape, w.shape, dy.shape, attributes), (inX, inW, inY) => {
      out[inX] = (out[inX] as number) + (dy.data[inY] as number) * (w.data[inW] as number);
    });
    return out;
  },
  onnx: onnx.groupedConvInput,
};

/**
 * The gradient of `groupedConv` for an image of the given size; dy has the shape of the
 * convolution's value.
 */
export const groupedConvInput = (
  dy: Node,
  w: Node,
  { stride, pad, groups, dilation, height, width }: Grouped & ImageSize,
): Node =>
  make(groupedConvInputOperator, [dy, w], { stride, pad, groups, dilation, height, width });

const groupedConvWeightOperator: Operator = {
  name: "grouped_conv_weight",
  doc: "The gradient of grouped_conv for weights of the given size, from the image [n, i, h, w] and dy [n, o, ...].",
  attributes: {
    stride: "sides",
    pad: "sides",
    groups: "number",
    dilation: "sides",
    kernelHeight: "number",
    kernelWidth: "number",
  },
  arity: 2,
  shape: (inputs, attributes) => {
    const [x, dy] = inputs as Two<Shape4>;
    const sliding = slidingOf(attributes);
    const groups = numberOf(attributes, "groups");
    const w: Shape4 = [
      dy[1],
      Math.floor(x[1] / groups),
      numberOf(attributes, "kernelHeight"),
      numberOf(attributes, "kernelWidth"),
    ];
    return shapeUnless(
      notRank(x, 4, "the image") ??
        notRank(dy, 4, "the gradient") ??
        notGrouped(attributes) ??
        notWhole(attributes, 1, ["kernelHeight", "kernelWidth"]) ??
        notMeeting(x, w, sliding, groups) ??
        notItsGradient(dy, x, w, sliding),
      () => w,
    );
  },
  vjp: (node, dw) => {
    const [x, dy] = node.inputs as Two<Node>;
    const grouped = groupedOf(node);
    return [
      () => groupedConvInput(dy, dw, { ...grouped, ...imageSize(x.shape) }),
      () => groupedConv(x, dw, grouped),
    ];
  },
  evaluate: (inputs, attributes, shape) => {
    const [x, dy] = inputs as Two<Tensor>;
    const out = new Float64Array(sizeOf(shape));
    eachProduct(convolution(x.shape, shape, dy.shape, attributes), (inX, inW, inY) => {
      out[inW] = (out[inW] as number) + (x.data[inX] as number) * (dy.data[inY] as number);
    });
    return out;
  },
  onnx: onnx.groupedConvWeight,
};

/**
 * The gradient of `groupedConv` for weights of the given size; dy has the shape of the
 * convolution's value.
 */
export const groupedConvWeight = (
  x: Node,
  dy: Node,
  { stride, pad, groups, dilation, kernelHeight, kernelWidth }: Grouped & KernelSize,
): Node =>
  make(groupedConvWeightOperator, [x, dy], {
    stride,
    pad,
    groups,
    dilation,
    kernelHeight,
    kernelWidth,
  });

export const groupedConvolutions: readonly Operator[] = [
  groupedConvOperator,
  groupedConvInputOperator,
  groupedConvWeightOperator,
];
