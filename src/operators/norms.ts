/**
 * Normalising layers: values to mean 0 and variance 1, and where they are affine by a learnt scale
 * and shift to others.
 */
import { left, right } from "fp-ts/lib/Either.js";
import { impossible } from "../base/impossible.js";
import { type Node, sizeOf } from "../graph/graph.js";
import { add, mean, mul, sub } from "../graph/operators/arithmetic.js";
import { power, stop } from "../graph/operators/functions.js";
import { standardize } from "../graph/operators/normalisation.js";
import { reshape } from "../graph/operators/shaping.js";
import { constant } from "../graph/operators/sources.js";
import {
  type Keeps,
  type Layer,
  type Misfit,
  noParameters,
  type Parameter,
  pointwise,
  type Shape,
} from "./layer.js";
import { anything } from "./range.js";
import { bool, int, number, type Options, real } from "./signature.js";
import { divisors } from "./sliding.js";

const epsilon = real("epsilon", "added to the variance", {
  defaultValue: 1e-5,
  least: 0,
  open: true,
  usual: {
    most: 0.1,
    value: 1e-5,
    why: "It is added to the variance only so that nothing is divided by 0: much more, and small values are not normalised.",
  },
});
const affine = (defaultValue: boolean) =>
  bool("affine", "whether a learnt scale and shift of each channel follow", { defaultValue });

/** A scale of 1 and a shift of 0 change nothing: so the layer begins. */
const parameters = ([, , channels]: Shape, o: Options): readonly Parameter[] =>
  o.affine === true
    ? [
        { name: "scale", shape: [channels] },
        { name: "shift", shape: [channels] },
      ]
    : [];

/** PyTorch's names of the learnt scale and shift. */
const scaleAndShift = { scale: "weight", shift: "bias" };

const channelwise = (x: Node | undefined): Node =>
  reshape(x ?? impossible("an affine layer has no scale"), [1, x?.shape[0] ?? 0, 1, 1]);

const scaled = (y: Node, weights: Readonly<Record<string, Node>>, o: Options): Node =>
  o.affine === true ? add(mul(y, channelwise(weights.scale)), channelwise(weights.shift)) : y;

const normalise = (
  x: Node,
  axes: readonly number[],
  weights: Readonly<Record<string, Node>>,
  o: Options,
): Node => scaled(standardize(x, axes, number(o, "epsilon")), weights, o);

const instanceNorm: Layer = {
  name: "instance_norm",
  options: [epsilon, affine(false)],
  doc: "Instance normalisation (Ulyanov et al. 2016): each channel of each sample to mean 0 and variance 1; biased variance; without affine parameters unless asked for.",
  shape: ([height, width, channels]) =>
    height * width === 1
      ? left("each channel has a single value, which it would always turn into 0")
      : right([height, width, channels]),
  parameters,
  window: pointwise,
  range: anything,
  normalises: (channels) => channels,
  torch: {
    of: "nn.InstanceNorm2d",
    takes: ["channels"],
    named: { epsilon: "eps", affine: "affine" },
    parameters: scaleAndShift,
  },
  positional: 0,
  graph: (x, weights, o) => normalise(x, [2, 3], weights, o),
};

const layerNorm: Layer = {
  name: "layer_norm",
  options: [
    epsilon,
    affine(false),
    bool("pixelwise", "whether the channels of each place are normalised by themselves", {
      defaultValue: false,
    }),
  ],
  doc: "Layer normalisation (Ba et al. 2016): all numbers of a sample together to mean 0 and variance 1, or with `pixelwise: true` those of each place, as transformers do; biased variance; scale and shift, where asked for, of each channel.",
  shape: (input, o) => {
    const [height, width, channels] = input;
    const count = o.pixelwise === true ? channels : height * width * channels;
    return count === 1
      ? left(
          `${o.pixelwise === true ? "each place" : "it"} has a single value, which it would always turn into 0`,
        )
      : right(input);
  },
  parameters,
  window: pointwise,
  range: anything,
  normalises: (_, o) => (o.pixelwise === true ? undefined : 1),
  torch: {
    of: "nn.GroupNorm",
    takes: ["=1", "channels"],
    named: { epsilon: "eps", affine: "affine" },
    always: ["affine"],
    parameters: scaleAndShift,
    variant: { option: "pixelwise", of: "LayerNorm" },
  },
  positional: 0,
  graph: (x, weights, o) => normalise(x, o.pixelwise === true ? [1] : [1, 2, 3], weights, o),
};

/** Why channels are not parted into so many groups. */
const unparted = (channels: number, groups: number): Misfit => ({
  reason: `its ${channels} channels do not divide into ${groups} equal groups`,
  option: "groups",
  hint: `Groups are equally large: of ${channels} channels there can be ${divisors(channels)}.`,
});

