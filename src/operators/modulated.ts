/** A convolution whose filters follow a style (Karras et al. 2020, StyleGAN2). */
import { left } from "fp-ts/lib/Either.js";
import { impossible } from "../base/impossible.js";
import { add, mul, sum } from "../graph/operators/arithmetic.js";
import { conv } from "../graph/operators/convolution.js";
import { power } from "../graph/operators/functions.js";
import { matmul } from "../graph/operators/linear.js";
import { reshape } from "../graph/operators/shaping.js";
import { constant } from "../graph/operators/sources.js";
import { bias, filter, filters, weights, withBias } from "./filters.js";
import type { Layer } from "./layer.js";
import { anything } from "./range.js";
import * as reach from "./reach.js";
import { bool, number, square } from "./signature.js";
import { geometry, slide, squareKernel, squarePad, squareStride, windowAlong } from "./sliding.js";

/** What is added to the sum of squares under the root, as the published code has it. */
const least = 1e-8;

export const modulatedConv: Layer = {
  name: "modulated_conv",
  options: [
    squareKernel,
    filters,
    squareStride,
    squarePad,
    bool("demodulate", "whether each filter, once scaled, is divided by its length", {
      defaultValue: true,
    }),
    bias,
  ],
  doc: "`modulated_conv(3, 64)(x, s)` is a convolution whose filters follow a style (Karras et al. 2020): for each sample the weights of the i-th channel of x are multiplied by the i-th number of s, which is 1 x 1 with the channels of x; each filter is then divided by the root of the sum of its squares plus 1e-8. Output side as of `conv`.",
  beside: ["s"],
  shape: (input, o, [style]) => {
    const [height, width, channels] = style ?? input;
    return height * width === 1 && channels === input[2]
      ? slide(() => number(o, "filters"))(input, o)
      : left(
          `its style is 1 x 1 x ${input[2]}, a number for each channel, and here is one of ${height} x ${width} x ${channels}`,
        );
  },
  parameters: (input, o) => {
    const [k, f] = [square(o, "kernel"), number(o, "filters")];
    return weights([k, k, input[2], f], f, o);
  },
  window: windowAlong,
  reach: reach.sliding,
  range: anything,
  torch: {
    of: "ModulatedConv",
    takes: ["channels", "filters", "kernel"],
    named: { stride: "stride", pad: "padding", demodulate: "demodulate", bias: "bias" },
    gives: "filters",
  },
  positional: 2,
  // Scaling what comes in and what goes out, rather than the weights, makes none for each sample.
  graph: (x, given, o) => {
    const { weight, s } = given;
    if (weight === undefined || s === undefined) return impossible("nothing is modulated");
    const y = conv(mul(x, s), filter(given), geometry(o));
    if (o.demodulate !== true) return withBias(y, given);
    const [n = 1, channels = 1] = s.shape;
    const squares = matmul(reshape(mul(s, s), [n, channels]), sum(mul(weight, weight), [0, 1]));
    const shrink = power(add(squares, constant(least)), -0.5);
    return withBias(mul(y, reshape(shrink, [n, number(o, "filters"), 1, 1])), given);
  },
};
