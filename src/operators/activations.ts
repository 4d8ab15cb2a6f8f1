/** Activations: functions of single numbers, and softmax, of the channels of each place. */
import { left, right } from "fp-ts/lib/Either.js";
import { impossible } from "../base/impossible.js";
import type { Node } from "../graph/graph.js";
import { add, mul, sub } from "../graph/operators/arithmetic.js";
import { softmax } from "../graph/operators/extremes.js";
import * as functions from "../graph/operators/functions.js";
import { reshape } from "../graph/operators/shaping.js";
import { constant } from "../graph/operators/sources.js";
import {
  type Layer,
  noParameters,
  pointwise,
  type Shape,
  sameShape,
  type TorchModule,
} from "./layer.js";
import { anything, bounded, cosine, rectified, rising, sine, unchanged } from "./range.js";
import { bool, number, type Options, real, type Signature } from "./signature.js";

/** Makes a layer that works on each place alone. */
const placewise = (
  name: string,
  torch: TorchModule | string,
  doc: string,
  of: (x: Node, o: Options) => Node,
  range: Layer["range"],
  options: Signature = [],
): Layer => ({
  name,
  options,
  doc,
  shape: sameShape,
  parameters: noParameters,
  window: pointwise,
  range,
  torch: typeof torch === "string" ? { of: torch } : torch,
  positional: options.length,
  graph: (x, _, o) => of(x, o),
});

/** Makes a layer that works on each number alone. */
const activation = (...given: Parameters<typeof placewise>): Layer => ({
  ...placewise(...given),
  elementwise: true,
});

export const activations: readonly Layer[] = [
  {
    ...activation("relu", "nn.ReLU", "max(0, x)", (x) => functions.leakyRelu(x, 0), rectified),
    isFlatBelow0: () => true,
  },
  {
    ...activation(
      "relu6",
      "nn.ReLU6",
      "min(max(0, x), 6) (Krizhevsky 2010)",
      (x) => functions.clamp(x, 0, 6),
      (x) => bounded(rectified(x), 6),
    ),
    isFlatBelow0: () => true,
  },
  {
    ...activation(
      "leaky_relu",
      { of: "nn.LeakyReLU", takes: ["slope"] },
      "x where it is positive, slope x elsewhere",
      (x, o) => functions.leakyRelu(x, number(o, "slope")),
      (x, o) => {
        const slope = number(o, "slope");
        return slope === 0 ? rectified(x) : rising((v) => (v > 0 ? v : slope * v))(x);
      },
      [
        real("slope", "factor of negative values", {
          defaultValue: 0.01,
          least: 0,
          most: 1,
          usual: {
            most: 0.9,
            value: 0.2,
            why: "A slope near 1 gives what it takes: the layers before and behind are then nearly one linear layer.",
          },
        }),
      ],
    ),
    isFlatBelow0: (o) => number(o, "slope") === 0,
  },
  {
    ...placewise(
      "prelu",
      { of: "PRelu", takes: ["channels"], named: { shared: "shared" } },
      "x where it is positive, a learnt slope times x elsewhere, which begins at 0.25 (He et al. 2015)",
      (x) => x,
      anything,
      [
        bool("shared", "whether all channels have one slope, and not each its own", {
          defaultValue: true,
        }),
      ],
    ),
    positional: 0,
    parameters: ([, , channels], o) => [
      { name: "slope", shape: [o.shared === true ? 1 : channels] },
    ],
    graph: (x, { slope = impossible("prelu has no slope") }) => {
      const positive = functions.leakyRelu(x, 0);
      // By a difference, whose derivative at 0 is 1: the slope is that of PyTorch there.
      const negative = sub(x, positive);
      return add(positive, mul(negative, reshape(slope, [1, slope.shape[0] ?? 1, 1, 1])));
    },
  },
  activation(
    "tanh",
    "nn.Tanh",
    "hyperbolic tangent, into (-1, 1)",
    functions.tanh,
    rising(Math.tanh),
  ),
  activation("exp", "Exp", "exponential", functions.exp, rising(Math.exp)),
  activation("sin", "Sin", "sine, of radians, into [-1, 1]", functions.sin, sine),
  activation("cos", "Cos", "cosine, of radians, into [-1, 1]", functions.cos, cosine),
  {
    ...activation(
      "sigmoid",
      "nn.Sigmoid",
      "1 / (1 + exp(-x)), into (0, 1)",
      functions.sigmoid,
      rising((v) => 1 / (1 + Math.exp(-v))),
    ),
    probabilities: "each",
  },
  {
    ...placewise(
      "softmax",
      { of: "nn.Softmax", fixed: "dim=1" },
      "exp(x) over its sum over the channels, for each place",
      (x) => softmax(x, [1]),
      () => ({ low: 0, high: 1, lowOpen: true, highOpen: false }),
    ),
    shape: (input: Shape) =>
      input[2] === 1 ? left("of a single channel it is always 1") : right(input),
    probabilities: "channels",
  },
  activation(
    "elu",
    "nn.ELU",
    "x where it is positive, exp(x) - 1 elsewhere (Clevert et al. 2016)",
    (x) => {
      const positive = functions.leakyRelu(x, 0);
      // By a difference, whose derivative at 0 is 1: with that of the first summand, which is 0
      // there, the slope of both sides.
      const negative = sub(x, positive);
      return sub(add(positive, functions.exp(negative)), constant(1));
    },
    rising((v) => (v > 0 ? v : Math.expm1(v))),
  ),
  activation(
    "swish",
    "nn.SiLU",
    "x sigmoid(x) (Ramachandran et al. 2017)",
    (x) => mul(x, functions.sigmoid(x)),
    anything,
  ),
  activation(
    "gelu",
    { of: "nn.GELU", fixed: 'approximate="tanh"' },
    "x times the normal distribution's function of x, by its approximation with tanh (Hendrycks and Gimpel 2016)",
    (x) => {
      const cubic = mul(constant(0.044715), functions.power(x, 3));
      const inner = mul(constant(Math.sqrt(2 / Math.PI)), add(x, cubic));
      return mul(mul(constant(0.5), x), add(constant(1), functions.tanh(inner)));
    },
    anything,
  ),
  {
    ...activation(
      "identity",
      "nn.Identity",
      "x unchanged; between two linear layers it says that nothing is missing there",
      (x) => x,
      unchanged,
    ),
    moves: () => true,
  },
];
