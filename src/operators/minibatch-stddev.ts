/** How much the samples of a batch differ, for discriminators (Karras et al. 2018). */
import { right } from "fp-ts/lib/Either.js";
import type { Node } from "../graph/graph.js";
import { add, broadcast, mean, mul, sub } from "../graph/operators/arithmetic.js";
import { power } from "../graph/operators/functions.js";
import { concat, reshape } from "../graph/operators/shaping.js";
import { constant } from "../graph/operators/sources.js";
import { type Layer, noParameters, pointwise } from "./layer.js";
import { anything } from "./range.js";
import { int, number } from "./signature.js";

/** Keeps the slope of the root finite where all samples are alike. */
const least = 1e-8;

/** Samples of a group: the most that divide the batch, and are not more than asked for. */
const groupIn = (batch: number, most: number): number => {
  let size = Math.min(most, batch);
  while (batch % size !== 0) size--;
  return size;
};

const spread = (x: Node): Node => {
  const away = sub(x, mean(x, [0]));
  return power(add(mean(mul(away, away), [0]), constant(least)), 0.5);
};

export const minibatchStddev: Layer = {
  name: "minibatch_stddev",
  options: [
    int("group", "samples that are compared with each other", { defaultValue: 4, least: 1 }),
  ],
  doc: "One more channel, the same at all places: how much the samples of a group differ, as the mean over all numbers of their standard deviations over the group (Karras et al. 2018). A batch of n samples is parted so that a group holds every (n / group)-th; where `group` does not divide the batch, groups are of the next smaller number that does.",
  shape: ([height, width, channels]) => right([height, width, channels + 1]),
  parameters: noParameters,
  window: pointwise,
  seesAll: true,
  mixesBatch: "told",
  range: anything,
  torch: { of: "MinibatchStddev", takes: ["group"], gives: { more: 1 } },
  positional: 1,
  graph: (x, _, o) => {
    const [n = 1, c = 1, h = 1, w = 1] = x.shape;
    const group = groupIn(n, number(o, "group"));
    const told = mean(spread(reshape(x, [group, n / group, c, h, w])), [0, 2, 3, 4]);
    const channel = broadcast(reshape(told, [1, n / group, 1, 1, 1]), [group, n / group, 1, h, w]);
    return concat([x, reshape(channel, [n, 1, h, w])], 1);
  },
};
