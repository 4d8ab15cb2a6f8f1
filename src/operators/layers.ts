/**
 * The layers: one entry each holds everything that the compiler knows of it: options, shape rule,
 * parameters, receptive field, what it computes as a graph, and its documentation. Conventions are
 * PyTorch's, as the official CycleGAN code uses them: explicit padding, biases on, instance norm
 * without affine parameters and eps 1e-5.
 */
import { left, right } from "fp-ts/lib/Either.js";
import { impossible } from "../base/impossible.js";
import { along, axes, bothOf, sidesText } from "../base/sides.js";
import { add, mul, sub } from "../graph/operators/arithmetic.js";
import * as convolution from "../graph/operators/convolution.js";
import * as functions from "../graph/operators/functions.js";
import { groupedConv } from "../graph/operators/grouped.js";
import * as padding from "../graph/operators/padding.js";
import { pad as padZeros } from "../graph/operators/shaping.js";
import { constant } from "../graph/operators/sources.js";
import * as windows from "../graph/operators/windows.js";
import { activations } from "./activations.js";
import { attention, crossAttention, selfAttention } from "./attention.js";
import { bilinear } from "./bilinear.js";
import { bias, filter, filters, weights, withBias } from "./filters.js";
import type { Layer, Misfit, Shape } from "./layer.js";
import { noParameters, pointwise, sameShape } from "./layer.js";
import { minibatchStddev } from "./minibatch-stddev.js";
import { modulatedConv } from "./modulated.js";
import { normLayers } from "./norms.js";
import { placeLayers } from "./places.js";
import { pools } from "./pools.js";
import { anything, closed, plus, times, unchanged, withZero } from "./range.js";
import * as reach from "./reach.js";
import { bool, int, number, type Options, real, side, sides, sidesNamed } from "./signature.js";
import { divisors, geometry, kernel, pad, slide, stride, windowAlong } from "./sliding.js";
import { vectorLayers } from "./vectors.js";

/** Why neither channels nor filters may be parted into so many groups. */
const ungrouped = ([, , channels]: Shape, o: Options): Misfit | undefined => {
  const [f, groups] = [number(o, "filters"), number(o, "groups")];
  return channels % groups === 0 && f % groups === 0
    ? undefined
    : {
        reason: `its ${channels % groups === 0 ? `${f} filters` : `${channels} channels`} do not divide into ${groups} equal groups`,
        option: "groups",
        hint: `Groups divide both the channels and the filters: of ${channels} channels and ${f} filters there can be ${divisors(channels, f)}.`,
      };
};

const conv: Layer = {
  name: "conv",
  options: [
    kernel,
    filters,
    stride,
    pad,
    int(
      "groups",
      "how many groups of neighbouring channels, each seen by as many of the filters alone",
      { defaultValue: 1, least: 1 },
    ),
    bias,
    sides("dilation", "pixels from one place of the window to the next", {
      defaultValue: 1,
      least: 1,
    }),
  ],
  doc: "Convolution. Each output side is floor((side + 2 pad - dilation (kernel - 1) - 1) / stride) + 1. Of as many groups as channels it is depthwise (Howard et al. 2017); a dilation of 2 leaves out every second pixel within its window (Yu and Koltun 2016).",
  shape: (input, o) => {
    const misfit = ungrouped(input, o);
    return misfit === undefined ? slide(() => number(o, "filters"))(input, o) : left(misfit);
  },
  parameters: (input, o) => {
    const f = number(o, "filters");
    const window = bothOf(sidesNamed(o, "kernel"));
    return weights([...window, input[2] / number(o, "groups"), f], f, o);
  },
  window: windowAlong,
  reach: reach.sliding,
  linear: true,
  range: anything,
  torch: {
    of: "nn.Conv2d",
    takes: ["channels", "filters", "kernel"],
    named: {
      stride: "stride",
      pad: "padding",
      dilation: "dilation",
      groups: "groups",
      bias: "bias",
    },
    gives: "filters",
  },
  positional: 2,
  graph: (x, weights, o) => {
    const [groups, dilation] = [number(o, "groups"), sidesNamed(o, "dilation")];
    const y =
      groups === 1 && dilation === 1
        ? convolution.conv(x, filter(weights), geometry(o))
        : groupedConv(x, filter(weights), { ...geometry(o), groups, dilation });
    return withBias(y, weights);
  },
};

