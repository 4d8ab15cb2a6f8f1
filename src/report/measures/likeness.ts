/**
 * Compares an image with a network's training images by a few traits of the whole image:
 * brightness, contrast, colour, detail at two scales, and background. A network is only known to
 * work on images like its training set (Zhu et al., section 6).
 */

import { mean } from "../../base/statistics.js";
import type { HostTensor } from "../../contracts/tensor.js";
import { toUnit } from "./baselines.js";

/** A trait, and the words for an image that has less or more of it than the training images. */
interface Trait {
  readonly name: string;
  readonly less: string;
  readonly more: string;
}

/** In the order of `traitsOf`. */
export const traits: readonly Trait[] = [
  { name: "brightness", less: "darker", more: "brighter" },
  { name: "contrast", less: "flatter", more: "of more contrast" },
  { name: "red against green", less: "greener", more: "redder" },
  { name: "yellow against blue", less: "bluer", more: "yellower" },
  { name: "colourfulness", less: "greyer", more: "more colourful" },
  { name: "fine detail", less: "smoother", more: "of finer detail" },
  { name: "coarse detail", less: "plainer", more: "busier" },
  {
    name: "brightness at the border",
    less: "darker at the border",
    more: "brighter at the border",
  },
];

const { abs, max, sqrt } = Math;

/** Computes the mean absolute difference of neighbours `step` apart in a plane `width` wide. */
const detail = (plane: Float64Array, width: number, step: number): number => {
  const height = plane.length / width;
  let [sum, count] = [0, 0];
  for (let y = 0; y + step < height; y++)
    for (let x = 0; x + step < width; x++) {
      const at = y * width + x;
      const own = plane[at] ?? 0;
      sum += abs((plane[at + step] ?? 0) - own) + abs((plane[at + step * width] ?? 0) - own);
      count += 2;
    }
  return count === 0 ? 0 : sum / count;
};

/** Computes the mean along the border of a plane, a sixteenth of a side wide: the background. */
const border = (plane: Float64Array, width: number): number => {
  const height = plane.length / width;
  const wide = max(1, Math.round(Math.min(width, height) / 16));
  return mean(
    plane.filter((_, i) => {
      const [x, y] = [i % width, Math.floor(i / width)];
      return Math.min(x, y, width - 1 - x, height - 1 - y) < wide;
    }),
  );
};

/**
 * Computes the traits of one image of `[h, w, c]` intensities in [0, 1]. Colour traits need three
 * channels; otherwise they are 0.
 */
const traitsOfOne = (data: Float32Array, width: number, channels: number): readonly number[] => {
  const places = data.length / channels;
  const luma = new Float64Array(places);
  let [red, yellow, colour] = [0, 0, 0];
  for (let i = 0; i < places; i++) {
    const pixel = data.subarray(i * channels, (i + 1) * channels);
    if (channels !== 3) {
      luma[i] = mean(pixel);
      continue;
    }
    const [r = 0, g = 0, b = 0] = pixel;
    luma[i] = 0.299 * r + 0.587 * g + 0.114 * b;
    red += r - g;
    yellow += (r + g) / 2 - b;
    colour += max(r, g, b) - Math.min(r, g, b);
  }
  const middle = mean(luma);
  const variance = mean(luma.map((v) => (v - middle) ** 2));
  return [
    middle,
    sqrt(variance),
    red / places,
    yellow / places,
    colour / places,
    detail(luma, width, 1),
    detail(luma, width, max(2, Math.round(width / 16))),
    border(luma, width),
  ];
};

/** Computes the traits of each of `[n, h, w, c]` images in their domain's range. */
export const traitsOf = (
  images: HostTensor,
  range: readonly [number, number],
): readonly (readonly number[])[] => {
  const [n = 0, , width = 1, channels = 1] = images.shape;
  const { data } = toUnit(images, range);
  const size = data.length / max(1, n);
  return Array.from({ length: n }, (_, i) =>
    traitsOfOne(Float32Array.from(data.subarray(i * size, (i + 1) * size)), width, channels),
  );
};

/** Fewest training images from which others can be judged. */
export const leastKnown = 12;

/**
 * Least spread assumed for a trait, so that a nearly constant one is not overrated: two grey levels
 * of 256.
 */
const leastSpread = 2 / 256;

/**
 * Factor by which an image may be farther from its nearest training image than any of those is from
 * its own.
 */
const allowance = 1.25;

/**
 * Least distance that counts, in standard deviations. If the training images are almost equal,
 * rounding is not a difference.
 */
const leastApart = 1;

const spreads = (known: readonly (readonly number[])[]): readonly number[] =>
  traits.map((_, k) => {
    const values = known.map((one) => one[k] ?? 0);
    const middle = mean(values);
    return max(leastSpread, sqrt(mean(values.map((v) => (v - middle) ** 2))));
  });

/**
 * Computes the distance of two images over all traits, in standard deviations of the training set.
 */
const apart = (a: readonly number[], b: readonly number[], spread: readonly number[]): number =>
  sqrt(a.reduce((sum, v, k) => sum + ((v - (b[k] ?? 0)) / (spread[k] ?? 1)) ** 2, 0));

const nearest = (
  one: readonly number[],
  others: readonly (readonly number[])[],
  spread: readonly number[],
): number => others.reduce((least, other) => Math.min(least, apart(one, other, spread)), Infinity);

/** Number of traits that are named. */
const told = 3;

/**
 * Words the traits of an image that lie outside the training set, the farthest first. Undefined if
 * all lie inside.
 */
const outside = (
  one: readonly number[],
  known: readonly (readonly number[])[],
  spread: readonly number[],
): string | undefined => {
  const beyond = traits.map((trait, k) => {
    const values = known.map((other) => other[k] ?? 0);
    const [low, high, own] = [Math.min(...values), max(...values), one[k] ?? 0];
    const by = max(low - own, own - high) / (spread[k] ?? 1);
    const word = own < low ? trait.less : trait.more;
    const figures = `${trait.name} ${own.toFixed(2)}, theirs ${low.toFixed(2)} to ${high.toFixed(2)}`;
    return { by, words: `${word} than any (${figures})` };
  });
  const left = beyond.filter(({ by }) => by > 0).sort((a, b) => b.by - a.by);
  return left.length === 0
    ? undefined
    : left
        .slice(0, told)
        .map(({ words }) => words)
        .join(", ");
};

/**
 * Words how an image differs from the training images. Undefined if it does not, or if too few are
 * known to say. It differs if its nearest training image is more than a quarter farther away than
 * any of those is from its own nearest.
 */
export const unlikeness = (
  one: readonly number[],
  known: readonly (readonly number[])[],
): string | undefined => {
  if (known.length < leastKnown) return undefined;
  const spread = spreads(known);
  const farthest = known.reduce((most, own, k) => {
    const others = known.filter((_, i) => i !== k);
    return max(most, nearest(own, others, spread));
  }, 0);
  if (nearest(one, known, spread) <= max(leastApart, allowance * farthest)) return undefined;
  return (
    outside(one, known, spread) ??
    "none of them combines its brightness, contrast, colour and detail"
  );
};
