/**
 * Every layer of the table, and what it is said to be: the shape and the numbers that it gives, by
 * plain loops and by PyTorch. A new layer has its case here; the tests of shapes, of values and of
 * gradients on every engine, of random networks and of generated code find it by its name.
 */
import { layers } from "../../src/operators/layers.js";
import type { OptionValue } from "../../src/operators/signature.js";
import {
  at,
  build,
  conv,
  convTranspose,
  type Dense,
  map,
  pool,
  reflectPad,
  upsample,
} from "./dense.js";

/** [height, width, channels] */
export type Shape = readonly [height: number, width: number, channels: number];
/** What is true is 1. Of what differs between the axes this is the height's: `along` has both. */
export type Options = Readonly<Record<string, number>>;

/** How the number of the width is called where it is another than that of the height. */
const wide = (name: string): string => `${name} across`;

/** Options with numbers of the height and of the width, `{ kernel: [3, 7] }`. */
export const rectangular = (
  given: Readonly<Record<string, number | readonly [number, number]>>,
): Options => {
  const all: Record<string, number> = {};
  for (const [name, value] of Object.entries(given)) {
    all[name] = typeof value === "number" ? value : value[0];
    if (typeof value !== "number") all[wide(name)] = value[1];
  }
  return all;
};

/** The options along the width. */
const across = (o: Options): Options =>
  Object.fromEntries(Object.keys(o).map((name) => [name, o[wide(name)] ?? o[name] ?? 0]));

/** An option along both axes. */
const both = (o: Options, name: string, otherwise: number): readonly [number, number] => [
  o[name] ?? otherwise,
  across(o)[name] ?? otherwise,
];

/** A rule of one side, for both. */
const eachSide = (o: Options, rule: (axis: 0 | 1, o: Options) => number): [number, number] => [
  rule(0, o),
  rule(1, across(o)),
];
type Index = readonly [number, number, number, number];
type Weights = Readonly<Record<string, Dense>>;

/** A value beside the input of a layer of several, and what makes one of the input, as a spec. */
export interface Beside {
  readonly shape: Shape;
  readonly made: string;
}

export interface LayerCase {
  /** Of what it gives, by a reckoning of its own; nothing where it does not fit. */
  readonly shape: (input: Shape, o: Options) => Shape | undefined;
  /**
   * Options to try, and of which inputs; [6, 5, 4] unless said. Those not given have their
   * defaults.
   */
  readonly examples: readonly {
    readonly input?: Shape;
    readonly options?: Options;
    readonly beside?: readonly Beside[];
  }[];
  /**
   * Of x [n, h, w, c] and, by name, the parameters, what it keeps and the values beside x: outside
   * of training. Absent where it draws.
   */
  readonly value?: (x: Dense, o: Options, w: Weights) => Dense;
  /** Whether it is tried on small numbers: of others its slopes are 0 and 1. */
  readonly isSteep?: true;
  /**
   * The same in Python, of `x` [n, c, h, w], `w["weight"]`, which holds the values beside x too,
   * the options by name, and `F`, which is torch.nn.functional.
   */
  readonly torch?: string;
}

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);
const sum = (terms: readonly number[]): number => terms.reduce((a, b) => a + b, 0);
const sides = ({ shape }: Dense): Index => shape as unknown as Index;

const span = ({ kernel = 1, dilation = 1 }: Options): number => (kernel - 1) * dilation + 1;

const slid = (size: number, o: Options): number =>
  Math.floor((size + 2 * (o.pad ?? 0) - span(o)) / (o.stride ?? 1)) + 1;

const windows = ([h, w]: Shape, o: Options, channels: number): Shape | undefined => {
  const [height, width] = eachSide(o, (axis, own) => slid(axis === 0 ? h : w, own));
  return height < 1 || width < 1 ? undefined : [height, width, channels];
};

const padded = ([h, w, c]: Shape, o: Options): Shape => {
  const [high, wide] = both(o, "pad", 0);
  return [h + 2 * high, w + 2 * wide, c];
};
const same = (input: Shape): Shape => input;
const vector = (channels: number): Shape => [1, 1, channels];

/** The places of each sample and their channels, [n, h w, c], as nested lists. */
const rowsOf = (x: Dense): readonly (readonly (readonly number[])[])[] => {
  const [n, h, w, c] = sides(x);
  return range(n).map((i) =>
    range(h * w).map((p) => range(c).map((k) => at(x, [i, Math.floor(p / w), p % w, k]))),
  );
};

const weigh = (row: readonly number[], weight: Dense): readonly number[] => {
  const columns = weight.shape[1] as number;
  return range(columns).map((u) =>
    sum(row.map((v, i) => v * (weight.data[i * columns + u] as number))),
  );
};

const none: Dense = { shape: [0], data: new Float64Array(0) };
const weight = (w: Weights, name: string): Dense => w[name] ?? none;

/** A bias of zeros where there is none. */
const biasOf = (w: Weights, count: number): Dense =>
  w.bias ?? { shape: [count], data: new Float64Array(count) };

const dense = (x: Dense, _: Options, w: Weights): Dense => {
  const samples = rowsOf(x).map((places) => weigh(places.flat(), weight(w, "weight")));
  const units = weight(w, "weight").shape[1] as number;
  return build(
    [samples.length, 1, 1, units],
    ([i, , , u]) => (samples[i]?.[u] as number) + (w.bias?.data[u] ?? 0),
  );
};

