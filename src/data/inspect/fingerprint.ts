/**
 * Fingerprints of 64 bits: the signs of the 64 lowest frequencies, without the mean, of the cosine
 * transform of 32 x 32 grey pixels. They differ in few bits if an image is encoded anew, resized,
 * brightened or made grey; a cropped image agrees with a window of the other.
 */

/** Side of the small grey images from which everything here is computed. */
export const smallSide = 32;

/** Frequencies computed along an axis; the 64 lowest by their sum need no more. */
const along = 11;

const cosines = Float64Array.from({ length: along * smallSide }, (_, i) =>
  Math.cos((Math.PI * Math.floor(i / smallSide) * ((i % smallSide) + 0.5)) / smallSide),
);

/** `[row frequency, column frequency]`, from low to high along diagonals, as JPEG orders them. */
const lowest: readonly (readonly [number, number])[] = Array.from(
  { length: along * along },
  (_, i): readonly [number, number] => [Math.floor(i / along), i % along],
)
  .filter(([row, column]) => row + column > 0)
  .sort((a, b) => a[0] + a[1] - b[0] - b[1] || a[0] - b[0])
  .slice(0, 64);

/** Two halves of 32 bits. */
export type Fingerprint = readonly [number, number];

/** Computes the fingerprint of `smallSide` x `smallSide` grey values, row by row. */
export const fingerprint = (grey: ArrayLike<number>): Fingerprint => {
  const rows = new Float64Array(smallSide * along);
  for (let y = 0; y < smallSide; y++)
    for (let k = 0; k < along; k++) {
      let sum = 0;
      for (let x = 0; x < smallSide; x++)
        sum += (grey[y * smallSide + x] ?? 0) * (cosines[k * smallSide + x] ?? 0);
      rows[y * along + k] = sum;
    }
  const halves: [number, number] = [0, 0];
  for (const [bit, [row, column]] of lowest.entries()) {
    let sum = 0;
    for (let y = 0; y < smallSide; y++)
      sum += (rows[y * along + column] ?? 0) * (cosines[row * smallSide + y] ?? 0);
    if (sum > 0) halves[bit >> 5] = (halves[bit >> 5] ?? 0) | (1 << (bit & 31));
  }
  return [halves[0] >>> 0, halves[1] >>> 0];
};

const ones = (bits: number): number => {
  const pairs = bits - ((bits >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return (((fours + (fours >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
};

/** Counts the bits in which two fingerprints differ. */
export const distance = (a: Fingerprint, b: Fingerprint): number =>
  ones(a[0] ^ b[0]) + ones(a[1] ^ b[1]);

/** A part of an image: left, top, right and bottom edge, as shares of its width or height. */
export type Window = readonly [number, number, number, number];

const whole: Window = [0, 0, 1, 1];

const places = [0, 0.5, 1];

const cut = (width: number, height: number): readonly Window[] => {
  const rows = height === 1 ? [0] : places;
  const columns = width === 1 ? [0] : places;
  return rows.flatMap((row) =>
    columns.map((column): Window => {
      const [left, top] = [(1 - width) * column, (1 - height) * row];
      return [left, top, left + width, top + height];
    }),
  );
};

/**
 * The crops considered: the whole image first, then windows of 95 and 90 %, at nine or three
 * places.
 */
export const windows: readonly Window[] = [
  whole,
  ...[0.95, 0.9].flatMap((side) => [...cut(side, side), ...cut(side, 1), ...cut(1, side)]),
];

/**
 * Returns where each of `smallSide` samples of a window lies along an axis: its left neighbour and
 * the weight of the right one.
 */
const samples = (from: number, to: number) => {
  const first = new Uint8Array(smallSide);
  const weight = new Float32Array(smallSide);
  for (let i = 0; i < smallSide; i++) {
    const place = (from + ((to - from) * (i + 0.5)) / smallSide) * smallSide - 0.5;
    const inside = Math.min(smallSide - 1, Math.max(0, place));
    first[i] = Math.min(smallSide - 2, Math.floor(inside));
    weight[i] = inside - (first[i] ?? 0);
  }
  return { first, weight };
};

/** Enlarges a window linearly to `smallSide` x `smallSide`. */
export const seenThrough = (grey: ArrayLike<number>, window: Window): Float32Array => {
  const [left, top, right, bottom] = window;
  const [rows, columns] = [samples(top, bottom), samples(left, right)];
  const out = new Float32Array(smallSide * smallSide);
  for (let y = 0; y < smallSide; y++) {
    const row = (rows.first[y] ?? 0) * smallSide;
    const down = rows.weight[y] ?? 0;
    for (let x = 0; x < smallSide; x++) {
      const at = row + (columns.first[x] ?? 0);
      const across = columns.weight[x] ?? 0;
      const upper = (grey[at] ?? 0) * (1 - across) + (grey[at + 1] ?? 0) * across;
      const below = at + smallSide;
      const lower = (grey[below] ?? 0) * (1 - across) + (grey[below + 1] ?? 0) * across;
      out[y * smallSide + x] = upper * (1 - down) + lower * down;
    }
  }
  return out;
};