const convTranspose: Layer = {
  name: "conv_transpose",
  options: [
    kernel,
    filters,
    stride,
    pad,
    sides("output_pad", "pixels added at the bottom and on the right of the output", {
      defaultValue: 0,
      least: 0,
    }),
    bias,
  ],
  doc: "Transposed convolution. Each output side is (side - 1) stride - 2 pad + kernel + output_pad.",
  shape: (input, o) => {
    const [s, p, out] = [
      sidesNamed(o, "stride"),
      sidesNamed(o, "pad"),
      sidesNamed(o, "output_pad"),
    ];
    if (axes.some((axis) => along(out, axis) >= along(s, axis)))
      return left(
        `its output_pad of ${sidesText(out)} must be less than its stride of ${sidesText(s)}`,
      );
    const [height, width] = axes.map(
      (axis) =>
        (input[axis] - 1) * along(s, axis) -
        2 * along(p, axis) +
        side(o, "kernel", axis) +
        along(out, axis),
    ) as [number, number];
    return height < 1 || width < 1
      ? left(`its pad of ${sidesText(p)} takes away the whole output`)
      : right([height, width, number(o, "filters")]);
  },
  parameters: (input, o) => {
    const f = number(o, "filters");
    return weights([...bothOf(sidesNamed(o, "kernel")), f, input[2]], f, o);
  },
  window: (o, axis) => ({
    kernel: Math.ceil(side(o, "kernel", axis) / side(o, "stride", axis)),
    stride: 1,
    upsampling: side(o, "stride", axis),
  }),
  reach: reach.spreading,
  linear: true,
  outputAxis: 2,
  range: anything,
  torch: {
    of: "nn.ConvTranspose2d",
    takes: ["channels", "filters", "kernel"],
    named: { stride: "stride", pad: "padding", output_pad: "output_padding", bias: "bias" },
    gives: "filters",
  },
  positional: 2,
  graph: (x, weights, o, [height, width]) =>
    withBias(convolution.convInput(x, filter(weights), { ...geometry(o), height, width }), weights),
};

const reflectPad: Layer = {
  name: "reflect_pad",
  options: [
    sides("pad", "pixels mirrored on each side, without repeating the border", { least: 0 }),
  ],
  doc: "Padding by reflection at the border pixel: abc becomes cbabcba for a pad of 2.",
  shape: ([height, width, channels], o) => {
    const [high, wide] = bothOf(sidesNamed(o, "pad"));
    if (high < height && wide < width)
      return right([height + 2 * high, width + 2 * wide, channels]);
    const refused = (mirrored: string, beside: number) =>
      left(
        `it mirrors ${mirrored}, and an image of ${height} x ${width} has only ${beside} beside its border`,
      );
    if (high === wide) return refused(`${high} pixels`, Math.min(height, width) - 1);
    return high < height
      ? refused(`${wide} columns`, width - 1)
      : refused(`${high} rows`, height - 1);
  },
  parameters: noParameters,
  window: pointwise,
  reach: reach.mirrored,
  pads: true,
  moves: () => true,
  range: unchanged,
  torch: { of: "nn.ReflectionPad2d", takes: ["pad"], ofPair: "ReflectPad" },
  positional: 1,
  graph: (x, _, o) => padding.reflectPad(x, sidesNamed(o, "pad")),
};

const zeroPad: Layer = {
  name: "zero_pad",
  options: [
    sides("pad", "zeros added above and on the left, in pixels", { least: 0 }),
    sides("after", "zeros added below and on the right", { sameAs: "pad", least: 0 }),
  ],
  doc: "Padding by zeros. TensorFlow's SAME padding of a stride of 2 over an even side is `zero_pad((kernel - 2) // 2, after: (kernel - 1) // 2)`.",
  shape: ([height, width, channels], o) => {
    const [high, wide] = axes.map((axis) => side(o, "pad", axis) + side(o, "after", axis)) as [
      number,
      number,
    ];
    return right([height + high, width + wide, channels]);
  },
  parameters: noParameters,
  window: pointwise,
  reach: reach.bordered,
  pads: true,
  range: (x, o) => (sidesNamed(o, "pad") === 0 && sidesNamed(o, "after") === 0 ? x : withZero(x)),
  torch: {
    of: "nn.ZeroPad2d",
    takes: ["pad"],
    ofPair: "ZeroPad",
    variant: { option: "after", of: "ZeroPad" },
  },
  positional: 1,
  graph: (x, _, o) => {
    const [before, after] = [bothOf(sidesNamed(o, "pad")), bothOf(sidesNamed(o, "after"))];
    return padZeros(x, [0, 0, ...before], [0, 0, ...after]);
  },
};

