/** Lowering of reflection padding to ONNX. */
import { bothOf } from "../../../base/sides.js";
import type { OnnxEmitter, OnnxLowering } from "../../operator.js";
import { type Shape4, sidesOf } from "./attributes.js";
import { reshaped } from "./shaping.js";
import { filled } from "./sources.js";

export const reflectPad: OnnxLowering = (emitter, node, [x]) => {
  const pad = sidesOf(node, "pad");
  if (pad === 0) return x as string;
  const border = [0, 0, ...bothOf(pad)];
  return emitter.node("Pad", [x as string, emitter.ints([...border, ...border])], {
    mode: { string: "reflect" },
  });
};

/** Returns the place on the axis of length `side` from which padding copied place `at`. */
const origin = (at: number, side: number, pad: number): number => {
  const distance = Math.abs(at - pad);
  return distance < side ? distance : 2 * (side - 1) - distance;
};

/**
 * The places of the padded axis whose numbers came from `at`: its own, and what mirrors it before
 * and behind.
 */
const copiesOf = (at: number, side: number, pad: number): readonly number[] =>
  [...new Set([pad - at, pad + at, pad + 2 * (side - 1) - at])]
    .filter((place) => place >= 0 && place < side + 2 * pad && origin(place, side, pad) === at)
    .sort((a, b) => a - b);

/**
 * The part of x from `begin` on before `end`; with a step of -1 from `begin` down to after `end`.
 */
const part = (
  emitter: OnnxEmitter,
  x: string,
  axis: number,
  [begin, end, step = 1]: readonly [number, number, number?],
): string => {
  const along = [begin, end, axis, step].map((value) => emitter.ints([value]));
  return emitter.node("Slice", [x, ...along]);
};

/**
 * Folds the rows of x [planes, height + 2 pad, width]: sums of rows where there were copies, and
 * whole runs elsewhere.
 */
const foldRows = (emitter: OnnxEmitter, x: string, height: number, pad: number): string => {
  const parts: string[] = [];
  let row = 0;
  while (row < height) {
    const copies = copiesOf(row, height, pad);
    let end = row + 1;
    if (copies.length === 1) while (end < height && copiesOf(end, height, pad).length === 1) end++;
    const run = end - row;
    const pieces = copies.map((place) => part(emitter, x, 1, [place, place + run]));
    parts.push(pieces.length === 1 ? (pieces[0] as string) : emitter.node("Sum", pieces));
    row = end;
  }
  return emitter.node("Concat", parts, { axis: { int: 1 } });
};

/**
 * Folds columns by a product with the matrix [width + 2 pad, width] of a 1 for each number and
 * where it came from.
 */
const multiplyColumns = (emitter: OnnxEmitter, x: string, width: number, pad: number): string => {
  const wide = width + 2 * pad;
  const matrix = new Float32Array(wide * width);
  for (let at = 0; at < wide; at++) matrix[at * width + origin(at, width, pad)] = 1;
  return emitter.node("MatMul", [x, emitter.floats(matrix, [wide, width])]);
};

/**
 * Folds columns of x [planes, rows, width + 2 pad] by adding both borders, turned, to the middle.
 */
const addBorders = (
  emitter: OnnxEmitter,
  x: string,
  [planes, rows, width]: readonly [number, number, number],
  pad: number,
): string => {
  const zeros = (columns: number): string => filled(emitter, 0, [planes, rows, columns]);
  const wide = width + 2 * pad;
  const left = part(emitter, x, 2, [pad - 1, -wide - 1, -1]);
  const right = part(emitter, x, 2, [wide - 1, wide - pad - 1, -1]);
  const between = width - 2 - 2 * pad;
  const pieces = [zeros(1), left, ...(between > 0 ? [zeros(between)] : []), right, zeros(1)];
  const borders = emitter.node("Concat", pieces, { axis: { int: 2 } });
  return emitter.node("Add", [part(emitter, x, 2, [pad, pad + width]), borders]);
};

/** Measured: up to about this width the product is the faster one. */
const NARROW = 48;

export const reflectFold: OnnxLowering = (emitter, node, [x]) => {
  const pad = sidesOf(node, "pad");
  if (pad === 0) return x as string;
  const [high, wide] = bothOf(pad);
  const [n, c, height, width] = node.shape as Shape4;
  const planes = reshaped(emitter, x as string, [n * c, height + 2 * high, width + 2 * wide]);
  const rows = high === 0 ? planes : foldRows(emitter, planes, height, high);
  if (wide === 0) return reshaped(emitter, rows, node.shape);
  const narrow = width <= NARROW || width < 2 * wide + 2;
  const both = narrow
    ? multiplyColumns(emitter, rows, width, wide)
    : addBorders(emitter, rows, [n * c, height, width], wide);
  return reshaped(emitter, both, node.shape);
};
