/** Sums and maxima over windows of each channel of an image [n, c, h, w]. */
import { along, axes, bothOf, type Sides } from "../../base/sides.js";
import { make } from "../build.js";
import { type Attributes, type Node, type Shape, sizeOf } from "../graph.js";
import type { Operator, Tensor } from "../operator.js";
import { type ImageSize, positions, type Sliding } from "./convolution.js";
import { gather, scatterAdd } from "./offsets.js";
import * as onnx from "./onnx/windows.js";
import {
  notRank,
  notWhole,
  numberOf,
  type One,
  type Problem,
  type Shape4,
  shapeUnless,
  show,
  sidesOf,
  type Two,
} from "./rules.js";

export interface Window extends Sliding {
  /** At least 1. */
  readonly kernel: Sides;
}

const windowOf = (attributes: Attributes): Window => ({
  kernel: sidesOf(attributes, "kernel"),
  stride: sidesOf(attributes, "stride"),
  pad: sidesOf(attributes, "pad"),
});

const windowAttributes = { kernel: "sides", stride: "sides", pad: "sides" } as const;

const windowsOf = ([n, c, h, w]: Shape4, window: Window): Shape4 => [
  n,
  c,
  positions(h, along(window.kernel, 0), window, 0),
  positions(w, along(window.kernel, 1), window, 1),
];

/** Whether the windows do not fit over an image of this shape. */
const notOver = (x: Shape4, attributes: Attributes): Problem =>
  notRank(x, 4, "the image") ??
  notWhole(attributes, 1, ["kernel", "stride"]) ??
  notWhole(attributes, 0, ["pad"]) ??
  (windowsOf(x, windowOf(attributes)).every((side) => side >= 1)
    ? undefined
    : "the window is larger than the padded image");

const notThe = (expected: Shape, given: Shape): Problem =>
  show(expected) === show(given) ? undefined : `${show(given)} should be ${show(expected)}`;

/** Calls `visit` with the offsets of every window and of every pixel in it, row by row. */
const eachPixel = (
  shape: Shape4,
  over: Window,
  visit: (pixel: number, window: number) => void,
): void => {
  const [n, c, height, width] = shape;
  const [, , rows, columns] = windowsOf(shape, over);
  const [kernelHeight, kernelWidth] = bothOf(over.kernel);
  const [down, across] = bothOf(over.stride);
  const [high, wide] = bothOf(over.pad);
  let window = 0;
  for (let plane = 0; plane < n * c; plane++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++, window++)
        for (let a = 0; a < kernelHeight; a++) {
          const h = row * down + a - high;
          if (h < 0 || h >= height) continue;
          for (let b = 0; b < kernelWidth; b++) {
            const w = column * across + b - wide;
            if (w >= 0 && w < width) visit((plane * height + h) * width + w, window);
          }
        }
};

const windowSumOperator: Operator = {
  name: "window_sum",
  doc: "The sum over each window of each channel, zeros around the image. Side of the value: floor((side + 2 pad - kernel) / stride) + 1.",
  attributes: windowAttributes,
  extent: "each image",
  arity: 1,
  shape: (inputs, attributes) => {
    const [x] = inputs as One<Shape4>;
    return shapeUnless(notOver(x, attributes), () => windowsOf(x, windowOf(attributes)));
  },
  vjp: (node, dy) => {
    const [, , height, width] = (node.inputs as One<Node>)[0].shape as Shape4;
    return [() => windowSpread(dy, { ...windowOf(node.attributes), height, width })];
  },
  evaluate: (inputs, attributes, shape) => {
    const [x] = inputs as One<Tensor>;
    const out = new Float64Array(sizeOf(shape));
    eachPixel(x.shape as Shape4, windowOf(attributes), (pixel, window) => {
      out[window] = (out[window] as number) + (x.data[pixel] as number);
    });
    return out;
  },
  onnx: onnx.windowSum,
};

/** The sum over each window of each channel. */
export const windowSum = (x: Node, { kernel, stride, pad }: Window): Node =>
  make(windowSumOperator, [x], { kernel, stride, pad });

const windowSpreadOperator: Operator = {
  name: "window_spread",
  doc: "The adjoint of window_sum: each element is added to all pixels of its window in an image of the given size. Kernel = stride and pad 0: nearest-neighbour upsampling.",
  attributes: { ...windowAttributes, height: "number", width: "number" },
  extent: "each image",
  arity: 1,
  shape: (inputs, attributes) => {
    const [dy] = inputs as One<Shape4>;
    const x: Shape4 = [dy[0], dy[1], numberOf(attributes, "height"), numberOf(attributes, "width")];
    return shapeUnless(
      notRank(dy, 4, "the gradient") ??
        notWhole(attributes, 1, ["height", "width"]) ??
        notOver(x, attributes) ??
        notThe(windowsOf(x, windowOf(attributes)), dy),
      () => x,
    );
  },
  vjp: (node, dx) => [() => windowSum(dx, windowOf(node.attributes))],
  evaluate: (inputs, attributes, shape) => {
    const [dy] = inputs as One<Tensor>;
    const out = new Float64Array(sizeOf(shape));
    eachPixel(shape as Shape4, windowOf(attributes), (pixel, window) => {
      out[pixel] = (out[pixel] as number) + (dy.data[window] as number);
    });
    return out;
  },
  onnx: onnx.windowSpread,
};

