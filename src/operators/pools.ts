/** Pooling: one number for each window of each channel. */
import { left, right } from "fp-ts/lib/Either.js";
import { along, axes, sidesText } from "../base/sides.js";
import type { Node } from "../graph/graph.js";
import { mul } from "../graph/operators/arithmetic.js";
import { conv } from "../graph/operators/convolution.js";
import { reflectPad } from "../graph/operators/padding.js";
import { pad as padZeros, reshape, slice } from "../graph/operators/shaping.js";
import { constant, tensor } from "../graph/operators/sources.js";
import * as windows from "../graph/operators/windows.js";
import { type Layer, noParameters } from "./layer.js";
import { unchanged, withZero } from "./range.js";
import * as reach from "./reach.js";
import { int, number, type Options, real, sides, sidesNamed, square } from "./signature.js";
import {
  areaOf,
  kernel,
  pad,
  slide,
  squareKernel,
  squarePad,
  windowAlong,
  windowOf,
} from "./sliding.js";

const pooled = slide((input) => input[2]);

/** A window that sees nothing but padding has no greatest value. */
const greatest: Layer["shape"] = (input, o) => {
  const [k, p] = [sidesNamed(o, "kernel"), sidesNamed(o, "pad")];
  return axes.some((axis) => along(p, axis) >= along(k, axis))
    ? left(`its pad of ${sidesText(p)} must be less than its kernel of ${sidesText(k)}`)
    : pooled(input, o);
};

const pool = (
  name: string,
  torch: string,
  doc: string,
  of: (x: Node, o: Options) => Node,
  rest: Partial<Layer> = {},
): Layer => ({
  name,
  options: [
    kernel,
    sides("stride", "step of the window, in pixels", { sameAs: "kernel", least: 1 }),
    pad,
  ],
  doc,
  shape: pooled,
  parameters: noParameters,
  window: windowAlong,
  reach: reach.sliding,
  // Zeros stand around the image.
  range: (x, o) => (sidesNamed(o, "pad") === 0 ? x : withZero(x)),
  torch: { of: torch, takes: ["kernel"], named: { stride: "stride", pad: "pad" } },
  positional: 1,
  graph: (x, _, o) => of(x, o),
  ...rest,
});

/** Pixels that blur_pool mirrors above and on the left, and below and on the right. */
const mirrored = (size: number) => ({
  before: Math.floor((size - 1) / 2),
  after: Math.floor(size / 2),
});

/**
 * x with its mirrored borders: a filter of even size has no middle, and one pixel less before it.
 */
const bordered = (x: Node, size: number): Node => {
  const { before, after } = mirrored(size);
  const padded = reflectPad(x, after);
  const [n = 1, c = 1, h = 1, w = 1] = padded.shape;
  const cut = after - before;
  return cut === 0 ? padded : slice(padded, [0, 0, cut, cut], [n, c, h, w]);
};

