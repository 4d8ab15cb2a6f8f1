/** Compares the colours of results with those of the target, wherever they are in the image. */
import { right } from "fp-ts/lib/Either.js";
import type { HostTensor } from "../../contracts/tensor.js";
import { bootstrapSets } from "./intervals.js";
import { biased, type Measure, type Measured } from "./measure.js";

const { abs, max, min, round, sqrt } = Math;

const LEVELS = 256;

/** Counts the pixels at each of 256 levels, for each image and channel: `[n, c, 256]`. */
export const histogramsOf = ({ shape, data }: HostTensor): Float64Array => {
  const [n = 0, height = 0, width = 0, channels = 1] = shape;
  const pixels = height * width;
  const counts = new Float64Array(n * channels * LEVELS);
  for (let k = 0; k < n; k++)
    for (let i = 0; i < pixels; i++)
      for (let c = 0; c < channels; c++) {
        const value = data[(k * pixels + i) * channels + c] ?? 0;
        const level = min(LEVELS - 1, max(0, round(value * (LEVELS - 1))));
        const at = (k * channels + c) * LEVELS + level;
        counts[at] = (counts[at] ?? 0) + 1;
      }
  return counts;
};

/** Pools the histograms of a channel over all images, with a weight for each. The sum is 1. */
const pooled = (
  histograms: Float64Array,
  channels: number,
  channel: number,
  weights: Float64Array,
): Float64Array => {
  const total = new Float64Array(LEVELS);
  for (let k = 0; k < weights.length; k++) {
    const weight = weights[k] ?? 0;
    if (weight === 0) continue;
    const start = (k * channels + channel) * LEVELS;
    for (let i = 0; i < LEVELS; i++)
      total[i] = (total[i] ?? 0) + weight * (histograms[start + i] ?? 0);
  }
  const sum = total.reduce((a, b) => a + b, 0);
  return total.map((count) => count / sum);
};

const momentsOf = (shares: Float64Array): { readonly mean: number; readonly deviation: number } => {
  let [mean, square] = [0, 0];
  for (let i = 0; i < LEVELS; i++) {
    const value = i / (LEVELS - 1);
    mean += value * (shares[i] ?? 0);
    square += value * value * (shares[i] ?? 0);
  }
  return { mean, deviation: sqrt(max(0, square - mean * mean)) };
};

/** Computes the 1-Wasserstein distance of two distributions over the levels, in intensities. */
const earthMover = (a: Float64Array, b: Float64Array): number => {
  let [behind, sum] = [0, 0];
  for (let i = 0; i < LEVELS - 1; i++) {
    behind += (a[i] ?? 0) - (b[i] ?? 0);
    sum += abs(behind);
  }
  return sum / (LEVELS - 1);
};

type Distance = (a: Float64Array, b: Float64Array) => number;

const ofMoment =
  (moment: "mean" | "deviation"): Distance =>
  (a, b) =>
    abs(momentsOf(a)[moment] - momentsOf(b)[moment]);

/**
 * Half-width of an interval that is always narrow enough: five levels of 256. Near a distance of 0
 * a relative uncertainty says nothing.
 */
const closeEnough = 0.02;

const fewColours = biased(50, "colours of a set are those of its images, and each counts much");

const doubtful = (measured: Measured): string | undefined =>
  measured.count >= 50 && measured.high - measured.mean <= closeEnough
    ? undefined
    : fewColours(measured);

const colour = (name: string, title: string, says: string, distance: Distance): Measure => ({
  name,
  title,
  better: "lower",
  unit: "intensity",
  says,
  source:
    "moments and 1-Wasserstein distance of histograms (Rubner, Tomasi, Guibas, IJCV 40, 2000)",
  needs: ["real"],
  compute: ({ made, real }, { seed, resamples }) => {
    const [n = 0, , , channels = 1] = made.shape;
    const [m = 0] = real.shape;
    const [first, second] = [histogramsOf(made), histogramsOf(real)];
    const statistic = (a: Float64Array, b: Float64Array): number => {
      let sum = 0;
      for (let c = 0; c < channels; c++)
        sum += distance(pooled(first, channels, c, a), pooled(second, channels, c, b));
      return sum / channels;
    };
    const least = 0;
    return right({
      ...bootstrapSets([n, m], statistic, { seed, resamples, least }),
      count: min(n, m),
    });
  },
  doubt: doubtful,
});

/** |mean - mean| over all pixels of all images, averaged over channels. */
export const colourMean = colour(
  "colour_mean",
  "colour, means",
  "distance of the channels' mean intensities",
  ofMoment("mean"),
);

/** Difference of the standard deviations over all pixels of all images, averaged over channels. */
export const colourSpread = colour(
  "colour_spread",
  "colour, spreads",
  "distance of the channels' standard deviations",
  ofMoment("deviation"),
);

/** Distance by which intensities must move to make the histograms equal, averaged over channels. */
export const colourHistogram = colour(
  "colour_histogram",
  "colour, histograms",
  "how far intensities must move to make the channels' histograms equal",
  earthMover,
);
