/** Self-attention over the places of an image. */
import { right } from "fp-ts/lib/Either.js";
import { impossible } from "../base/impossible.js";
import type { Node } from "../graph/graph.js";
import { add, mul } from "../graph/operators/arithmetic.js";
import { softmax } from "../graph/operators/extremes.js";
import { matmul } from "../graph/operators/linear.js";
import { reshape, transpose } from "../graph/operators/shaping.js";
import type { Layer } from "./layer.js";
import { anything } from "./range.js";

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
