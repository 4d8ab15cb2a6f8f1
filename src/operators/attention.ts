/** Attention over the places of an image. */
import { type Either, left, right } from "fp-ts/lib/Either.js";
import { impossible } from "../base/impossible.js";
import type { Node } from "../graph/graph.js";
import { add, mul } from "../graph/operators/arithmetic.js";
import { softmax } from "../graph/operators/extremes.js";
import { matmul } from "../graph/operators/linear.js";
import { reshape, slice, transpose } from "../graph/operators/shaping.js";
import { constant } from "../graph/operators/sources.js";
import { type Layer, type Misfit, type Parameter, pointwise, type Shape } from "./layer.js";
import { anything } from "./range.js";
import { bool, int, number, type Options } from "./signature.js";
import { divisors } from "./sliding.js";

/** Channels of queries and keys, an eighth of the input's. */
const narrow = (channels: number): number => Math.max(1, Math.floor(channels / 8));

export const selfAttention: Layer = {
  name: "self_attention",
  options: [],
  doc: "Self-attention (Zhang et al. 2019, SAGAN): each place adds gain times a mean of all places' values, weighted by the softmax over them of its query with their keys. Queries and keys have an eighth of the channels; no biases; the gain begins at 0.",
  shape: (input) => right(input),
  parameters: ([, , channels]) => [
    { name: "query", shape: [channels, narrow(channels)] },
    { name: "key", shape: [channels, narrow(channels)] },
    { name: "value", shape: [channels, channels] },
    { name: "gain", shape: [1] },
  ],
  window: pointwise,
  seesAll: true,
  holds: ([height, width]) => (height * width) ** 2,
  range: anything,
  torch: { of: "SelfAttention", takes: ["channels"] },
  positional: 0,
  graph: (x, weights) => {
    const of = (name: string): Node => weights[name] ?? impossible(`attention has no ${name}`);
    const [n = 1, c = 1, h = 1, w = 1] = x.shape;
    // Places as rows, [n, h w, c].
    const places = transpose(reshape(x, [n, c, h * w]), [0, 2, 1]);
    const agreement = matmul(matmul(places, of("query")), matmul(places, of("key")), {
      right: true,
    });
    const seen = matmul(softmax(agreement, [2]), matmul(places, of("value")));
    const image = reshape(transpose(seen, [0, 2, 1]), [n, c, h, w]);
    return add(x, mul(image, reshape(of("gain"), [1, 1, 1, 1])));
  },
};

const heads = int("heads", "how many, each of an equal share of the channels", { least: 1 });
const bias = bool("bias", "whether learnt constants are added to projections", {
  defaultValue: true,
});

/** The input's shape, where its channels part among the heads. */
const parted = (input: Shape, o: Options): Either<Misfit, Shape> => {
  const [count, channels] = [number(o, "heads"), input[2]];
  return channels % count === 0
    ? right(input)
    : left({
        reason: `its ${channels} channels do not divide among ${count} heads`,
        option: "heads",
        hint: `Heads have equally many channels: of ${channels} channels there can be ${divisors(channels)} heads.`,
      });
};

/**
 * Projections to so many channels: of a place's query from as many, of keys and values from those
 * of what is looked at, and of what was seen.
 */
const projections = (channels: number, seen: number, o: Options): readonly Parameter[] => [
  { name: "query", shape: [channels, channels] },
  { name: "key", shape: [seen, channels] },
  { name: "value", shape: [seen, channels] },
  { name: "out", shape: [channels, channels] },
  ...(o.bias === true
    ? [
        { name: "bias", shape: [3 * channels] },
        { name: "shift", shape: [channels] },
      ]
    : []),
];

/** Images as places in rows, [n, h w, c]. */
const placesOf = (x: Node): Node => {
  const [n = 1, c = 1, h = 1, w = 1] = x.shape;
  return transpose(reshape(x, [n, c, h * w]), [0, 2, 1]);
};

/** What the places of x see at the places of y. */
const attend = (x: Node, y: Node, weights: Readonly<Record<string, Node>>, o: Options): Node => {
  const of = (name: string): Node => weights[name] ?? impossible(`attention has no ${name}`);
  const [n = 1, c = 1] = x.shape;
  const count = number(o, "heads");
  const added = (z: Node, name: string, first: number): Node =>
    o.bias === true ? add(z, reshape(slice(of(name), [first], [first + c]), [1, 1, c])) : z;
  /** One matrix [places, channels] for each head. */
  const projected = (places: Node, name: string, i: number): Node => {
    const z = added(matmul(places, of(name)), "bias", i * c);
    return transpose(reshape(z, [n, places.shape[1] ?? 1, count, c / count]), [0, 2, 1, 3]);
  };
  const [rows, others] = [placesOf(x), placesOf(y)];
  const query = mul(projected(rows, "query", 0), constant((c / count) ** -0.5));
  const shares = softmax(matmul(query, projected(others, "key", 1), { right: true }), [3]);
  const seen = transpose(matmul(shares, projected(others, "value", 2)), [0, 2, 1, 3]);
  const z = added(matmul(reshape(seen, rows.shape), of("out")), "shift", 0);
  return reshape(transpose(z, [0, 2, 1]), x.shape);
};

export const attention: Layer = {
  name: "attention",
  options: [heads, bias],
  doc: "Multi-head self-attention over places (Vaswani et al. 2017): each head gives each place a mean of all places' values, weighted by the softmax of its query with their keys over the root of a head's channels; what the heads give is projected. It is what `nn.MultiheadAttention` computes. Nothing is added: a transformer's block is `residual(layer_norm(affine: true, pixelwise: true) >> attention(8))`.",
  shape: parted,
  parameters: ([, , channels], o) => projections(channels, channels, o),
  window: pointwise,
  seesAll: true,
  holds: ([height, width], o) => number(o, "heads") * (height * width) ** 2,
  range: anything,
  torch: { of: "Attention", takes: ["channels", "heads"], named: { bias: "bias" } },
  positional: 1,
  graph: (x, weights, o) => attend(x, x, weights, o),
};

export const crossAttention: Layer = {
  name: "cross_attention",
  options: [heads, bias],
  doc: "`cross_attention(8)(x, context)` is `attention` whose queries are of the places of x, and its keys and values of those of a context, which may be of another size and other channels. It is what `nn.MultiheadAttention` computes with `kdim` and `vdim`. Nothing is added.",
  beside: ["context"],
  shape: parted,
  parameters: ([, , channels], o, [seen]) => projections(channels, seen?.[2] ?? channels, o),
  window: pointwise,
  seesAll: true,
  holds: ([height, width], o, [seen]) =>
    number(o, "heads") * height * width * (seen === undefined ? 1 : seen[0] * seen[1]),
  range: anything,
  torch: { of: "CrossAttention", takes: ["channels", "context", "heads"], named: { bias: "bias" } },
  positional: 1,
  graph: (x, weights, o) => attend(x, weights.context ?? impossible("nothing is seen"), weights, o),
};
