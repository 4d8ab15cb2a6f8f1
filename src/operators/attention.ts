/** Attention over the places of an image. */
import { left, right } from "fp-ts/lib/Either.js";
import { impossible } from "../base/impossible.js";
import type { Node } from "../graph/graph.js";
import { add, mul } from "../graph/operators/arithmetic.js";
import { softmax } from "../graph/operators/extremes.js";
import { matmul } from "../graph/operators/linear.js";
import { reshape, slice, transpose } from "../graph/operators/shaping.js";
import { constant } from "../graph/operators/sources.js";
import type { Layer } from "./layer.js";
import { anything } from "./range.js";
import { bool, int, number } from "./signature.js";
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
  window: () => ({ kernel: 1, stride: 1, upsampling: 1 }),
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

/** Projections of a place: of its query, its key and its value, and of what was seen. */
const projections = ["query", "key", "value", "out"] as const;

export const attention: Layer = {
  name: "attention",
  options: [
    int("heads", "how many, each of an equal share of the channels", { least: 1 }),
    bool("bias", "whether learnt constants are added to projections", { defaultValue: true }),
  ],
  doc: "Multi-head self-attention over places (Vaswani et al. 2017): each head gives each place a mean of all places' values, weighted by the softmax of its query with their keys over the root of a head's channels; what the heads give is projected. It is what `nn.MultiheadAttention` computes. Nothing is added: a transformer's block is `residual(layer_norm(affine: true, pixelwise: true) >> attention(8))`.",
  shape: (input, o) => {
    const [heads, channels] = [number(o, "heads"), input[2]];
    return channels % heads === 0
      ? right(input)
      : left({
          reason: `its ${channels} channels do not divide among ${heads} heads`,
          option: "heads",
          hint: `Heads have equally many channels: of ${channels} channels there can be ${divisors(channels)} heads.`,
        });
  },
  parameters: ([, , channels], o) => [
    ...projections.map((name) => ({ name, shape: [channels, channels] })),
    ...(o.bias === true
      ? [
          { name: "bias", shape: [3 * channels] },
          { name: "shift", shape: [channels] },
        ]
      : []),
  ],
  window: () => ({ kernel: 1, stride: 1, upsampling: 1 }),
  seesAll: true,
  holds: ([height, width], o) => number(o, "heads") * (height * width) ** 2,
  range: anything,
  torch: { of: "Attention", takes: ["channels", "heads"], named: { bias: "bias" } },
  positional: 1,
  graph: (x, weights, o) => {
    const of = (name: string): Node => weights[name] ?? impossible(`attention has no ${name}`);
    const [n = 1, c = 1, h = 1, w = 1] = x.shape;
    const [heads, count] = [number(o, "heads"), h * w];
    const places = transpose(reshape(x, [n, c, count]), [0, 2, 1]);
    const added = (y: Node, name: string, first: number): Node =>
      o.bias === true ? add(y, reshape(slice(of(name), [first], [first + c]), [1, 1, c])) : y;
    /** One matrix [places, channels] for each head. */
    const projected = (name: string, i: number): Node => {
      const y = added(matmul(places, of(name)), "bias", i * c);
      return transpose(reshape(y, [n, count, heads, c / heads]), [0, 2, 1, 3]);
    };
    const query = mul(projected("query", 0), constant((c / heads) ** -0.5));
    const shares = softmax(matmul(query, projected("key", 1), { right: true }), [3]);
    const seen = transpose(matmul(shares, projected("value", 2)), [0, 2, 1, 3]);
    const y = added(matmul(reshape(seen, [n, count, c]), of("out")), "shift", 0);
    return reshape(transpose(y, [0, 2, 1]), [n, c, h, w]);
  },
};
