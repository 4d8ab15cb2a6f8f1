/** Layers between images and vectors: a vector of n is an image of 1 x 1 pixels with n channels. */
import { left, right } from "fp-ts/lib/Either.js";
import { impossible } from "../base/impossible.js";
import type { Node } from "../graph/graph.js";
import { add, mean } from "../graph/operators/arithmetic.js";
import { matmul } from "../graph/operators/linear.js";
import { reshape, transpose } from "../graph/operators/shaping.js";
import { type Layer, pointwise, type Shape } from "./layer.js";
import { anything, unchanged } from "./range.js";
import { enlarging } from "./reach.js";
import { bool, int, number, square } from "./signature.js";

const count = ([height, width, channels]: Shape): number => height * width * channels;
const show = (shape: Shape): string => shape.join(" x ");

/** Values [n, c, h, w] as rows [n, h w c], in the order of the language: channels run fastest. */
const rows = (x: Node): Node => {
  const [n = 1, c = 1, h = 1, w = 1] = x.shape;
  return reshape(transpose(x, [0, 2, 3, 1]), [n, c * h * w]);
};

/** Rows as values of the shape. */
const placed = (x: Node, [height, width, channels]: Shape): Node =>
  transpose(reshape(x, [x.shape[0] ?? 1, height, width, channels]), [0, 3, 1, 2]);

const units = int("units", "channels of the output", { least: 1 });

const product = (x: Node, { weight, bias }: Readonly<Record<string, Node>>): Node => {
  const y = matmul(rows(x), weight ?? impossible("a dense layer has no weight"));
  const [n = 1, out = 1] = y.shape;
  return reshape(bias === undefined ? y : add(y, reshape(bias, [1, out])), [n, out, 1, 1]);
};

const dense: Layer = {
  name: "dense",
  options: [
    units,
    bool("bias", "whether a learnt constant is added to each channel", { defaultValue: true }),
  ],
  doc: "Every number of the input, weighted, into each of `units` channels of 1 x 1 pixels. The weight is [height width channels, units], rows in the order of the pixels.",
  shape: (_, o) => right([1, 1, number(o, "units")]),
  parameters: (input, o) => [
    { name: "weight", shape: [count(input), number(o, "units")] },
    ...(o.bias === true ? [{ name: "bias", shape: [number(o, "units")] }] : []),
  ],
  window: pointwise,
  seesAll: true,
  linear: true,
  range: anything,
  torch: { of: "Dense", takes: ["features", "units"], named: { bias: "bias" }, gives: "units" },
  positional: 1,
  graph: (x, weights) => product(x, weights),
};

const embedding: Layer = {
  name: "embedding",
  options: [units],
  doc: "A learnt vector for each class: what `dense` without a bias is to a one-hot vector.",
  shape: (input, o) =>
    input[0] * input[1] === 1
      ? right([1, 1, number(o, "units")])
      : left(`it takes one vector for each sample, as \`labels\` draws them, not ${show(input)}`),
  parameters: (input, o) => [{ name: "weight", shape: [count(input), number(o, "units")] }],
  window: pointwise,
  range: anything,
  torch: { of: "Dense", takes: ["features", "units"], fixed: "bias=False", gives: "units" },
  positional: 1,
  graph: (x, weights) => product(x, weights),
};

const flatten: Layer = {
  name: "flatten",
  options: [],
  doc: "All numbers of a sample as the channels of one pixel, row by row, the channels of each pixel together.",
  shape: (input) => right([1, 1, count(input)]),
  parameters: () => [],
  window: pointwise,
  seesAll: true,
  moves: () => true,
  range: unchanged,
  torch: { of: "Flatten", gives: null },
  positional: 0,
  graph: (x, _, __, side) => placed(rows(x), side),
};

const reshapeLayer: Layer = {
  name: "reshape",
  options: [
    int("height", "pixels", { least: 1 }),
    int("width", "pixels", { least: 1 }),
    int("channels", "of the output", { least: 1 }),
  ],
  doc: "The same numbers in the same order, in another shape: what leads from a vector to an image.",
  shape: (input, o) => {
    const shape: Shape = [number(o, "height"), number(o, "width"), number(o, "channels")];
    return count(shape) === count(input)
      ? right(shape)
      : left(`${show(shape)} are ${count(shape)} numbers, and the input has ${count(input)}`);
  },
  parameters: () => [],
  window: pointwise,
  seesAll: true,
  moves: () => true,
  range: unchanged,
  torch: { of: "Reshape", takes: ["height", "width", "channels"], gives: "channels" },
  positional: 3,
  graph: (x, _, __, side) => placed(rows(x), side),
};

const globalAvgPool: Layer = {
  name: "global_avg_pool",
  options: [],
  doc: "The mean of each channel over all pixels.",
  shape: ([, , channels]) => right([1, 1, channels]),
  parameters: () => [],
  window: pointwise,
  seesAll: true,
  range: unchanged,
  averages: true,
  torch: { of: "nn.AdaptiveAvgPool2d", takes: ["=1"] },
  positional: 0,
  graph: (x) => mean(x, [2, 3]),
};

const pixelShuffle: Layer = {
  name: "pixel_shuffle",
  options: [int("factor", "how many times as many pixels each side has", { least: 1 })],
  doc: "Channels into pixels (Shi et al. 2016), in the order of PyTorch: channel c factor^2 + i factor + j is row i and column j of each square.",
  shape: ([height, width, channels], o) => {
    const factor = square(o, "factor");
    return channels % factor ** 2 === 0
      ? right([height * factor, width * factor, channels / factor ** 2])
      : left(`its ${channels} channels do not divide into squares of ${factor ** 2} pixels`);
  },
  parameters: () => [],
  window: (o) => ({ kernel: 1, stride: 1, upsampling: square(o, "factor") }),
  reach: enlarging,
  moves: () => true,
  range: unchanged,
  torch: { of: "nn.PixelShuffle", takes: ["factor"], gives: { overSquareOf: "factor" } },
  positional: 1,
  graph: (x, _, o) => {
    const factor = square(o, "factor");
    const [n = 1, c = 1, h = 1, w = 1] = x.shape;
    const squares = reshape(x, [n, c / factor ** 2, factor, factor, h, w]);
    const pixels = transpose(squares, [0, 1, 4, 2, 5, 3]);
    return reshape(pixels, [n, c / factor ** 2, h * factor, w * factor]);
  },
};

export const vectorLayers: readonly Layer[] = [
  dense,
  embedding,
  flatten,
  reshapeLayer,
  globalAvgPool,
  pixelShuffle,
];
