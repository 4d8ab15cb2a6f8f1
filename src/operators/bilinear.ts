/** Bilinear upsampling by a whole factor, as PyTorch does it without aligned corners. */
import { type Sides, along as sideAlong } from "../base/sides.js";
import type { Node } from "../graph/graph.js";
import { add, mul } from "../graph/operators/arithmetic.js";
import { concat, reshape, slice } from "../graph/operators/shaping.js";
import { constant } from "../graph/operators/sources.js";

/** The part `from <= i < to` along an axis. */
const along = (x: Node, axis: number, from: number, to: number): Node =>
  slice(
    x,
    x.shape.map((_, i) => (i === axis ? from : 0)),
    x.shape.map((side, i) => (i === axis ? to : side)),
  );

const weighed = (x: Node, by: number): Node => (by === 1 ? x : mul(x, constant(by)));

/**
 * x `factor` times as long along an axis: value i factor + j lies (j + 1/2) / factor - 1/2 beside
 * the middle of pixel i, between its neighbours; beyond the border lies the border again.
 */
const lengthened = (x: Node, axis: number, factor: number): Node => {
  if (factor === 1) return x;
  const side = x.shape[axis] as number;
  const [first, last] = [along(x, axis, 0, 1), along(x, axis, side - 1, side)];
  const before = side === 1 ? x : concat([first, along(x, axis, 0, side - 1)], axis);
  const behind = side === 1 ? x : concat([along(x, axis, 1, side), last], axis);
  const parts = Array.from({ length: factor }, (_, j) => {
    const beside = (j + 0.5) / factor - 0.5;
    if (beside === 0) return x;
    const other = weighed(beside < 0 ? before : behind, Math.abs(beside));
    return add(weighed(x, 1 - Math.abs(beside)), other);
  });
  // The parts of each pixel stand together.
  const apart = x.shape.flatMap((size, i) => (i === axis ? [size, 1] : [size]));
  const joined = concat(
    parts.map((part) => reshape(part, apart)),
    axis + 1,
  );
  return reshape(
    joined,
    x.shape.map((size, i) => (i === axis ? size * factor : size)),
  );
};

/** x [n, c, h, w] with sides `factor` times as long. */
export const bilinear = (x: Node, factor: Sides): Node => {
  const higher = lengthened(x, 2, sideAlong(factor, 0));
  return lengthened(higher, 3, sideAlong(factor, 1));
};
