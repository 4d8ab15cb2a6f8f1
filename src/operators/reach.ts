/**
 * Finds the inputs along an axis that given outputs need, for each kind of layer with a window.
 * Tiles of large pictures are cut by it.
 */
import type { Axis } from "../base/sides.js";
import type { Stretch } from "./layer.js";
import { type Options, side } from "./signature.js";
import { spanOf } from "./sliding.js";

/** @param size pixels of the input along the axis */
export type Reach = (of: Stretch, size: number, options: Options, axis: Axis) => Stretch;

/** At least one place, within the side. */
export const within = ({ from, to }: Stretch, size: number): Stretch => {
  const begin = Math.max(0, Math.min(from, size - 1));
  return { from: begin, to: Math.min(size, Math.max(to, begin + 1)) };
};

/**
 * Windows that slide: they begin at a whole number of steps, so that they fall into the same
 * places.
 */
export const sliding: Reach = ({ from, to }, size, o, axis) => {
  const [k, s, p] = [spanOf(o, axis), side(o, "stride", axis), side(o, "pad", axis)];
  const begin = Math.max(0, Math.floor((from * s - p) / s) * s);
  return within({ from: begin, to: (to - 1) * s - p + k }, size);
};

/** Windows that are laid down, one for each input. */
export const spreading: Reach = ({ from, to }, size, o, axis) => {
  const [k, s, p, out] = (["kernel", "stride", "pad", "output_pad"] as const).map((name) =>
    side(o, name, axis),
  ) as [number, number, number, number];
  const begin = Math.min(Math.ceil((from + p - k + 1) / s), Math.floor(from / s));
  // Without those behind, the result of the part may end before the last output that is asked for.
  const short = Math.ceil(Math.max(0, p + s - k - out) / s);
  return within({ from: begin, to: Math.floor((to - 1 + p) / s) + 1 + short }, size);
};

/** Zeros around. */
export const bordered: Reach = ({ from, to }, size, o, axis) => {
  const p = side(o, "pad", axis);
  return within({ from: from - p, to: to - p }, size);
};

/** Reach of mirrored padding, which needs more input beside the border than it pads. */
export const mirrored: Reach = ({ from, to }, size, o, axis) => {
  const p = side(o, "pad", axis);
  const isFirst = from < p;
  const isLast = to > size + p;
  const begin = isFirst ? 0 : from - p;
  const end = isLast ? size : to - p;
  const last = isFirst ? Math.max(end, p - from + 1, p + 1) : end;
  const first = isLast ? Math.min(begin, 2 * (size - 1) - (to - 1 - p), size - p - 1) : begin;
  // A part must be wider than what is mirrored, wherever it lies.
  const wide = Math.max(last, Math.min(size, first + p + 1));
  return within({ from: Math.min(first, wide - p - 1), to: wide }, size);
};

/** Each input at several places. */
export const enlarging: Reach = ({ from, to }, size, o, axis) => {
  const factor = side(o, "factor", axis);
  return within({ from: Math.floor(from / factor), to: Math.ceil(to / factor) }, size);
};

/** Each input at several places, and a share of it beside them. */
export const interpolating: Reach = ({ from, to }, size, o, axis) => {
  const factor = side(o, "factor", axis);
  return within({ from: Math.floor(from / factor) - 1, to: Math.ceil(to / factor) + 1 }, size);
};
