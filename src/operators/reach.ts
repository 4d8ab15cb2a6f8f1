/**
 * Finds the inputs along an axis that given outputs need, for each kind of layer with a window.
 * Tiles of large pictures are cut by it.
 */
import type { Stretch } from "./layer.js";
import { number, type Options } from "./signature.js";
import { spanOf } from "./sliding.js";

export type Reach = (of: Stretch, side: number, options: Options) => Stretch;

/** At least one place, within the side. */
export const within = ({ from, to }: Stretch, side: number): Stretch => {
  const begin = Math.max(0, Math.min(from, side - 1));
  return { from: begin, to: Math.min(side, Math.max(to, begin + 1)) };
};

/**
 * Windows that slide: they begin at a whole number of steps, so that they fall into the same
 * places.
 */
export const sliding: Reach = ({ from, to }, side, o) => {
  const [k, s, p] = [spanOf(o), number(o, "stride"), number(o, "pad")];
  const begin = Math.max(0, Math.floor((from * s - p) / s) * s);
  return within({ from: begin, to: (to - 1) * s - p + k }, side);
};

/** Windows that are laid down, one for each input. */
export const spreading: Reach = ({ from, to }, side, o) => {
  const [k, s, p, out] = ["kernel", "stride", "pad", "output_pad"].map((name) =>
    number(o, name),
  ) as [number, number, number, number];
  const begin = Math.min(Math.ceil((from + p - k + 1) / s), Math.floor(from / s));
  // Without those behind, the result of the part may end before the last output that is asked for.
  const short = Math.ceil(Math.max(0, p + s - k - out) / s);
  return within({ from: begin, to: Math.floor((to - 1 + p) / s) + 1 + short }, side);
};

/** Zeros around. */
export const bordered: Reach = ({ from, to }, side, o) => {
  const p = number(o, "pad");
  return within({ from: from - p, to: to - p }, side);
};

/** Reach of mirrored padding, which needs more input beside the border than it pads. */
export const mirrored: Reach = ({ from, to }, side, o) => {
  const p = number(o, "pad");
  const isFirst = from < p;
  const isLast = to > side + p;
  const begin = isFirst ? 0 : from - p;
  const end = isLast ? side : to - p;
  const last = isFirst ? Math.max(end, p - from + 1, p + 1) : end;
  const first = isLast ? Math.min(begin, 2 * (side - 1) - (to - 1 - p), side - p - 1) : begin;
  // A part must be wider than what is mirrored, wherever it lies.
  const wide = Math.max(last, Math.min(side, first + p + 1));
  return within({ from: Math.min(first, wide - p - 1), to: wide }, side);
};

/** Each input at several places. */
export const enlarging: Reach = ({ from, to }, side, o) => {
  const factor = number(o, "factor");
  return within({ from: Math.floor(from / factor), to: Math.ceil(to / factor) }, side);
};

/** Each input at several places, and a share of it beside them. */
export const interpolating: Reach = ({ from, to }, side, o) => {
  const factor = number(o, "factor");
  return within({ from: Math.floor(from / factor) - 1, to: Math.ceil(to / factor) + 1 }, side);
};
