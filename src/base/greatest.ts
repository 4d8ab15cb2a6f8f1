/**
 * The greatest of any number of values, or `-Infinity` of none: `Math.max(...)` overflows the stack
 * at some 100,000.
 */
export const greatest = (values: Iterable<number>): number => {
  let most = -Infinity;
  for (const value of values) if (value > most) most = value;
  return most;
};
