/** Sums that many rooms take over numbers. */

export const mean = (values: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i] ?? 0;
  return sum / values.length;
};

/**
 * Pearson's correlation of as many values; absent where the variance of one of the two is not above
 * `least`.
 */
export const correlation = (
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  least = 0,
): number | undefined => {
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [(a[i] ?? 0) - ma, (b[i] ?? 0) - mb];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  const floor = least * a.length;
  return aa > floor && bb > floor ? ab / Math.sqrt(aa * bb) : undefined;
};
