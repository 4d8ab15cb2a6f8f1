/**
 * How like images are to those that a network learnt from, by a few traits of a whole image: brightness, contrast, colour, detail at
 * two scales, and what it stands on. A network is only known to work on images like those of its training set (Zhu et al., section 6).
 */

import { mean } from "../../base/statistics.js";
import type { HostTensor } from "../../contracts/tensor.js";
import { toUnit } from "./baselines.js";

/** What is looked at, and how an image is called that has less, or more, of it than those of the training set. */
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

/** The mean absolute difference of neighbours `step` apart, of a plane `width` wide. */
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

/** The mean of a plane along its border, a sixteenth of a side wide: what a thing stands on. */
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

/** Of one image of `[h, w, c]` intensities in [0, 1]. Colour is that of three channels; of any other number there is none. */
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

/** Of each of `[n, h, w, c]` images in the range of their domain. */
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

/** Fewer images than these say nothing of those to come. */
export const leastKnown = 12;

/** A trait that hardly varies is not told apart by less: two grey levels of 256. */
const leastSpread = 2 / 256;

/** How much farther than any of the training images an image may be from its nearest. */
const allowance = 1.25;

/** In standard deviations: where the training images are all but equal, rounding is no difference. */
const leastApart = 1;

const spreads = (known: readonly (readonly number[])[]): readonly number[] =>
  traits.map((_, k) => {
    const values = known.map((one) => one[k] ?? 0);
    const middle = mean(values);
    return max(leastSpread, sqrt(mean(values.map((v) => (v - middle) ** 2))));
  });

/** How far two images are apart, in standard deviations of the training set, over all traits together. */
const apart = (a: readonly number[], b: readonly number[], spread: readonly number[]): number =>
  sqrt(a.reduce((sum, v, k) => sum + ((v - (b[k] ?? 0)) / (spread[k] ?? 1)) ** 2, 0));

const nearest = (
  one: readonly number[],
  others: readonly (readonly number[])[],
  spread: readonly number[],
): number => others.reduce((least, other) => Math.min(least, apart(one, other, spread)), Infinity);

/** Traits that are named. */
const told = 3;

/** Which traits of an image leave those of the training set, the farthest first, in words; undefined where all lie among them. */
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
 * What tells an image apart from the training images, in words; undefined where nothing does, or too few are known to say.
 * It is apart where its nearest training image is farther than a quarter more than any of those is from its own nearest.
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
    outside(one, known, spread) ?? "none of them joins its brightness, contrast, colour and detail"
  );
};
