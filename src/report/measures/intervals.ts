/** Statistics with their uncertainty. */
import { pick, stream } from "../../base/random.js";
import { mean } from "../../base/statistics.js";

export interface Interval {
  readonly mean: number;
  /** Ends of the 95 % interval. */
  readonly low: number;
  readonly high: number;
}

export const RESAMPLES = 10_000;

/** Returns the quantile q in [0, 1] of sorted values, interpolated linearly. */
export const quantile = (sorted: ArrayLike<number>, q: number): number => {
  const at = q * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
};

/**
 * Returns the mean of at least one value with its 95 % percentile interval by bootstrap: values
 * drawn with replacement, 10,000 times unless said. For a paired comparison pass the differences of
 * the pairs.
 */
export const bootstrapMean = (
  values: ArrayLike<number>,
  seed: number,
  resamples: number = RESAMPLES,
): Interval => {
  const draws = stream(seed, "report/bootstrap");
  const n = values.length;
  const means = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    let sum = 0;
    for (let k = 0; k < n; k++) sum += values[pick(draws, r * n + k, n)] ?? 0;
    means[r] = sum / n;
  }
  means.sort();
  return { mean: mean(values), low: quantile(means, 0.025), high: quantile(means, 0.975) };
};

/** Half of a 95 % interval of a normal distribution, in standard deviations. */
const Z = 1.959963984540054;

/** Counts how often each of `n` things is drawn in resample `r` of n draws with replacement. */
const multiplicities = (draws: (at: number) => number, r: number, n: number): Float64Array => {
  const weights = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const at = pick(draws, r * n + k, n);
    weights[at] = (weights[at] ?? 0) + 1;
  }
  return weights;
};

/**
 * Returns a statistic of two sets with its 95 % interval: the value plus and minus 1.96 standard
 * errors of a bootstrap that redraws both sets (Efron and Tibshirani 1993, chapter 6). `statistic`
 * receives how often each member counts. The value is not corrected. A percentile interval of a
 * distance between sets would lie above it, because sets with repeated members are farther apart.
 * Ends stay at or above `least`.
 */
export const bootstrapSets = (
  sizes: readonly [number, number],
  statistic: (first: Float64Array, second: Float64Array) => number,
  { seed, resamples, least }: { seed: number; resamples: number; least: number },
): Interval => {
  const [n, m] = sizes;
  const value = statistic(new Float64Array(n).fill(1), new Float64Array(m).fill(1));
  const [first, second] = [stream(seed, "report/sets/0"), stream(seed, "report/sets/1")];
  const values = Array.from({ length: resamples }, (_, r) =>
    statistic(multiplicities(first, r, n), multiplicities(second, r, m)),
  ).filter(Number.isFinite);
  const centre = mean(values);
  const squares = values.reduce((sum, v) => sum + (v - centre) ** 2, 0);
  const half = values.length < 2 ? 0 : Z * Math.sqrt(squares / (values.length - 1));
  return { mean: value, low: Math.max(least, value - half), high: value + half };
};

/**
 * Returns a share of `n` with its 95 % score interval (Wilson 1927). For 20 hits in 20 tries it
 * allows a share of 0.84, where a bootstrap would have no doubt.
 */
export const wilson = (hits: number, n: number): Interval => {
  const share = hits / n;
  const [z2, middle] = [Z * Z, hits + (Z * Z) / 2];
  const half = Z * Math.sqrt(n * share * (1 - share) + z2 / 4);
  return {
    mean: share,
    low: Math.max(0, (middle - half) / (n + z2)),
    high: Math.min(1, (middle + half) / (n + z2)),
  };
};

/**
 * Returns the 0.975 quantile of Student's distribution with `df` degrees of freedom (from 3 on by
 * Cornish and Fisher 1937).
 */
const studentQuantile = (df: number): number => {
  // For one and two there is a closed form.
  if (df === 1) return Math.tan(Math.PI * 0.475);
  if (df === 2) return 0.95 * Math.sqrt(2 / (1 - 0.95 * 0.95));
  const z2 = Z * Z;
  const first = (z2 + 1) / (4 * df);
  const second = ((5 * z2 + 16) * z2 + 3) / (96 * df * df);
  const third = (((3 * z2 + 19) * z2 + 17) * z2 - 15) / (384 * df ** 3);
  const fourth = ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / (92160 * df ** 4);
  return Z * (1 + first + second + third + fourth);
};

/**
 * Returns the mean of a few values with its 95 % interval by Student's distribution. For one value
 * the interval is unknown: both ends are the mean.
 */
export const studentMean = (values: readonly number[]): Interval => {
  const centre = mean(values);
  const n = values.length;
  if (n < 2) return { mean: centre, low: centre, high: centre };
  const squares = values.reduce((sum, v) => sum + (v - centre) ** 2, 0);
  const half = studentQuantile(n - 1) * Math.sqrt(squares / (n - 1) / n);
  return { mean: centre, low: centre - half, high: centre + half };
};