/**
 * Numbers of one group to mean 0 and variance 1, or by the mean and variance kept of their channel;
 * then of each channel scaled and shifted.
 */
const norm =
  (group: (index: Index, o: Options, channels: number) => string) =>
  (x: Dense, o: Options, w: Weights): Dense => {
    const { scale, shift } = w;
    const channels = sides(x)[3];
    const groups = new Map<string, number[]>();
    build(x.shape, (index) => {
      const value = at(x, index);
      const key = group(index, o, channels);
      groups.set(key, [...(groups.get(key) ?? []), value]);
      return value;
    });
    return build(x.shape, (index) => {
      const all = groups.get(group(index, o, channels)) as number[];
      const mean = w.mean?.data[index[3]] ?? sum(all) / all.length;
      const spread = () => sum(all.map((v) => (v - mean) ** 2)) / all.length;
      const variance = w.variance?.data[index[3]] ?? spread();
      const y = (at(x, index) - mean) / Math.sqrt(variance + (o.epsilon ?? 0));
      return y * (scale?.data[index[3]] ?? 1) + (shift?.data[index[3]] ?? 0);
    });
  };

const affine = "if affine else (None, None)";
const scaled = `*((w["scale"], w["shift"]) ${affine})`;

const softmaxOf = (row: readonly number[]): readonly number[] => {
  const all = sum(row.map(Math.exp));
  return row.map((v) => Math.exp(v) / all);
};

const attention = (x: Dense, _: Options, weights: Weights): Dense => {
  const [, , w] = sides(x);
  const seen = rowsOf(x).map((places) => {
    const [q, k, v] = ["query", "key", "value"].map((name) =>
      places.map((row) => weigh(row, weight(weights, name))),
    ) as [number[][], number[][], number[][]];
    return q.map((of) => {
      const shares = softmaxOf(k.map((row) => sum(row.map((a, i) => a * (of[i] as number)))));
      return range(v[0]?.length ?? 0).map((c) =>
        sum(shares.map((a, p) => a * (v[p]?.[c] as number))),
      );
    });
  });
  const gain = weight(weights, "gain").data[0] as number;
  return build(
    x.shape,
    ([i, y, z, c]) => at(x, [i, y, z, c]) + gain * (seen[i]?.[y * w + z]?.[c] as number),
  );
};

const mean = (window: readonly number[]): number => sum(window) / window.length;
const geometry = (o: Options) => ({ stride: both(o, "stride", 1), pad: both(o, "pad", 0) });

const each = (f: (v: number, o: Options) => number, torch: string, examples = [{}]): LayerCase => ({
  shape: same,
  examples,
  value: (x, o) => map(x, (v) => f(v, o)),
  torch,
});

/** Each place of the larger image as a mean of the four nearest middles of pixels. */
const interpolated = (x: Dense, [down, right]: readonly [number, number]): Dense => {
  const [n, h, w, c] = sides(x);
  const near = (place: number, side: number, factor: number) => {
    const at = Math.min(Math.max((place + 0.5) / factor - 0.5, 0), side - 1);
    const first = Math.floor(at);
    return [
      [first, 1 - (at - first)],
      [Math.min(first + 1, side - 1), at - first],
    ] as const;
  };
  return build([n, h * down, w * right, c], ([i, y, z, k]) =>
    sum(
      near(y, h, down).flatMap(([row, a]) =>
        near(z, w, right).map(([column, b]) => a * b * at(x, [i, row, column, k])),
      ),
    ),
  );
};

/** Multi-head attention of x to y, straight from its formula. */
const manyHeads = (x: Dense, { heads = 1 }: Options, weights: Weights, y: Dense = x): Dense => {
  const [, , w, c] = sides(x);
  const others = rowsOf(y);
  const each = c / heads;
  const biased = (row: readonly number[], name: string, from: number): readonly number[] =>
    row.map((v, i) => v + (weights[name]?.data[from + i] ?? 0));
  const samples = rowsOf(x).map((places, n) => {
    const [q, k, v] = ["query", "key", "value"].map((name, i) =>
      (i === 0 ? places : (others[n] ?? [])).map((row) =>
        biased(weigh(row, weight(weights, name)), "bias", i * c),
      ),
    ) as [number[][], number[][], number[][]];
    return q.map((query) => {
      const seen = range(heads).flatMap((head) => {
        const own = (row: readonly number[]) => row.slice(head * each, (head + 1) * each);
        const dots = k.map((key) => {
          const part = own(key);
          return sum(own(query).map((a, i) => a * (part[i] as number))) / Math.sqrt(each);
        });
        const shares = softmaxOf(dots);
        return range(each).map((i) =>
          sum(shares.map((a, p) => a * (v[p]?.[head * each + i] as number))),
        );
      });
      return biased(weigh(seen, weight(weights, "out")), "shift", 0);
    });
  });
  return build(x.shape, ([i, row, z, k]) => samples[i]?.[row * w + z]?.[k] as number);
};

