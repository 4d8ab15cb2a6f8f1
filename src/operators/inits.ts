/**
 * How weights begin: one entry each with its options, and the distribution that it means for a
 * weight of given fans. The formulas are those of PyTorch's nn.init.
 */
import type { Distribution, Fans } from "../parameters/distributions.js";
import { bool, number, type Options, real, type Signature } from "./signature.js";

export interface Init {
  readonly name: string;
  readonly options: Signature;
  readonly doc: string;
  /** Distribution of a weight. Biases, scales and the like are not drawn. */
  readonly distribution: (fans: Fans, options: Options) => Distribution;
}

const positive = { least: 0, open: true } as const;

const gain = real("gain", "factor of all weights", {
  defaultValue: 1,
  ...positive,
  usual: {
    least: 1e-3,
    most: 10,
    value: 1,
    why: "Each layer multiplies what it takes by about this: over a few layers all values vanish, or explode.",
  },
});

const kaimingOptions: Signature = [
  real("slope", "that of the `leaky_relu` behind each layer; 0 for `relu`", {
    defaultValue: 0,
    least: 0,
  }),
  bool("fan_out", "whether what goes back keeps its size, rather than what goes forward", {
    defaultValue: false,
  }),
];

const normal = (std: number): Distribution => ({ kind: "normal", mean: 0, std });

/** Uniform numbers of that standard deviation about 0. */
const uniform = (std: number): Distribution => {
  const bound = Math.sqrt(3) * std;
  return { kind: "uniform", low: -bound, high: bound };
};

const xavier = (fans: Fans, o: Options): number =>
  number(o, "gain") * Math.sqrt(2 / (fans.in + fans.out));

const kaiming = (fans: Fans, o: Options): number =>
  Math.sqrt(2 / (1 + number(o, "slope") ** 2) / (o.fan_out === true ? fans.out : fans.in));

const entries: readonly Init[] = [
  {
    name: "normal",
    options: [
      real("mean", "mean of the weights", {
        defaultValue: 0,
        usual: {
          least: -0.1,
          most: 0.1,
          value: 0,
          why: "All filters then begin as the same filter, and sums over hundreds of channels as large numbers.",
        },
      }),
      real("std", "their standard deviation", {
        defaultValue: 0.02,
        ...positive,
        usual: {
          least: 1e-5,
          most: 1,
          value: 0.02,
          why: "Each layer multiplies what it takes by about this, times the root of how many numbers it sums: over a few layers all values vanish, or explode.",
        },
      }),
    ],
    doc: "weights from a normal distribution; biases 0",
    distribution: (_, o) => ({ kind: "normal", mean: number(o, "mean"), std: number(o, "std") }),
  },
  {
    name: "xavier_normal",
    options: [gain],
    doc: "normal weights of variance gain^2 2 / (in + out) (Glorot and Bengio 2010), where an output is summed from `in` numbers and an input goes to `out`",
    distribution: (fans, o) => normal(xavier(fans, o)),
  },
  {
    name: "xavier_uniform",
    options: [gain],
    doc: "uniform weights of the same variance, between -b and b for b = gain sqrt(6 / (in + out))",
    distribution: (fans, o) => uniform(xavier(fans, o)),
  },
  {
    name: "kaiming_normal",
    options: kaimingOptions,
    doc: "normal weights of variance 2 / (1 + slope^2) / in (He et al. 2015)",
    distribution: (fans, o) => normal(kaiming(fans, o)),
  },
  {
    name: "kaiming_uniform",
    options: kaimingOptions,
    doc: "uniform weights of the same variance; those of PyTorch's layers begin so, with a slope of the root of 5",
    distribution: (fans, o) => uniform(kaiming(fans, o)),
  },
  {
    name: "orthogonal",
    options: [gain],
    doc: "weights of which the filters, as vectors, are orthogonal and of length `gain` (Saxe et al. 2014), drawn evenly; where there are more filters than numbers in each, the numbers' vectors are",
    distribution: (_, o) => ({ kind: "orthogonal", gain: number(o, "gain") }),
  },
];

export const inits: ReadonlyMap<string, Init> = new Map(
  entries.map((entry) => [entry.name, entry]),
);
