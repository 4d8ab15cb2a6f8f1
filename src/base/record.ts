/**
 * A record keyed by names that users choose. It has no prototype, so that a network called
 * `constructor` or `toString` finds what was put there or nothing, and `__proto__` is a key like
 * any other.
 */
export const recordOf = <T>(entries: Iterable<readonly [string, T]>): Record<string, T> =>
  Object.setPrototypeOf(Object.fromEntries(entries), null);
