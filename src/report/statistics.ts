/** A mean with its uncertainty. */
import { pick, stream } from "../base/random.js";

export interface Interval {
  readonly mean: number;
  /** Ends of the 95 % interval. */
  readonly low: number;
  readonly high: number;
}

export const RESAMPLES = 10_000;

export const mean = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return sum / values.length;
};

/** The quantile q in [0, 1] of sorted values, linear between neighbours. */
export const quantile = (sorted: ArrayLike<number>, q: number): number => {
  const at = q * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
};

/**
 * The mean of at least one value with its 95 % percentile interval of the bootstrap: values drawn with replacement,
 * 10,000 times. For a paired comparison give the differences of the pairs.
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
