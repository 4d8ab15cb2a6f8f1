/**
 * Random architectures over all entries of the table of layers: as text of a spec, and with their shapes by a reckoning of
 * its own, which knows nothing of the checker's rules.
 */
import { layers } from "../../src/operators/layers.js";
import type { Option } from "../../src/operators/signature.js";

export type Shape = readonly [height: number, width: number, channels: number];
type Options = Readonly<Record<string, number>>;

export interface Random {
  readonly text: string;
  /** Of what it gives; nothing where it does not fit. */
  readonly shape: (input: Shape) => Shape | undefined;
}

/** A whole number from 0 to `count` - 1. */
export type Below = (count: number) => number;

const slide = (size: number, { kernel = 1, stride = 1, pad = 0 }: Options): number =>
  Math.floor((size + 2 * pad - kernel) / stride) + 1;

const positive = ([h, w, c]: Shape): Shape | undefined => (h > 0 && w > 0 ? [h, w, c] : undefined);

const windows = ([h, w]: Shape, o: Options, channels: number): Shape | undefined =>
  Math.min(h, w) + 2 * (o.pad ?? 0) < (o.kernel ?? 1)
    ? undefined
    : [slide(h, o), slide(w, o), channels];

const padded = ([h, w, c]: Shape, { pad = 0 }: Options): Shape => [h + 2 * pad, w + 2 * pad, c];
const same = (input: Shape): Shape => input;
const vector = (channels: number): Shape => [1, 1, channels];

/** Of each layer the shape of what it gives, from its documentation. */
const rules: Readonly<Record<string, (input: Shape, o: Options) => Shape | undefined>> = {
  conv: (x, o) => windows(x, o, o.filters ?? 0),
  conv_transpose: ([h, w], o) => {
    const { kernel = 1, stride = 1, pad = 0, output_pad = 0, filters = 0 } = o;
    const side = (size: number): number => (size - 1) * stride - 2 * pad + kernel + output_pad;
    return output_pad >= stride ? undefined : positive([side(h), side(w), filters]);
  },
  reflect_pad: (x, o) => ((o.pad ?? 0) >= Math.min(x[0], x[1]) ? undefined : padded(x, o)),
  zero_pad: padded,
  instance_norm: (x) => (x[0] * x[1] === 1 ? undefined : x),
  layer_norm: (x) => (x[0] * x[1] * x[2] === 1 ? undefined : x),
  batch_norm: same,
  dense: (_, o) => vector(o.units ?? 0),
  embedding: ([h, w], o) => (h * w === 1 ? vector(o.units ?? 0) : undefined),
  flatten: ([h, w, c]) => vector(h * w * c),
  reshape: ([h, w, c], { height = 0, width = 0, channels = 0 }) =>
    h * w * c === height * width * channels ? [height, width, channels] : undefined,
  global_avg_pool: ([, , c]) => vector(c),
  pixel_shuffle: ([h, w, c], { factor = 1 }) =>
    c % factor ** 2 === 0 ? [h * factor, w * factor, c / factor ** 2] : undefined,
  avg_pool: (x, o) => windows(x, o, x[2]),
  // A window of nothing but padding has no greatest value.
  max_pool: (x, o) => ((o.pad ?? 0) >= (o.kernel ?? 1) ? undefined : windows(x, o, x[2])),
  rescale: same,
  upsample: ([h, w, c], { factor = 1 }) => [h * factor, w * factor, c],
  relu: same,
  leaky_relu: same,
  tanh: same,
  sigmoid: same,
  dropout: same,
  self_attention: same,
  softmax: (x) => (x[2] === 1 ? undefined : x),
  elu: same,
  swish: same,
  gelu: same,
  identity: same,
};

/** The layers that are in the table and not here, or here and not there. */
export const unknownLayers = (): readonly string[] => [
  ...[...layers.keys()].filter((name) => !(name in rules)),
  ...Object.keys(rules).filter((name) => !layers.has(name)),
];

const most: Readonly<Record<string, number>> = { pad: 3, output_pad: 2, factor: 2, stride: 3 };

const optionValue = (option: Option, below: Below): number => {
  const { name, type, least = 0 } = option;
  if (type === "Int") return least + below((most[name] ?? 5) - least + 1);
  if (name === "epsilon") return 1e-3;
  return type === "Real" ? 0.1 + below(4) / 10 : below(2);
};

const layer = (below: Below, without: ReadonlySet<string>): Random => {
  const all = [...layers.values()].filter(({ name }) => !without.has(name));
  const { name, options } = all[below(all.length)] ?? impossible();
  const given = Object.fromEntries(
    options.map((option) => [option.name, optionValue(option, below)]),
  );
  // A window of pooling goes by its own size unless said otherwise: here it is always said.
  const args = options.map(
    (o) => `${o.name}: ${o.type === "Bool" ? given[o.name] === 1 : given[o.name]}`,
  );
  const rule = rules[name] ?? impossible();
  return {
    text: args.length === 0 ? name : `${name}(${args.join(", ")})`,
    shape: (input) => rule(input, given),
  };
};

const impossible = (): never => {
  throw new Error("a layer without a rule: see unknownLayers");
};

const equal = (a: Shape | undefined, b: Shape): boolean => a?.join() === b.join();

const none: ReadonlySet<string> = new Set();

/** An architecture that spends at most `budget` layers, none of them of those names. */
export const architecture = (below: Below, budget: number, without = none): Random => {
  if (budget <= 1) return layer(below, without);
  const part = (share: number): Random =>
    architecture(below, Math.max(1, Math.floor(share)), without);
  switch (below(7)) {
    case 0: {
      const branch = part(budget / 2);
      return {
        text: `residual(${branch.text})`,
        shape: (input) => (equal(branch.shape(input), input) ? input : undefined),
      };
    }
    case 1: {
      const [block, times] = [part(budget / 2), below(3)];
      return {
        text: `(${block.text}) * ${times}`,
        shape: (input) => {
          let at: Shape | undefined = input;
          for (let i = 0; i < times && at !== undefined; i++) at = block.shape(at);
          return at;
        },
      };
    }
    case 2: {
      const [a, b] = [part(budget / 2), part(budget / 2)];
      return {
        text: `(v => concat((${a.text})(v), (${b.text})(v)))`,
        shape: (input) => {
          const [x, y] = [a.shape(input), b.shape(input)];
          if (x === undefined || y === undefined) return undefined;
          // One pixel is repeated over the others'.
          const [h, w] = x[0] * x[1] === 1 ? y : x;
          const fits = [x, y].every((s) => s[0] * s[1] === 1 || (s[0] === h && s[1] === w));
          return fits ? [h, w, x[2] + y[2]] : undefined;
        },
      };
    }
    default: {
      const first = part(budget / 2);
      const second = part(budget / 2);
      return {
        text: `${first.text} >> ${second.text}`,
        shape: (input) => {
          const middle = first.shape(input);
          return middle === undefined ? undefined : second.shape(middle);
        },
      };
    }
  }
};