/** A convolution by filters that each sample scales for itself, and keeps to one length. */
const modulated = (x: Dense, o: Options, w: Weights): Dense => {
  const [filter, style] = [weight(w, "weight"), weight(w, "s")];
  const [n, h, , c] = sides(x);
  const [, , , f] = sides(filter);
  const samples = range(n).map((i) => {
    const own = build(
      filter.shape,
      ([a, b, k, u]) => at(filter, [a, b, k, u]) * at(style, [i, 0, 0, k]),
    );
    const lengths = range(f).map((u) =>
      o.demodulate === 1
        ? Math.sqrt(sum([...own.data].map((v, place) => (place % f === u ? v * v : 0))) + 1e-8)
        : 1,
    );
    const scaled = build(
      own.shape,
      ([a, b, k, u]) => at(own, [a, b, k, u]) / (lengths[u] as number),
    );
    const one = build([1, h, x.shape[2] as number, c], ([, y, z, k]) => at(x, [i, y, z, k]));
    return conv(one, scaled, w.bias ?? { shape: [f], data: new Float64Array(f) }, geometry(o));
  });
  const [, height, width] = sides(samples[0] as Dense);
  return build([n, height, width, f], ([i, y, z, u]) => at(samples[i] as Dense, [0, y, z, u]));
};

/** How much every (n / group)-th sample of a batch of n differs from the others, as a channel. */
const differing = (x: Dense, o: Options): Dense => {
  const [n, h, w, c] = sides(x);
  const { group = 4 } = o;
  const size = Math.max(...range(Math.min(group, n)).filter((i) => n % (i + 1) === 0)) + 1;
  const told = range(n).map((i) => {
    const own = range(n).filter((other) => (other - i) % (n / size) === 0);
    const spreads = range(h * w * c).map((place) => {
      const values = own.map((sample) => x.data[sample * h * w * c + place] as number);
      const middle = mean(values);
      return Math.sqrt(mean(values.map((v) => (v - middle) ** 2)) + 1e-8);
    });
    return mean(spreads);
  });
  return build([n, h, w, c + 1], ([i, y, z, k]) =>
    k < c ? at(x, [i, y, z, k]) : (told[i] as number),
  );
};

/** Weights of all channels for those of groups: 0 for the channels of other groups. */
const apart = (filter: Dense, { groups = 1 }: Options): Dense => {
  const [k, l, seen, filters] = sides(filter);
  const each = filters / groups;
  return build([k, l, seen * groups, filters], ([a, b, c, o]) =>
    Math.floor(c / seen) === Math.floor(o / each) ? at(filter, [a, b, c % seen, o]) : 0,
  );
};

/** Weights with zeros between the places of their window. */
const gapped = (filter: Dense, o: Options): Dense => {
  const [, , seen, filters] = sides(filter);
  const [down, right] = both(o, "dilation", 1);
  return build([span(o), span(across(o)), seen, filters], ([a, b, c, f]) =>
    (a % down) + (b % right) === 0 ? at(filter, [a / down, b / right, c, f]) : 0,
  );
};

