/**
 * Where in the picture a domain has its things: how often each of 16 x 16 parts differs from the colour of the picture's
 * border. Two domains that differ in it differ in shape, not only in colour.
 */
import { smallSide } from "./fingerprint.js";

const side = 16;

/** Of 255, the mean over the channels: what a part differs by from the border's colour where a thing lies there. */
const leastDifference = 25;

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

const border: readonly number[] = Array.from({ length: smallSide }, (_, i) => [
  i,
  (smallSide - 1) * smallSide + i,
  i * smallSide,
  i * smallSide + smallSide - 1,
]).flat();

/** Of `smallSide` x `smallSide` pixels of RGB: which share of each part is no background, row by row. */
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

/** Sums over the images of a domain: those of even and of odd place apart, to tell what chance alone makes. */
export interface Layout {
  readonly sums: readonly [Float64Array, Float64Array];
  readonly counts: [number, number];
}

export const newLayout = (): Layout => ({
  sums: [new Float64Array(side * side), new Float64Array(side * side)],
  counts: [0, 0],
});

/** Takes in the image of place `i`. */
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

/** What of two areas is not common to both, as a share of what is in either: 0 where they are equal, 1 where they are apart. */
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
  /** Of the parts that are filled in either domain on average, the share that is not in both: from 0 to 1. */
  readonly between: number;
  /** The same between the halves of one domain: the greater of both. What chance makes. */
  readonly within: number;
}

export const layoutDifference = (x: Layout, y: Layout): LayoutDifference => ({
  between: apart(meanOf(x), meanOf(y)),
  within: Math.max(withinOf(x), withinOf(y)),
});
