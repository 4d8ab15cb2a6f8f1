/**
 * Two-dimensional convolution (cross-correlation, as everywhere in deep learning) of images [n, i,
 * h, w] with weights [o, i, kh, kw], and its two gradients. Each of the three is linear in both
 * operands, and its gradients are the other two.
 */
import { type Axis, along, bothOf, type Sides } from "../../base/sides.js";
import { make } from "../build.js";
import { type Attributes, type Node, type Shape, sizeOf } from "../graph.js";
import type { Operator, Tensor } from "../operator.js";
import * as onnx from "./onnx/convolution.js";
import {
  notRank,
  notWhole,
  numberOf,
  type Problem,
  type Shape4,
  shapeUnless,
  show,
  sidesOf,
  type Two,
} from "./rules.js";

export interface Sliding {
  /** At least 1. */
  readonly stride: Sides;
  /** Zeros on each side, at least 0. */
  readonly pad: Sides;
  /** From one place of the window to the next, at least 1; 1 where it is not said. */
  readonly dilation?: Sides;
}

export interface ImageSize {
  readonly height: number;
  readonly width: number;
}

export interface KernelSize {
  readonly kernelHeight: number;
  readonly kernelWidth: number;
}

/**
 * Positions of a window along a side: floor((side + 2 pad - reach) / stride) + 1, where the reach
 * is (kernel - 1) dilation + 1.
 */
export const positions = (
  side: number,
  kernel: number,
  { stride, pad, dilation = 1 }: Sliding,
  axis: Axis,
): number => {
  const reach = (kernel - 1) * along(dilation, axis) + 1;
  return Math.floor((side + 2 * along(pad, axis) - reach) / along(stride, axis)) + 1;
};

export const slidingOf = (attributes: Attributes): Sliding => ({
  stride: sidesOf(attributes, "stride"),
  pad: sidesOf(attributes, "pad"),
  ...(attributes.dilation === undefined ? {} : { dilation: sidesOf(attributes, "dilation") }),
});

/** Shapes of the image, the weight and the value of one convolution. */
interface Convolution {
  readonly x: Shape4;
  readonly w: Shape4;
  readonly y: Shape4;
  readonly sliding: Sliding;
  /** Of channels: each group of filters sees one group of the image's. */
  readonly groups: number;
}

export const valueShape = (x: Shape4, w: Shape4, sliding: Sliding): Shape4 => [
  x[0],
  w[0],
  positions(x[2], w[2], sliding, 0),
  positions(x[3], w[3], sliding, 1),
];

export const notSliding = (attributes: Attributes): Problem =>
  notWhole(attributes, 1, ["stride"]) ?? notWhole(attributes, 0, ["pad"]);

/** Whether there is no convolution of x with w. */
export const notMeeting = (x: Shape4, w: Shape4, sliding: Sliding, groups = 1): Problem => {
  if (x[1] !== w[1] * groups)
    return `${x[1]} channels do not meet weights for ${w[1]}${groups === 1 ? "" : ` in each of ${groups} groups`}`;
  if (w[0] % groups !== 0) return `${w[0]} filters do not divide into ${groups} groups`;
  return valueShape(x, w, sliding).every((side) => side >= 1)
    ? undefined
    : "the window is larger than the padded image";
};

/** Whether a gradient for the value of the convolution has not the value's shape. */
export const notItsGradient = (dy: Shape4, x: Shape4, w: Shape4, sliding: Sliding): Problem => {
  const expected = valueShape(x, w, sliding);
  return show(expected) === show(dy)
    ? undefined
    : `the convolution of ${show(x)} with ${show(w)} has the shape ${show(expected)}, not ${show(dy)}`;
};

/**
 * Calls `visit` with the offsets in x, w and y of every product x w that is a summand of an element
 * of y.
 */
export const eachProduct = (
  { x, w, y, sliding: { stride, pad, dilation = 1 }, groups }: Convolution,
  visit: (inX: number, inW: number, inY: number) => void,
): void => {
  const [images, channels, height, width] = x;
  const [filters, seen, kernelHeight, kernelWidth] = w;
  const [, , rows, columns] = y;
  const each = filters / groups;
  const [down, across] = bothOf(stride);
  const [high, wide] = bothOf(pad);
  const [rowGap, columnGap] = bothOf(dilation);
  let inY = 0;
  for (let n = 0; n < images; n++)
    for (let o = 0; o < filters; o++)
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++, inY++)
          for (let i = 0; i < seen; i++)
            for (let a = 0; a < kernelHeight; a++) {
              const h = row * down + a * rowGap - high;
              if (h < 0 || h >= height) continue;
              for (let b = 0; b < kernelWidth; b++) {
                const v = column * across + b * columnGap - wide;
                if (v < 0 || v >= width) continue;
                const channel = Math.floor(o / each) * seen + i;
                const inX = ((n * channels + channel) * height + h) * width + v;
                visit(inX, ((o * seen + i) * kernelHeight + a) * kernelWidth + b, inY);
              }
            }
};