const blurPool: Layer = {
  name: "blur_pool",
  options: [
    int("kernel", "side of the filter, in pixels", { defaultValue: 3, least: 2, most: 7 }),
    int("stride", "step of the filter, in pixels", { defaultValue: 2, least: 1 }),
  ],
  doc: "Each channel blurred by a binomial filter, 1 2 1 for 3 pixels, and every `stride`-th pixel of it (Zhang 2019): a smaller image that hardly changes as its input moves by a pixel. The border is mirrored; nothing is learnt. Output side: ceil(side / stride).",
  shape: ([height, width, channels], o) => {
    const [{ after }, stride] = [mirrored(square(o, "kernel")), square(o, "stride")];
    return after >= Math.min(height, width)
      ? left(
          `it mirrors ${after} ${after === 1 ? "pixel" : "pixels"}, and an image of ${height} x ${width} has only ${Math.min(height, width) - 1} beside its border`,
        )
      : right([Math.ceil(height / stride), Math.ceil(width / stride), channels]);
  },
  parameters: noParameters,
  window: windowAlong,
  reach: ({ from, to }, side, o) => {
    const [kernel, stride] = [square(o, "kernel"), square(o, "stride")];
    const { before, after } = mirrored(kernel);
    const end = (to - 1) * stride - before + kernel;
    // What is mirrored at a border stands before it, and more than that is an image to mirror.
    const last = end < side ? from * stride : Math.min(from * stride, side - 1);
    const begin = Math.max(0, Math.floor((last - kernel) / stride) * stride);
    return reach.within({ from: begin, to: Math.max(end, begin + after + 1) }, side);
  },
  range: unchanged,
  averages: true,
  torch: { of: "BlurPool", named: { kernel: "kernel", stride: "stride" } },
  positional: 1,
  graph: (x, _, o) => {
    const [size, stride] = [square(o, "kernel"), square(o, "stride")];
    // Two neighbours added, one time less than the filter has pixels on a side, weigh binomially.
    const sums = Array.from({ length: size - 1 }, (_, i) => (i === size - 2 ? stride : 1));
    const added = sums.reduce(
      (y, step) => windows.windowSum(y, { kernel: 2, stride: step, pad: 0 }),
      bordered(x, size),
    );
    return mul(added, constant(4 ** (1 - size)));
  },
};

/** The weights of a Gaussian over the places of a window, which add up to 1. */
const bell = (size: number, sigma: number): readonly number[] => {
  const heights = Array.from({ length: size }, (_, i) =>
    Math.exp(-((i - (size - 1) / 2) ** 2) / (2 * sigma ** 2)),
  );
  const sum = heights.reduce((a, b) => a + b, 0);
  return heights.map((height) => height / sum);
};

const gaussianBlur: Layer = {
  name: "gaussian_blur",
  options: [
    squareKernel,
    real("sigma", "standard deviation of the Gaussian, in pixels", { least: 0, open: true }),
    squarePad,
  ],
  doc: "Each channel blurred by a Gaussian, cut off at the window's border and scaled to a sum of 1; nothing is learnt. A window of 11 pixels and a sigma of 1.5 are those of SSIM (Wang et al. 2004). Output side: side + 2 pad - kernel + 1.",
  shape: ([height, width, channels], o) => pooled([height, width, channels], { ...o, stride: 1 }),
  parameters: noParameters,
  window: (o) => ({ kernel: square(o, "kernel"), stride: 1, upsampling: 1 }),
  reach: (of, side, o, axis) => reach.sliding(of, side, { ...o, stride: 1 }, axis),
  range: (x, o) => (square(o, "pad") === 0 ? x : withZero(x)),
  averages: true,
  torch: { of: "GaussianBlur", takes: ["kernel", "sigma"], named: { pad: "pad" } },
  positional: 2,
  graph: (x, _, o, [height, width, channels]) => {
    const [size, padding] = [square(o, "kernel"), square(o, "pad")];
    const [n = 1, c = 1, h = 1, w = 1] = x.shape;
    const weights = bell(size, number(o, "sigma"));
    // Every channel as an image of its own, filtered along one axis after the other.
    const border =
      padding === 0 ? x : padZeros(x, [0, 0, padding, padding], [0, 0, padding, padding]);
    const each = reshape(border, [n * c, 1, h + 2 * padding, w + 2 * padding]);
    const slid = { stride: 1, pad: 0 };
    const down = conv(each, tensor(weights, [1, 1, size, 1]), slid);
    const across = conv(down, tensor(weights, [1, 1, 1, size]), slid);
    return reshape(across, [n, channels, height, width]);
  },
};

export const pools: readonly Layer[] = [
  pool(
    "avg_pool",
    "AvgPool",
    "Mean of each window.",
    (x, o) => mul(windows.windowSum(x, windowOf(o)), constant(1 / areaOf(o, "kernel"))),
    { averages: true },
  ),
  pool(
    "max_pool",
    "MaxPool",
    "Greatest value of each window.",
    (x, o) => windows.maxPool(x, windowOf(o)),
    { shape: greatest },
  ),
  blurPool,
  gaussianBlur,
];
