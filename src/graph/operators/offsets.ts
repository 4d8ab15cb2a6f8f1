/** Row-major arithmetic of the reference evaluator: where the elements of a tensor lie. */
import { type Shape, sizeOf } from "../graph.js";

/** Returns the distance in memory between neighbours along each axis. */
export const stridesOf = (shape: Shape): readonly number[] => {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= shape[axis] as number;
  }
  return strides;
};

/**
 * For each position of `shape` in row-major order: `start` plus the sum of coordinate times stride.
 * Stride 0 repeats, so that the same list reads a broadcast and, used for writing, sums one.
 */
export const offsets = (shape: Shape, strides: readonly number[], start = 0): Int32Array => {
  let before = Int32Array.of(start);
  shape.forEach((side, axis) => {
    const stride = strides[axis] as number;
    const after = new Int32Array(before.length * side);
    let next = 0;
    for (const base of before) for (let i = 0; i < side; i++) after[next++] = base + i * stride;
    before = after;
  });
  return before;
};

/** For each position of `to`: where numpy's broadcasting of a tensor of shape `from` reads it. */
export const broadcastOffsets = (from: Shape, to: Shape): Int32Array => {
  const added = to.length - from.length;
  const strides = stridesOf(from);
  return offsets(
    to,
    to.map((_, axis) =>
      axis < added || from[axis - added] === 1 ? 0 : (strides[axis - added] as number),
    ),
  );
};

/** A shape with its neighbouring axes as one, and what lies before and behind them. */
export interface Strips {
  readonly before: number;
  readonly along: number;
  readonly behind: number;
}

/** @param axes neighbours, at least one */
export const stripsOf = (shape: Shape, axes: readonly number[]): Strips => {
  const [first = 0] = axes;
  const next = first + axes.length;
  return {
    before: sizeOf(shape.slice(0, first)),
    along: sizeOf(shape.slice(first, next)),
    behind: sizeOf(shape.slice(next)),
  };
};

/** The elements of x at the offsets. */
export const gather = (x: Float64Array, from: Int32Array): Float64Array =>
  Float64Array.from(from, (offset) => x[offset] as number);

/** Adds each element of x to the place in `out` that its offset says. */
export const scatterAdd = (x: Float64Array, to: Int32Array, out: Float64Array): Float64Array => {
  to.forEach((offset, i) => {
    out[offset] = (out[offset] as number) + (x[i] as number);
  });
  return out;
};