/** By the layer's name. */
export const layerCases: Readonly<Record<string, LayerCase>> = {
  conv: {
    shape: (x, o) => {
      const { filters = 0, groups = 1 } = o;
      return (x[2] % groups) + (filters % groups) === 0 ? windows(x, o, filters) : undefined;
    },
    examples: [
      { options: { kernel: 3, filters: 2 } },
      { options: { kernel: 3, filters: 5, stride: 2, pad: 1, bias: 0 } },
      { options: { kernel: 3, filters: 4, stride: 2, pad: 1, groups: 4 } },
      { options: { kernel: 3, filters: 8, pad: 1, groups: 4, bias: 0 } },
      { options: { kernel: 2, filters: 6, groups: 2 } },
      { options: { kernel: 3, filters: 2, pad: 2, dilation: 2 } },
      { options: { kernel: 2, filters: 3, stride: 2, pad: 1, dilation: 3, bias: 0 } },
      { options: { kernel: 3, filters: 4, pad: 1, groups: 4, dilation: 2 } },
      { options: { kernel: 2, filters: 2, pad: 3, groups: 2, dilation: 2 } },
      { options: rectangular({ kernel: [1, 3], filters: 2, pad: [0, 1] }) },
      { options: rectangular({ kernel: [4, 1], filters: 3, stride: [2, 1], pad: [1, 0] }) },
      { options: rectangular({ kernel: 3, filters: 2, stride: [1, 2], pad: 1, bias: 0 }) },
      {
        options: rectangular({
          kernel: [3, 2],
          filters: 4,
          stride: [2, 1],
          pad: [1, 2],
          groups: 4,
        }),
      },
      {
        options: rectangular({
          kernel: [2, 3],
          filters: 2,
          pad: [2, 1],
          groups: 2,
          dilation: [3, 1],
        }),
      },
      {
        options: rectangular({
          kernel: [3, 2],
          filters: 4,
          groups: 4,
          dilation: [1, 2],
          pad: [0, 1],
        }),
      },
    ],
    value: (x, o, w) =>
      conv(x, gapped(apart(weight(w, "weight"), o), o), biasOf(w, o.filters ?? 0), geometry(o)),
    torch:
      'F.conv2d(x, w["weight"].permute(3, 2, 0, 1), w.get("bias"), stride, pad, dilation, groups)',
  },
  conv_transpose: {
    shape: (x, all) => {
      const [height, width] = eachSide(all, (axis, o) => {
        const { kernel = 1, stride = 1, pad = 0, output_pad = 0 } = o;
        return output_pad < stride ? (x[axis] - 1) * stride - 2 * pad + kernel + output_pad : 0;
      });
      return height > 0 && width > 0 ? [height, width, all.filters ?? 0] : undefined;
    },
    examples: [
      { options: { kernel: 3, filters: 2 } },
      { options: { kernel: 3, filters: 2, stride: 2, pad: 1, output_pad: 1, bias: 0 } },
      { options: rectangular({ kernel: [1, 4], filters: 2, stride: [1, 2], pad: [0, 1] }) },
      {
        options: rectangular({
          kernel: [3, 2],
          filters: 3,
          stride: [3, 2],
          pad: [1, 0],
          output_pad: [2, 1],
        }),
      },
      { options: rectangular({ kernel: [3, 2], filters: 2, pad: [1, 0] }) },
    ],
    value: (x, o, w) =>
      convTranspose(x, weight(w, "weight"), biasOf(w, o.filters ?? 0), {
        ...geometry(o),
        outputPad: both(o, "output_pad", 0),
      }),
    torch:
      'F.conv_transpose2d(x, w["weight"].permute(3, 2, 0, 1), w.get("bias"), stride, pad, output_pad)',
  },
  reflect_pad: {
    shape: (x, o) => {
      const [high, wide] = both(o, "pad", 0);
      return high >= x[0] || wide >= x[1] ? undefined : padded(x, o);
    },
    examples: [
      { options: { pad: 2 } },
      { options: { pad: 0 } },
      { options: rectangular({ pad: [1, 3] }) },
      { options: rectangular({ pad: [2, 0] }) },
    ],
    value: (x, o) => reflectPad(x, both(o, "pad", 0)),
    torch: 'F.pad(x, border(pad), mode="reflect")',
  },
  zero_pad: {
    shape: (x, o) => [
      ...eachSide(o, (axis, { pad = 0, after = pad }) => pad + x[axis] + after),
      x[2],
    ],
    examples: [
      { options: { pad: 2 } },
      { options: { pad: 0, after: 1 } },
      { options: rectangular({ pad: [1, 0] }) },
      { options: rectangular({ pad: [0, 1], after: [2, 0] }) },
    ],
    value: (x, o) => {
      const [n, h, w, c] = sides(x);
      const [[top, left], [bottom, right]] = [both(o, "pad", 0), both(o, "after", 0)];
      return build([n, top + h + bottom, left + w + right, c], ([i, y, z, k]) =>
        at(x, [i, y - top, z - left, k]),
      );
    },
    torch: "F.pad(x, border(pad, after))",
  },
  instance_norm: {
    shape: (x) => (x[0] * x[1] === 1 ? undefined : x),
    examples: [{ options: { epsilon: 0.1 } }, { options: { epsilon: 0.1, affine: 1 } }],
    value: norm(([i, , , c]) => `${i} ${c}`),
    torch: `F.instance_norm(x, None, None, ${scaled}, eps=epsilon)`,
  },
  layer_norm: {
    shape: (x, { pixelwise }) =>
      (pixelwise === 1 ? x[2] : x[0] * x[1] * x[2]) === 1 ? undefined : x,
    examples: [
      { options: { epsilon: 0.1 } },
      { options: { epsilon: 0.1, affine: 1 } },
      { options: { epsilon: 0.1, pixelwise: 1 } },
      { options: { epsilon: 0.1, affine: 1, pixelwise: 1 } },
    ],
    value: norm(([i, y, z], { pixelwise }) => (pixelwise === 1 ? `${i} ${y} ${z}` : `${i}`)),
    torch:
      `F.layer_norm(x.movedim(1, -1), x.shape[1:2], ${scaled}, eps=epsilon).movedim(-1, 1)` +
      ` if pixelwise else F.group_norm(x, 1, ${scaled}, eps=epsilon)`,
  },
  pixel_norm: {
    shape: same,
    examples: [{ options: { epsilon: 0.1 } }, {}],
    value: (x, { epsilon = 0 }) => {
      const channels = sides(x)[3];
      return build(x.shape, ([i, y, z, c]) => {
        const squares = range(channels).map((k) => at(x, [i, y, z, k]) ** 2);
        return at(x, [i, y, z, c]) / Math.sqrt(mean(squares) + epsilon);
      });
    },
    torch: "x / (x.square().mean(1, keepdim=True) + epsilon).sqrt()",
  },
  prelu: {
    shape: same,
    examples: [{}, { options: { shared: 0 } }],
    value: (x, { shared }, w) =>
      build(x.shape, (index) => {
        const slope = weight(w, "slope").data[shared === 1 ? 0 : index[3]] as number;
        const v = at(x, index);
        return v > 0 ? v : slope * v;
      }),
    torch: 'F.prelu(x, w["slope"])',
  },
  learnt: {
    shape: (_, { height = 0, width = 0, channels = 0 }) => [height, width, channels],
    examples: [
      { options: { height: 2, width: 3, channels: 5 } },
      { input: [1, 1, 5], options: { height: 4, width: 4, channels: 2 } },
      { options: { height: 2, width: 2, channels: 1, zero: 1 } },
    ],
    value: (x, { height = 0, width = 0, channels = 0, zero }, w) =>
      build([sides(x)[0], height, width, channels], ([, y, z, c]) => {
        const learnt = weight(w, zero === 1 ? "gain" : "constant");
        return at({ ...learnt, shape: [1, height, width, channels] }, [0, y, z, c]);
      }),
    torch: 'w["gain" if zero else "constant"].permute(2, 0, 1) + 0 * x[:, :1, :1, :1]',
  },
  coordinates: {
    shape: ([h, w]) => [h, w, 2],
    examples: [{}, { input: [1, 4, 3] }],
    value: (x) => {
      const [n, h, w] = sides(x);
      const from = (at: number, side: number): number =>
        side === 1 ? 0 : -1 + at * (2 / (side - 1));
      return build([n, h, w, 2], ([, y, z, c]) => (c === 0 ? from(y, h) : from(z, w)));
    },
    torch:
      'torch.stack(torch.meshgrid(*[torch.linspace(-1, 1, s, dtype=x.dtype) if s > 1 else torch.zeros(1, dtype=x.dtype) for s in x.shape[2:]], indexing="ij"))' +
      " + 0 * x[:, :1, :1, :1]",
  },
  sinusoids: {
    shape: (x) => (x[2] % 4 === 0 ? x : undefined),
    examples: [{}, { input: [3, 2, 8] }],
    value: (x) => {
      const half = sides(x)[3] / 2;
      return build(x.shape, ([, y, z, c]) => {
        const [at, k] = c < half ? [y, c] : [z, c - half];
        const angle = at * Math.exp((-Math.log(10_000) * (k - (k % 2))) / half);
        return k % 2 === 0 ? Math.sin(angle) : Math.sin(angle + Math.PI / 2);
      });
    },
    torch:
      "(lambda half, f: torch.cat((f(x.shape[2], half)[:, :, None].expand(half, *x.shape[2:])," +
      " f(x.shape[3], half)[:, None, :].expand(half, *x.shape[2:]))))(x.shape[1] // 2," +
      " lambda side, half: torch.stack([g(10000 ** (-2 * i / half) * torch.arange(side, dtype=x.dtype))" +
      " for i in range(half // 2) for g in (torch.sin, torch.cos)])) + 0 * x[:, :1, :1, :1]",
  },
  take_channels: {
    shape: ([h, w, c], { first = 0, count = 0 }) => (first + count > c ? undefined : [h, w, count]),
    examples: [{ options: { first: 1, count: 2 } }],
    value: (x, { first = 0, count = 0 }) => {
      const [n, h, w] = sides(x);
      return build([n, h, w, count], ([i, y, z, c]) => at(x, [i, y, z, first + c]));
    },
    torch: "x[:, first:first + count]",
  },
  crop: {
    shape: ([h, w, c], { top = 0, left = 0, height = 0, width = height }) =>
      top + height > h || left + width > w ? undefined : [height, width, c],
    examples: [
      { options: { top: 1, left: 2, height: 3 } },
      { options: { top: 0, left: 1, height: 5, width: 2 } },
    ],
    value: (x, { top = 0, left = 0, height = 0, width = height }) => {
      const [n, , , c] = sides(x);
      return build([n, height, width, c], ([i, y, z, k]) => at(x, [i, top + y, left + z, k]));
    },
    torch: "x[:, :, top:top + height, left:left + width]",
  },
  group_norm: {
    shape: (x, { groups = 1 }) =>
      x[2] % groups === 0 && x[0] * x[1] * x[2] > groups ? x : undefined,
    examples: [
      { options: { groups: 2, epsilon: 0.1 } },
      { options: { groups: 2, epsilon: 0.1, affine: 0 } },
      { input: [3, 2, 6], options: { groups: 6, epsilon: 0.1, affine: 0 } },
    ],
    value: norm(
      ([i, , , c], { groups = 1 }, channels) => `${i} ${Math.floor((c * groups) / channels)}`,
    ),
    torch: `F.group_norm(x, groups, ${scaled}, eps=epsilon)`,
  },
  batch_norm: {
    shape: same,
    examples: [
      { options: { epsilon: 0.1 } },
      { options: { epsilon: 0.1, affine: 0 } },
      { options: { epsilon: 0.1, running: 1 } },
    ],
    value: norm(([, , , c]) => `${c}`),
    torch: `F.batch_norm(x, w.get("mean"), w.get("variance"), ${scaled}, training=not running, eps=epsilon)`,
  },
  dense: {
    shape: (_, o) => vector(o.units ?? 0),
    examples: [{ options: { units: 3 } }, { options: { units: 3, bias: 0 } }],
    value: dense,
    torch:
      'F.linear(x.permute(0, 2, 3, 1).flatten(1), w["weight"].T, w.get("bias"))[:, :, None, None]',
  },
  embedding: {
    shape: ([h, w], o) => (h * w === 1 ? vector(o.units ?? 0) : undefined),
    examples: [{ input: [1, 1, 5], options: { units: 3 } }],
    value: dense,
    torch: 'F.linear(x.flatten(1), w["weight"].T)[:, :, None, None]',
  },
  flatten: {
    shape: ([h, w, c]) => vector(h * w * c),
    examples: [{ input: [3, 2, 4] }],
    value: ({ shape: [n = 0, h = 0, w = 0, c = 0], data }) => ({
      shape: [n, 1, 1, h * w * c],
      data,
    }),
    torch: "x.permute(0, 2, 3, 1).flatten(1)[:, :, None, None]",
  },
  reshape: {
    shape: ([h, w, c], { height = 0, width = 0, channels = 0 }) =>
      h * w * c === height * width * channels ? [height, width, channels] : undefined,
    examples: [{ input: [3, 2, 4], options: { height: 2, width: 1, channels: 12 } }],
    value: ({ shape: [n = 0], data }, { height = 0, width = 0, channels = 0 }) => ({
      shape: [n, height, width, channels],
      data,
    }),
    torch: "x.permute(0, 2, 3, 1).reshape(-1, height, width, channels).permute(0, 3, 1, 2)",
  },
  global_avg_pool: {
    shape: ([, , c]) => vector(c),
    examples: [{}],
    value: (x) => {
      const samples = rowsOf(x);
      const [n, , , c] = sides(x);
      return build([n, 1, 1, c], ([i, , , k]) =>
        mean((samples[i] ?? []).map((row) => row[k] as number)),
      );
    },
    torch: "x.mean((2, 3), keepdim=True)",
  },
  pixel_shuffle: {
    shape: ([h, w, c], { factor = 1 }) =>
      c % factor ** 2 === 0 ? [h * factor, w * factor, c / factor ** 2] : undefined,
    examples: [{ input: [3, 2, 8], options: { factor: 2 } }],
    value: (x, { factor = 1 }) => {
      const [n, h, w, c] = sides(x);
      return build([n, h * factor, w * factor, c / factor ** 2], ([i, y, z, k]) =>
        at(x, [
          i,
          Math.floor(y / factor),
          Math.floor(z / factor),
          k * factor ** 2 + factor * (y % factor) + (z % factor),
        ]),
      );
    },
    torch: "F.pixel_shuffle(x, factor)",
  },
  relu: each((v) => Math.max(v, 0), "F.relu(x)"),
  relu6: each((v) => Math.min(Math.max(v, 0), 6), "F.relu6(x)"),
  leaky_relu: each((v, { slope = 0 }) => (v > 0 ? v : slope * v), "F.leaky_relu(x, slope)", [
    { options: { slope: 0.2 } },
    {},
  ]),
  tanh: each(Math.tanh, "x.tanh()"),
  exp: each(Math.exp, "x.exp()"),
  sin: each(Math.sin, "x.sin()"),
  cos: each(Math.cos, "x.cos()"),
  sigmoid: each((v) => 1 / (1 + Math.exp(-v)), "x.sigmoid()"),
  softmax: {
    shape: (x) => (x[2] === 1 ? undefined : x),
    examples: [{}],
    value: (x) => {
      const [, , w] = sides(x);
      const samples = rowsOf(x).map((places) => places.map(softmaxOf));
      return build(x.shape, ([i, y, z, c]) => samples[i]?.[w * y + z]?.[c] as number);
    },
    torch: "x.softmax(1)",
  },
  elu: each((v) => (v > 0 ? v : Math.expm1(v)), "F.elu(x)"),
  swish: each((v) => v / (1 + Math.exp(-v)), "F.silu(x)"),
  gelu: each(
    (v) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3))),
    'F.gelu(x, approximate="tanh")',
  ),
  identity: each((v) => v, "x"),
  avg_pool: {
    shape: (x, o) => windows(x, o, x[2]),
    examples: [
      { options: { kernel: 2 } },
      { options: { kernel: 3, stride: 2, pad: 1 } },
      { options: { kernel: 2, stride: 1, pad: 3 } },
      { options: rectangular({ kernel: [1, 2] }) },
      { options: rectangular({ kernel: [3, 2], stride: [1, 2], pad: [2, 1] }) },
    ],
    value: (x, o) => pool(x, both(o, "kernel", 1), geometry(o), mean, 0),
    // PyTorch refuses more padding than half of a window.
    torch: "F.avg_pool2d(F.pad(x, border(pad)), kernel, stride)",
  },
  max_pool: {
    // A window of nothing but padding has no greatest value.
    shape: (x, o) =>
      eachSide(o, (_, { pad = 0, kernel = 1 }) => pad - kernel).some((rest) => rest >= 0)
        ? undefined
        : windows(x, o, x[2]),
    examples: [
      { options: { kernel: 2 } },
      { options: { kernel: 3, stride: 2, pad: 1 } },
      { options: { kernel: 3, stride: 2, pad: 2 } },
      { options: rectangular({ kernel: [2, 1] }) },
      { options: rectangular({ kernel: [2, 3], stride: [1, 2], pad: [0, 1] }) },
    ],
    value: (x, o) =>
      pool(x, both(o, "kernel", 1), geometry(o), (window) => Math.max(...window), -Infinity),
    torch: "F.max_pool2d(F.pad(x, border(pad), value=-math.inf), kernel, stride)",
  },
  gaussian_blur: {
    shape: (x, o) => windows(x, { ...o, stride: 1 }, x[2]),
    examples: [
      { options: { kernel: 3, sigma: 0.7 } },
      { options: { kernel: 4, sigma: 1.5, pad: 2 } },
      { options: { kernel: 1, sigma: 2 } },
    ],
    value: (x, { kernel = 1, sigma = 1, pad: border = 0 }) => {
      const [n, h, w, c] = sides(x);
      const taps = range(kernel);
      const bell = taps.map((k) => Math.exp(-((k - (kernel - 1) / 2) ** 2) / (2 * sigma ** 2)));
      const whole = sum(bell) ** 2;
      const isIn = (i: number, size: number): boolean => i >= 0 && i < size;
      const [rows, columns] = [h, w].map((side) => side + 2 * border - kernel + 1);
      return build([n, rows ?? 0, columns ?? 0, c], ([i, y, z, k]) =>
        sum(
          taps.flatMap((a) =>
            taps.map((b) => {
              const [row, column] = [y + a - border, z + b - border];
              return isIn(row, h) && isIn(column, w)
                ? (((bell[a] ?? 0) * (bell[b] ?? 0)) / whole) * at(x, [i, row, column, k])
                : 0;
            }),
          ),
        ),
      );
    },
    torch:
      "F.conv2d(x, (lambda g: torch.outer(g, g) / g.sum() ** 2)(torch.exp(-(torch.arange(kernel, dtype=x.dtype) - (kernel - 1) / 2) ** 2" +
      " / (2 * sigma ** 2))).expand(x.shape[1], 1, -1, -1), padding=pad, groups=x.shape[1])",
  },
  blur_pool: {
    shape: ([h, w, c], { kernel = 3, stride = 2 }) =>
      Math.floor(kernel / 2) < Math.min(h, w)
        ? [Math.floor((h - 1) / stride) + 1, Math.floor((w - 1) / stride) + 1, c]
        : undefined,
    examples: [
      {},
      { options: { kernel: 2 } },
      { options: { kernel: 4, stride: 1 } },
      { options: { kernel: 7, stride: 3 } },
    ],
    value: (x, { kernel = 3, stride = 2 }) => {
      const [n, h, w, c] = sides(x);
      const choose = (k: number): number => (k === 0 ? 1 : (choose(k - 1) * (kernel - k)) / k);
      const shares = range(kernel).map((k) => choose(k) / 2 ** (kernel - 1));
      const mirror = (i: number, size: number): number =>
        i < 0 ? -i : i >= size ? 2 * (size - 1) - i : i;
      const before = Math.floor((kernel - 1) / 2);
      const taps = range(kernel);
      return build([n, Math.ceil(h / stride), Math.ceil(w / stride), c], ([i, y, z, k]) =>
        sum(
          taps.flatMap((a) =>
            taps.map((b) => {
              const row = mirror(y * stride + a - before, h);
              const column = mirror(z * stride + b - before, w);
              return (shares[a] ?? 0) * (shares[b] ?? 0) * at(x, [i, row, column, k]);
            }),
          ),
        ),
      );
    },
    torch:
      'F.conv2d(F.pad(x, ((kernel - 1) // 2, kernel // 2) * 2, mode="reflect"), (lambda b: torch.outer(b, b))(torch.tensor(' +
      "[math.comb(kernel - 1, i) / 2 ** (kernel - 1) for i in range(kernel)], dtype=x.dtype))" +
      ".expand(x.shape[1], 1, kernel, kernel), stride=stride, groups=x.shape[1])",
  },
  upsample: {
    shape: (x, o) => [...eachSide(o, (axis, { factor = 1 }) => x[axis] * factor), x[2]],
    examples: [
      { options: { factor: 3 } },
      { options: rectangular({ factor: [1, 3] }) },
      { options: rectangular({ factor: [3, 2], bilinear: 1 }) },
      { options: { factor: 2, bilinear: 1 } },
      { options: { factor: 3, bilinear: 1 } },
      { input: [1, 2, 3], options: { factor: 4, bilinear: 1 } },
    ],
    value: (x, o) => (o.bilinear === 1 ? interpolated : upsample)(x, both(o, "factor", 1)),
    torch:
      "F.interpolate(x, scale_factor=[float(side) for side in both(factor)]," +
      ' mode="bilinear" if bilinear else "nearest")',
  },
  rescale: each((v, { scale = 1, offset = 0 }) => scale * v + offset, "scale * x + offset", [
    { options: { scale: -0.5, offset: 2 } },
    { options: { scale: 1, offset: -1 } },
  ]),
  dropout: { shape: same, examples: [{ options: { rate: 0.3 } }] },
  self_attention: {
    shape: same,
    examples: [{ input: [2, 3, 16] }],
    isSteep: true,
    value: attention,
    torch:
      'x + w["gain"] * (lambda p: ((p @ w["query"]) @ (p @ w["key"]).mT).softmax(-1) @ (p @ w["value"]))' +
      "(x.flatten(2).mT).mT.reshape(x.shape)",
  },
  attention: {
    shape: (x, { heads = 1 }) => (x[2] % heads === 0 ? x : undefined),
    examples: [
      { input: [2, 3, 6], options: { heads: 2 } },
      { input: [2, 2, 4], options: { heads: 4, bias: 0 } },
    ],
    isSteep: true,
    value: manyHeads,
    torch:
      "(lambda p: F.multi_head_attention_forward(p, p, p, x.shape[1], heads," +
      ' torch.cat([w[k] for k in ("query", "key", "value")], 1).T, w.get("bias"), None, None, False, 0.0,' +
      ' w["out"].T, w.get("shift"))[0].permute(1, 2, 0).reshape(x.shape))(x.flatten(2).permute(2, 0, 1))',
  },
  cross_attention: {
    shape: (x, { heads = 1 }) => (x[2] % heads === 0 ? x : undefined),
    examples: [
      {
        input: [2, 3, 6],
        options: { heads: 2 },
        beside: [{ shape: [2, 2, 4], made: "(dense(16) >> reshape(2, 2, 4))" }],
      },
      {
        input: [2, 2, 4],
        options: { heads: 4, bias: 0 },
        beside: [{ shape: [1, 2, 4], made: "max_pool(1, stride: 2)" }],
      },
    ],
    isSteep: true,
    value: (x, o, w) => manyHeads(x, o, w, weight(w, "context")),
    torch:
      "(lambda p, q: F.multi_head_attention_forward(p, q, q, x.shape[1], heads, None, w.get('bias'), None, None," +
      " False, 0.0, w['out'].T, w.get('shift'), use_separate_proj_weight=True, q_proj_weight=w['query'].T," +
      " k_proj_weight=w['key'].T, v_proj_weight=w['value'].T)[0].permute(1, 2, 0).reshape(x.shape))" +
      "(*(v.flatten(2).permute(2, 0, 1) for v in (x, w['context'].permute(0, 3, 1, 2))))",
  },
  minibatch_stddev: {
    shape: ([h, w, c]) => [h, w, c + 1],
    examples: [{}, { input: [1, 2, 3], options: { group: 1 } }],
    value: differing,
    torch:
      "(lambda g: torch.cat([x, (x.reshape(g, len(x) // g, -1).var(0, correction=0) + 1e-8).sqrt().mean(1)" +
      ".repeat(g)[:, None, None, None].expand(-1, 1, *x.shape[2:])], 1))(min(group, len(x)))",
  },
  modulated_conv: {
    shape: (x, o) => windows(x, o, o.filters ?? 0),
    examples: [
      {
        options: { kernel: 3, filters: 5, pad: 1 },
        beside: [{ shape: [1, 1, 4], made: "global_avg_pool" }],
      },
      {
        options: { kernel: 2, filters: 3, stride: 2, pad: 1, demodulate: 0, bias: 0 },
        beside: [{ shape: [1, 1, 4], made: "(global_avg_pool >> dense(4))" }],
      },
    ],
    value: modulated,
    torch:
      "(lambda own: torch.cat([F.conv2d(x[i : i + 1], own[i] / (((own[i] ** 2).sum((1, 2, 3), True) + 1e-8).sqrt() if demodulate else 1)," +
      ' w.get("bias"), stride, pad) for i in range(len(x))]))' +
      '(w["weight"].permute(3, 2, 0, 1) * w["s"].permute(0, 1, 3, 2)[..., None])',
  },
};