const dropout: Layer = {
  name: "dropout",
  options: [
    real("rate", "how likely each number is to become 0", {
      defaultValue: 0.5,
      least: 0,
      most: 0.99,
      usual: {
        most: 0.9,
        value: 0.5,
        why: "It is the share that is dropped: hardly anything of the layer is left, ten times as large.",
      },
    }),
  ],
  doc: "Each number is 0 with probability `rate`, else divided by 1 - rate (Srivastava et al. 2014). Every application of the network draws its own, equal ones the same; translation drops nothing.",
  shape: sameShape,
  parameters: noParameters,
  window: pointwise,
  isRandom: true,
  range: (x, o) =>
    withZero(times(x, closed(1 / (1 - number(o, "rate")), 1 / (1 - number(o, "rate"))))),
  torch: { of: "Dropout", takes: ["rate"] },
  positional: 1,
  graph: (x, { chance }, o) => {
    const rate = number(o, "rate");
    const kept = functions.leakyStep(
      sub(chance ?? impossible("dropout is given no chance"), constant(rate)),
      0,
    );
    return mul(x, mul(kept, constant(1 / (1 - rate))));
  },
};

const upsample: Layer = {
  name: "upsample",
  options: [
    sides("factor", "how many times each pixel is repeated along each side", { least: 1 }),
    bool("bilinear", "whether values between the middles of pixels are interpolated", {
      defaultValue: false,
    }),
  ],
  doc: "Nearest-neighbour upsampling; before a convolution it avoids the checkerboard of transposed convolutions (Odena et al. 2016). With `bilinear: true` it interpolates, as PyTorch does with `align_corners=False`.",
  shape: ([height, width, channels], o) =>
    right([height * side(o, "factor", 0), width * side(o, "factor", 1), channels]),
  parameters: noParameters,
  window: (o, axis) => ({ kernel: 1, stride: 1, upsampling: side(o, "factor", axis) }),
  reach: (of, size, o, axis) =>
    (o.bilinear === true ? reach.interpolating : reach.enlarging)(of, size, o, axis),
  moves: (o) => o.bilinear !== true,
  range: unchanged,
  torch: {
    of: "nn.Upsample",
    named: { factor: "scale_factor" },
    variant: { option: "bilinear", of: "Upsample" },
  },
  positional: 1,
  graph: (x, _, o, [height, width]) => {
    const factor = sidesNamed(o, "factor");
    if (o.bilinear === true) return bilinear(x, factor);
    return windows.windowSpread(x, { kernel: factor, stride: factor, pad: 0, height, width });
  },
};

/** The layer that arithmetic with numbers becomes within a network. */
export const rescale: Layer = {
  name: "rescale",
  options: [
    real("scale", "factor"),
    real("offset", "what is added to the product", { defaultValue: 0 }),
  ],
  doc: "Every number times `scale` plus `offset`; nothing is learnt. Within a network it is what `0.2 * f(x)`, `1 - x` and `-x` mean.",
  shape: sameShape,
  parameters: noParameters,
  window: pointwise,
  range: (x, o) => {
    const [scale, offset] = [number(o, "scale"), number(o, "offset")];
    return plus(times(x, closed(scale, scale)), closed(offset, offset));
  },
  torch: { of: "Rescale", takes: ["scale"], named: { offset: "offset" } },
  positional: 1,
  graph: (x, _, o) => {
    const [scale, offset] = [number(o, "scale"), number(o, "offset")];
    const scaled = scale === 1 ? x : mul(x, constant(scale));
    return offset === 0 ? scaled : add(scaled, constant(offset));
  },
};

export const layers: ReadonlyMap<string, Layer> = new Map(
  [
    conv,
    convTranspose,
    modulatedConv,
    reflectPad,
    zeroPad,
    ...normLayers,
    ...vectorLayers,
    ...activations,
    ...pools,
    upsample,
    rescale,
    dropout,
    ...placeLayers,
    selfAttention,
    attention,
    crossAttention,
    minibatchStddev,
  ].map((layer) => [layer.name, layer]),
);

/** Returns the axis of a weight of this rank that counts the layer's outputs. */
export const outputAxis = (layer: string, rank: number): number =>
  layers.get(layer)?.outputAxis ?? rank - 1;