export const convOperator: Operator = {
  name: "conv",
  doc: "Convolution of images [n, i, h, w] with weights [o, i, kh, kw], zeros around the image. Side of the value: floor((side + 2 pad - kernel) / stride) + 1.",
  attributes: { stride: "sides", pad: "sides" },
  arity: 2,
  shape: (inputs, attributes) => {
    const [x, w] = inputs as Two<Shape4>;
    const sliding = slidingOf(attributes);
    return shapeUnless(
      notRank(x, 4, "the image") ??
        notRank(w, 4, "the weight") ??
        notSliding(attributes) ??
        notMeeting(x, w, sliding),
      () => valueShape(x, w, sliding),
    );
  },
  vjp: (node, dy) => {
    const [x, w] = node.inputs as Two<Node>;
    const sliding = slidingOf(node.attributes);
    return [
      () => convInput(dy, w, { ...sliding, ...imageSize(x.shape) }),
      () => convWeight(x, dy, { ...sliding, ...kernelSize(w.shape) }),
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
  onnx: onnx.conv,
};

/** The shapes of the image, the weight and the value, with what the attributes say. */
export const convolution = (x: Shape, w: Shape, y: Shape, attributes: Attributes): Convolution => ({
  x: x as Shape4,
  w: w as Shape4,
  y: y as Shape4,
  sliding: slidingOf(attributes),
  groups: attributes.groups === undefined ? 1 : numberOf(attributes, "groups"),
});

export const imageSize = (shape: Shape): ImageSize => {
  const [, , height, width] = shape as Shape4;
  return { height, width };
};

export const kernelSize = (shape: Shape): KernelSize => {
  const [, , kernelHeight, kernelWidth] = shape as Shape4;
  return { kernelHeight, kernelWidth };
};

/** The convolution of x [n, i, h, w] with w [o, i, kh, kw]. */
export const conv = (x: Node, w: Node, { stride, pad }: Sliding): Node =>
  make(convOperator, [x, w], { stride, pad });

const convInputOperator: Operator = {
  name: "conv_input",
  doc: "The gradient of conv for an image of the given size, from dy [n, o, ...] and the weights [o, i, kh, kw]: the transposed convolution.",
  attributes: { stride: "sides", pad: "sides", height: "number", width: "number" },
  arity: 2,
  shape: (inputs, attributes) => {
    const [dy, w] = inputs as Two<Shape4>;
    const sliding = slidingOf(attributes);
    const x: Shape4 = [dy[0], w[1], numberOf(attributes, "height"), numberOf(attributes, "width")];
    return shapeUnless(
      notRank(dy, 4, "the gradient") ??
        notRank(w, 4, "the weight") ??
        notSliding(attributes) ??
        notWhole(attributes, 1, ["height", "width"]) ??
        notItsGradient(dy, x, w, sliding),
      () => x,
    );
  },
  vjp: (node, dx) => {
    const [dy, w] = node.inputs as Two<Node>;
    const sliding = slidingOf(node.attributes);
    return [
      () => conv(dx, w, sliding),
      () => convWeight(dx, dy, { ...sliding, ...kernelSize(w.shape) }),
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
  onnx: onnx.convInput,
};

/**
 * The gradient of `conv` for an image of the given size; dy has the shape of the convolution's
 * value.
 */
export const convInput = (
  dy: Node,
  w: Node,
  { stride, pad, height, width }: Sliding & ImageSize,
): Node => make(convInputOperator, [dy, w], { stride, pad, height, width });

const convWeightOperator: Operator = {
  name: "conv_weight",
  doc: "The gradient of conv for weights of the given size, from the image [n, i, h, w] and dy [n, o, ...].",
  attributes: { stride: "sides", pad: "sides", kernelHeight: "number", kernelWidth: "number" },
  arity: 2,
  shape: (inputs, attributes) => {
    const [x, dy] = inputs as Two<Shape4>;
    const sliding = slidingOf(attributes);
    const kernel = [
      numberOf(attributes, "kernelHeight"),
      numberOf(attributes, "kernelWidth"),
    ] as const;
    const w: Shape4 = [dy[1], x[1], ...kernel];
    return shapeUnless(
      notRank(x, 4, "the image") ??
        notRank(dy, 4, "the gradient") ??
        notSliding(attributes) ??
        notWhole(attributes, 1, ["kernelHeight", "kernelWidth"]) ??
        notItsGradient(dy, x, w, sliding),
      () => w,
    );
  },
  vjp: (node, dw) => {
    const [x, dy] = node.inputs as Two<Node>;
    const sliding = slidingOf(node.attributes);
    return [
      () => convInput(dy, dw, { ...sliding, ...imageSize(x.shape) }),
      () => conv(x, dw, sliding),
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
  onnx: onnx.convWeight,
};

/**
 * The gradient of `conv` for weights of the given size; dy has the shape of the convolution's
 * value.
 */
export const convWeight = (
  x: Node,
  dy: Node,
  { stride, pad, kernelHeight, kernelWidth }: Sliding & KernelSize,
): Node => make(convWeightOperator, [x, dy], { stride, pad, kernelHeight, kernelWidth });

export const convolutions: readonly Operator[] = [
  convOperator,
  convInputOperator,
  convWeightOperator,
];