/** The layers that are in the table and not here, or here and not there. */
export const unknownLayers = (): readonly string[] => [
  ...[...layers.keys()].filter((name) => !(name in layerCases)),
  ...Object.keys(layerCases).filter((name) => !layers.has(name)),
];

/** One way to use a layer, its options complete. */
export interface LayerExample extends LayerCase {
  readonly name: string;
  /**
   * `conv(kernel: 3, filters: 2, stride: 1, pad: 0, bias: true)`, or of several values a function
   * of the first.
   */
  readonly text: string;
  readonly input: Shape;
  readonly options: Options;
  readonly beside: readonly Beside[];
}

const optionsOf = (name: string, given: Options): Options => {
  const all: Record<string, number> = {};
  for (const { name: option, defaultValue, sameAs } of layers.get(name)?.options ?? []) {
    const isGiven = given[option] !== undefined;
    all[option] = given[option] ?? Number(sameAs === undefined ? defaultValue : all[sameAs]);
    const right = isGiven ? given[wide(option)] : all[wide(sameAs ?? "")];
    if (right !== undefined) all[wide(option)] = right;
  }
  return all;
};

/** A layer as a spec writes it, with all of its options. */
export const layerCall = (name: string, options: Options): string => {
  const args = (layers.get(name)?.options ?? []).map((option) => {
    const value = options[option.name];
    const right = options[wide(option.name)];
    const text = right === undefined ? `${value}` : `(${value}, ${right})`;
    return `${option.name}: ${option.type === "Bool" ? value === 1 : text}`;
  });
  return args.length === 0 ? name : `${name}(${args.join(", ")})`;
};