/** The adjoint of `windowSum` for an image of the given size. */
export const windowSpread = (
  dy: Node,
  { kernel, stride, pad, height, width }: Window & ImageSize,
): Node => make(windowSpreadOperator, [dy], { kernel, stride, pad, height, width });

/** The offset of the first maximum of each window, row by row. */
const firstMaxima = ({ shape, data }: Tensor, window: Window): Int32Array => {
  const winners = new Int32Array(sizeOf(windowsOf(shape as Shape4, window))).fill(-1);
  eachPixel(shape as Shape4, window, (pixel, at) => {
    const winner = winners[at] as number;
    if (winner < 0 || (data[pixel] as number) > (data[winner] as number)) winners[at] = pixel;
  });
  return winners;
};

/** Whether there is a window without a pixel of the image, or none at all. */
const notMaximum = (x: Shape4, attributes: Attributes): Problem =>
  notOver(x, attributes) ??
  (axes.every(
    (axis) => along(sidesOf(attributes, "pad"), axis) < along(sidesOf(attributes, "kernel"), axis),
  )
    ? undefined
    : "pad must be less than the kernel");

const maxPoolOperator: Operator = {
  name: "max_pool",
  doc: "The maximum over each window of each channel; padding never wins. pad < kernel.",
  attributes: windowAttributes,
  extent: "each image",
  arity: 1,
  shape: (inputs, attributes) => {
    const [x] = inputs as One<Shape4>;
    return shapeUnless(notMaximum(x, attributes), () => windowsOf(x, windowOf(attributes)));
  },
  vjp: (node, dy) => {
    const [x] = node.inputs as One<Node>;
    return [() => maxPut(x, dy, windowOf(node.attributes))];
  },
  evaluate: (inputs, attributes) => {
    const [x] = inputs as One<Tensor>;
    return gather(x.data, firstMaxima(x, windowOf(attributes)));
  },
  onnx: onnx.maxPool,
};

/** The maximum over each window of each channel. */
export const maxPool = (x: Node, { kernel, stride, pad }: Window): Node =>
  make(maxPoolOperator, [x], { kernel, stride, pad });

const maxTakeOperator: Operator = {
  name: "max_take",
  doc: "For each window of x the element of v, of the same shape, at the place of x's first maximum. No derivative for x.",
  attributes: windowAttributes,
  arity: 2,
  shape: (inputs, attributes) => {
    const [x, v] = inputs as Two<Shape4>;
    return shapeUnless(notMaximum(x, attributes) ?? notThe(x, v), () =>
      windowsOf(x, windowOf(attributes)),
    );
  },
  vjp: (node, dy) => {
    const [x] = node.inputs as Two<Node>;
    return [undefined, () => maxPut(x, dy, windowOf(node.attributes))];
  },
  evaluate: (inputs, attributes) => {
    const [x, v] = inputs as Two<Tensor>;
    return gather(v.data, firstMaxima(x, windowOf(attributes)));
  },
  onnx: onnx.maxTake,
};

/** For each window of x the element of v at the place of x's first maximum. */
export const maxTake = (x: Node, v: Node, { kernel, stride, pad }: Window): Node =>
  make(maxTakeOperator, [x, v], { kernel, stride, pad });

const maxPutOperator: Operator = {
  name: "max_put",
  doc: "The adjoint of max_take in v: each element of dy is added at the place of x's first maximum in its window. No derivative for x.",
  attributes: windowAttributes,
  arity: 2,
  shape: (inputs, attributes) => {
    const [x, dy] = inputs as Two<Shape4>;
    return shapeUnless(
      notMaximum(x, attributes) ?? notThe(windowsOf(x, windowOf(attributes)), dy),
      () => x,
    );
  },
  vjp: (node, dx) => {
    const [x] = node.inputs as Two<Node>;
    return [undefined, () => maxTake(x, dx, windowOf(node.attributes))];
  },
  evaluate: (inputs, attributes, shape) => {
    const [x, dy] = inputs as Two<Tensor>;
    return scatterAdd(
      dy.data,
      firstMaxima(x, windowOf(attributes)),
      new Float64Array(sizeOf(shape)),
    );
  },
  onnx: onnx.maxPut,
};

/** The adjoint of `maxTake` in v. */
export const maxPut = (x: Node, dy: Node, { kernel, stride, pad }: Window): Node =>
  make(maxPutOperator, [x, dy], { kernel, stride, pad });

export const windows: readonly Operator[] = [
  windowSumOperator,
  windowSpreadOperator,
  maxPoolOperator,
  maxTakeOperator,
  maxPutOperator,
];
