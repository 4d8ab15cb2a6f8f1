/** Statistics of measured times. */

/** Returns the quantile q of at least one value, interpolated linearly. */
export const quantile = (values: readonly number[], q: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (at - Math.floor(at)) * (above - below);
};

export const median = (values: readonly number[]): number => quantile(values, 0.5);
