/**
 * Computes an exponential moving average without the bias of its start towards 0: each value weighs
 * `weight` times as much as the next. Gaps stay gaps.
 */
export const smoothed = (
  values: readonly (number | null)[],
  weight: number,
): readonly (number | null)[] => {
  let [sum, whole] = [0, 0];
  return values.map((value) => {
    if (value === null) return null;
    sum = weight * sum + (1 - weight) * value;
    whole = weight * whole + (1 - weight);
    return sum / whole;
  });
};

/** Writes a number with about four digits. */
export const figure = (value: number | null | undefined): string => {
  if (value === null || value === undefined) return "no value";
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size >= 1e5 || size < 1e-3) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
};
