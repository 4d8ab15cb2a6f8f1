/**
 * Where things lie in a domain's pictures: how often each of 16 x 16 parts differs from the colour
 * of the border. Domains that differ here differ in shape, not only in colour.
 */
import { smallSide } from "./fingerprint.js";

const side = 16;

/**
 * Least difference from the border's colour of a part that shows a thing: mean over the channels,
 * of 255.
 */
const leastDifference = 25;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

const border: readonly number[] = Array.from({ length: smallSide }, (_, i) => [
  i,
  (smallSide - 1) * smallSide + i,
  i * smallSide,
  i * smallSide + smallSide - 1,
]).flat();

/**
 * Returns the share of each part that is not background, row by row, from `smallSide` x `smallSide`
 * RGB pixels.
 */
export const filledParts = (rgb: Uint8Array): Float32Array => {
  const back = [0, 1, 2].map((c) => median(border.map((pixel) => rgb[3 * pixel + c] ?? 0)));
  const parts = new Float32Array(side * side);
  const times = smallSide / side;
  for (let y = 0; y < smallSide; y++)
    for (let x = 0; x < smallSide; x++) {
      const pixel = 3 * (y * smallSide + x);
      const difference =
        back.reduce((sum, v, c) => sum + Math.abs((rgb[pixel + c] ?? 0) - v), 0) / 3;
      const part = Math.floor(y / times) * side + Math.floor(x / times);
      if (difference > leastDifference) parts[part] = (parts[part] ?? 0) + 1 / times ** 2;
    }
  return parts;
};

/**
 * Sums over the images of a domain, separately for even and odd places, to measure the effect of
 * chance.
 */
export interface Layout {
  readonly sums: readonly [Float64Array, Float64Array];
  readonly counts: [number, number];
}

export const newLayout = (): Layout => ({
  sums: [new Float64Array(side * side), new Float64Array(side * side)],
  counts: [0, 0],
});

/** Adds the image at place `i`. */
export const addParts = ({ sums, counts }: Layout, i: number, parts: Float32Array): void => {
  const half = i % 2 === 0 ? 0 : 1;
  counts[half]++;
  for (const [k, part] of parts.entries()) sums[half][k] = (sums[half][k] ?? 0) + part;
};

const mean = (sum: Float64Array, count: number): Float64Array => sum.map((v) => v / (count || 1));

const meanOf = ({ sums: [even, odd], counts }: Layout): Float64Array =>
  mean(
    even.map((v, k) => v + (odd[k] ?? 0)),
    counts[0] + counts[1],
  );

/**
 * Returns the part of two areas that is not common to both, as a share of their union: 0 if they
 * are equal, 1 if they are disjoint.
 */
const apart = (a: Float64Array, b: Float64Array): number => {
  let [common, either] = [0, 0];
  for (const [k, v] of a.entries()) {
    common += Math.min(v, b[k] ?? 0);
    either += Math.max(v, b[k] ?? 0);
  }
  return either === 0 ? 0 : 1 - common / either;
};

const withinOf = ({ sums, counts }: Layout): number =>
  apart(mean(sums[0], counts[0]), mean(sums[1], counts[1]));

export interface LayoutDifference {
  /**
   * The share, from 0 to 1, of the parts filled in either domain on average that is not in both.
   */
  readonly between: number;
  /** The same between the halves of one domain, the greater of both: the effect of chance. */
  readonly within: number;
}

export const layoutDifference = (x: Layout, y: Layout): LayoutDifference => ({
  between: apart(meanOf(x), meanOf(y)),
  within: Math.max(withinOf(x), withinOf(y)),
});