/** Its options as the entry has them. */
export const given = ({
  name: layer,
  options,
}: LayerExample): Readonly<Record<string, OptionValue>> =>
  Object.fromEntries(
    (layers.get(layer)?.options ?? []).map(({ name, type }) => {
      const value = options[name] ?? Number.NaN;
      const right = options[wide(name)] ?? value;
      if (type === "Bool") return [name, value === 1];
      return [name, right === value ? value : ([value, right] as const)];
    }),
  );

export const layerExamples: readonly LayerExample[] = Object.entries(layerCases).flatMap(
  ([name, found]) =>
    found.examples.map(({ input = [6, 5, 4] as const, options: given = {}, beside = [] }) => {
      const options = optionsOf(name, given);
      const call = layerCall(name, options);
      const values = beside.map(({ made }) => `${made}(x)`);
      const text = values.length === 0 ? call : `(x => ${call}(${["x", ...values].join(", ")}))`;
      return { ...found, name, input, options, beside, text };
    }),
);

/** A critic that is held to slopes, made of every layer. */
export const everyLayer = (): string => {
  const branches = layerExamples.map(({ text, input: [h, w, c] }) => {
    const isWhole = h === 6 && w === 5;
    const before = isWhole ? `conv(1, ${c})` : `dense(${h * w * c}) >> reshape(${h}, ${w}, ${c})`;
    return `(${before} >> tanh >> ${text} >> dense(1))(x)`;
  });
  return `domain X = image(6, 5, 3)
net D : X -> Scores = x => concat(
  ${branches.join(",\n  ")})
loss flat(D : a -> Scores) = E[x ~ a] (norm(grad(D)(x)) - 1) ^ 2
solve { min[D] flat(D) + E[x ~ X] l2(D(x), 1) }
train { optimizer: adam(1e-3, beta1: 0) schedule: constant(1) batch: 2 }
`;
};
