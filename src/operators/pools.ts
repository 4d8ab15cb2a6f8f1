/** Pooling: one number for each window of each channel. */
import { left } from "fp-ts/lib/Either.js";
import type { Node } from "../graph/graph.js";
import { mul } from "../graph/operators/arithmetic.js";
import { constant } from "../graph/operators/sources.js";
import * as windows from "../graph/operators/windows.js";
import { type Layer, noParameters } from "./layer.js";
import { withZero } from "./range.js";
import * as reach from "./reach.js";
import { int, number, type Options } from "./signature.js";
import { kernel, pad, slide, windowOf } from "./sliding.js";

const pooled = slide((input) => input[2]);

/** A window that sees nothing but padding has no greatest value. */
const greatest: Layer["shape"] = (input, o) => {
  const [k, p] = [number(o, "kernel"), number(o, "pad")];
  return p >= k ? left(`its pad of ${p} must be less than its kernel of ${k}`) : pooled(input, o);
};

const pool = (
  name: string,
  doc: string,
  of: (x: Node, o: Options) => Node,
  shape: Layer["shape"] = pooled,
): Layer => ({
  name,
  options: [
    kernel,
    int("stride", "step of the window, in pixels", { sameAs: "kernel", least: 1 }),
    pad,
  ],
  doc,
  shape,
  parameters: noParameters,
  window: (o) => ({ kernel: number(o, "kernel"), stride: number(o, "stride"), upsampling: 1 }),
  reach: reach.sliding,
  // Zeros stand around the image.
  range: (x, o) => (number(o, "pad") === 0 ? x : withZero(x)),
  positional: 1,
  graph: (x, _, o) => of(x, o),
});

export const pools: readonly Layer[] = [
  pool("avg_pool", "Mean of each window.", (x, o) =>
    mul(windows.windowSum(x, windowOf(o)), constant(number(o, "kernel") ** -2)),
  ),
  pool(
    "max_pool",
    "Greatest value of each window.",
    (x, o) => windows.maxPool(x, windowOf(o)),
    greatest,
  ),
];