const groupNorm: Layer = {
  name: "group_norm",
  options: [
    int("groups", "how many groups of neighbouring channels, all equally large", { least: 1 }),
    epsilon,
    affine(true),
  ],
  doc: "Group normalisation (Wu and He 2018): all numbers of each group of channels of each sample to mean 0 and variance 1, whatever else is in the batch; biased variance. One group is `layer_norm`, a group for each channel `instance_norm`.",
  shape: (input, o) => {
    const [height, width, channels] = input;
    const groups = number(o, "groups");
    if (channels % groups !== 0) return left(unparted(channels, groups));
    return height * width * channels === groups
      ? left("each group has a single value, which it would always turn into 0")
      : right(input);
  },
  parameters,
  window: pointwise,
  range: anything,
  normalises: (_, o) => number(o, "groups"),
  torch: {
    of: "nn.GroupNorm",
    takes: ["groups", "channels"],
    named: { epsilon: "eps", affine: "affine" },
    parameters: scaleAndShift,
  },
  positional: 1,
  graph: (x, weights, o) => {
    const [n = 1, c = 1, h = 1, w = 1] = x.shape;
    const groups = number(o, "groups");
    const grouped = reshape(x, [n * groups, c / groups, h, w]);
    const y = standardize(grouped, [1, 2, 3], number(o, "epsilon"));
    return scaled(reshape(y, x.shape), weights, o);
  },
};

const overBatch = [0, 2, 3];

/**
 * The mean of each channel over a batch, and its unbiased variance; of a single number the variance
 * is 0.
 */
const statistics: Keeps = {
  buffers: ([, , channels], o) =>
    o.running === true
      ? [
          { name: "mean", shape: [channels] },
          { name: "variance", shape: [channels] },
        ]
      : [],
  seen: (x) => {
    const channels = [x.shape[1] ?? 1];
    const count = sizeOf(x.shape) / (x.shape[1] ?? 1);
    const all = stop(x);
    const middle = mean(all, overBatch);
    const centred = sub(all, middle);
    const biased = mean(mul(centred, centred), overBatch);
    return {
      mean: reshape(middle, channels),
      variance: reshape(mul(biased, constant(count / Math.max(count - 1, 1))), channels),
    };
  },
  share: 0.1,
};

/**
 * Normalised by statistics that are given: each channel scaled and shifted, once, as PyTorch does.
 * Where the weights are known, ONNX Runtime takes both into a convolution that stands before.
 */
const byStatistics = (
  x: Node,
  middle: Node,
  variance: Node,
  weights: Readonly<Record<string, Node>>,
  o: Options,
): Node => {
  const inverse = power(add(channelwise(variance), constant(number(o, "epsilon"))), -0.5);
  const scale = o.affine === true ? mul(inverse, channelwise(weights.scale)) : inverse;
  const back = mul(channelwise(middle), scale);
  const y = mul(x, scale);
  return o.affine === true ? add(y, sub(channelwise(weights.shift), back)) : sub(y, back);
};

const batchNorm: Layer = {
  name: "batch_norm",
  options: [
    epsilon,
    affine(true),
    bool("running", "whether it keeps running statistics, and goes by them outside of training", {
      defaultValue: false,
    }),
  ],
  doc: "Batch normalisation (Ioffe and Szegedy 2015): each channel over the batch at hand to mean 0 and variance 1, in training and translation alike, as pix2pix does; biased variance. The batch is that of one application: of real images and of generated ones each their own. With `running: true` translation goes by running statistics instead, as PyTorch's layer does by itself.",
  shape: (input) => right(input),
  parameters,
  window: pointwise,
  range: anything,
  normalises: (channels, o) => (o.running === true ? undefined : channels),
  mixesBatch: "normalised",
  torch: {
    of: "nn.BatchNorm2d",
    takes: ["channels"],
    named: { epsilon: "eps", affine: "affine" },
    parameters: { ...scaleAndShift, mean: "running_mean", variance: "running_var" },
    fixed: "track_running_stats=False",
    variant: { option: "running", of: "BatchNorm" },
  },
  keeps: statistics,
  positional: 0,
  graph: (x, weights, o) => {
    const { mean: middle, variance } = weights;
    return middle === undefined || variance === undefined
      ? normalise(x, overBatch, weights, o)
      : byStatistics(x, middle, variance, weights, o);
  },
};

const pixelNorm: Layer = {
  name: "pixel_norm",
  options: [
    real("epsilon", "added to the mean square", { defaultValue: 1e-8, least: 0, open: true }),
  ],
  doc: "Pixelwise normalisation (Karras et al. 2018, progressive GANs): the channels of each place over the root of their mean square.",
  shape: (input) => right(input),
  parameters: noParameters,
  window: pointwise,
  range: anything,
  torch: { of: "PixelNorm", named: { epsilon: "eps" } },
  positional: 0,
  graph: (x, _, o) =>
    mul(x, power(add(mean(mul(x, x), [1]), constant(number(o, "epsilon"))), -0.5)),
};

export const normLayers: readonly Layer[] = [
  instanceNorm,
  layerNorm,
  groupNorm,
  batchNorm,
  pixelNorm,
];
