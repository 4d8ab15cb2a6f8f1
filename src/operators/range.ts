/**
 * Ranges of real values: intervals with open or closed ends. An end at infinity is open. A rule's
 * result contains every value that its operation can give in real arithmetic, and 0 where rounding
 * leads there. It is as narrow as an interval can be that knows nothing of what operands share.
 */
export interface Range {
  readonly low: number;
  readonly high: number;
  /** Whether the end itself is left out. */
  readonly lowOpen: boolean;
  readonly highOpen: boolean;
}

/** Maps the range of an input to the range of the result. */
export type RangeRule = (input: Range) => Range;

export const reals: Range = { low: -Infinity, high: Infinity, lowOpen: true, highOpen: true };

/** [low, high] */
export const closed = (low: number, high: number): Range => ({
  low,
  high,
  lowOpen: low === -Infinity,
  highOpen: high === Infinity,
});

/** (low, high) */
export const between = (low: number, high: number): Range => ({
  low,
  high,
  lowOpen: true,
  highOpen: true,
});

export const notNegative: Range = closed(0, Infinity);
export const positive: Range = between(0, Infinity);

export const isBounded = ({ low, high }: Range): boolean =>
  Number.isFinite(low) && Number.isFinite(high);

/** Whether every value of `inner` is one of `outer`. */
export const isWithin = (inner: Range, outer: Range): boolean =>
  (inner.low > outer.low || (inner.low === outer.low && (!outer.lowOpen || inner.lowOpen))) &&
  (inner.high < outer.high || (inner.high === outer.high && (!outer.highOpen || inner.highOpen)));

/** `(0, 1]`, with the words of the language where an end is infinite. */
export const showRange = ({ low, high, lowOpen, highOpen }: Range): string => {
  if (low === -Infinity && high === Infinity) return "all reals";
  const number = (x: number): string =>
    Math.abs(x) === Infinity ? `${x < 0 ? "-" : ""}inf` : String(Number(x.toPrecision(3)));
  return `${lowOpen ? "(" : "["}${number(low)}, ${number(high)}${highOpen ? ")" : "]"}`;
};

interface End {
  readonly at: number;
  readonly open: boolean;
}

/**
 * The interval whose ends are the least and the greatest of several; equal ends are closed where
 * one of them is.
 */
const spanned = (lows: readonly End[], highs: readonly End[]): Range => {
  const low = Math.min(...lows.map((end) => end.at));
  const high = Math.max(...highs.map((end) => end.at));
  const open = (ends: readonly End[], at: number): boolean =>
    Math.abs(at) === Infinity || ends.every((end) => end.at !== at || end.open);
  return { low, high, lowOpen: open(lows, low), highOpen: open(highs, high) };
};

const lowEnd = ({ low, lowOpen }: Range): End => ({ at: low, open: lowOpen });
const highEnd = ({ high, highOpen }: Range): End => ({ at: high, open: highOpen });

/** The least interval that holds both. */
export const hull = (a: Range, b: Range): Range =>
  spanned([lowEnd(a), lowEnd(b)], [highEnd(a), highEnd(b)]);

export const negated = ({ low, high, lowOpen, highOpen }: Range): Range => ({
  low: -high,
  high: -low,
  lowOpen: highOpen,
  highOpen: lowOpen,
});

/**
 * Adds two ends. A value near 1 rounds to 1, and 1 - 1 is 0, so an end at 0 is open only where both
 * ends are at 0.
 */
const sumOf = (a: End, b: End): End => {
  const at = a.at + b.at;
  return { at, open: (a.open || b.open) && !(at === 0 && a.at !== 0) };
};

export const plus = (a: Range, b: Range): Range =>
  spanned([sumOf(lowEnd(a), lowEnd(b))], [sumOf(highEnd(a), highEnd(b))]);

export const minus = (a: Range, b: Range): Range => plus(a, negated(b));

/**
 * A product is least and greatest at ends; 0, where it is an end that belongs to its range, gives 0
 * with anything. Two numbers that come near 0 have a product that rounds to 0.
 */
export const times = (a: Range, b: Range): Range => {
  const corner = (x: End, y: End): End => {
    const at = x.at === 0 || y.at === 0 ? 0 : x.at * y.at;
    const isZero = (end: End): boolean => end.at === 0 && !end.open;
    const rounds = x.at === 0 && y.at === 0;
    return { at, open: (x.open || y.open) && !isZero(x) && !isZero(y) && !rounds };
  };
  const corners = [lowEnd(a), highEnd(a)].flatMap((x) =>
    [lowEnd(b), highEnd(b)].map((y) => corner(x, y)),
  );
  return spanned(corners, corners);
};

/** 1 / x; what may be 0 can give anything. */
const inverse = (x: Range): Range => {
  const isOneSided = isWithin(x, positive) || isWithin(x, negated(positive));
  if (!isOneSided) return reals;
  const end = ({ at, open }: End, sign: number): End =>
    at === 0
      ? { at: sign * Infinity, open: true }
      : { at: 1 / at, open: open || Math.abs(at) === Infinity };
  const sign = isWithin(x, positive) ? 1 : -1;
  return spanned([end(highEnd(x), sign)], [end(lowEnd(x), sign)]);
};

export const over = (a: Range, b: Range): Range => times(a, inverse(b));

/**
 * A function that never falls, given by its values; at an infinite end, by its limit. What rounds
 * to 1 has a logarithm of 0.
 */
export const rising = (f: (x: number) => number): RangeRule => {
  const moved = ({ at, open }: End): End => {
    const value = f(at);
    const isReached = value === 0 && at !== 0 && Number.isFinite(at);
    return { at: value, open: Math.abs(value) === Infinity || (open && !isReached) };
  };
  return (x) => spanned([moved(lowEnd(x))], [moved(highEnd(x))]);
};

/**
 * A function that is least and greatest, -1 and 1, once in each turn of 2 pi: the greatest at
 * `crest`. Between those places it rises or falls, so that ends give the rest.
 */
const waving =
  (f: (x: number) => number, crest: number): RangeRule =>
  (x) => {
    if (!isBounded(x)) return closed(-1, 1);
    const ends = [x.low, x.high].map(f);
    const reaches = (place: number): boolean =>
      Math.floor((x.high - place) / (2 * Math.PI)) >= Math.ceil((x.low - place) / (2 * Math.PI));
    return closed(
      reaches(crest + Math.PI) ? -1 : Math.min(...ends),
      reaches(crest) ? 1 : Math.max(...ends),
    );
  };

export const sine = waving(Math.sin, Math.PI / 2);
export const cosine = waving(Math.cos, 0);

/** max(0, x): 0 belongs to it wherever something below does. */
export const rectified: RangeRule = (x) => {
  const risen = rising((v) => Math.max(0, v))(x);
  return {
    ...risen,
    lowOpen: x.low < 0 ? false : risen.lowOpen,
    highOpen: x.high <= 0 ? false : risen.highOpen,
  };
};

export const absolute: RangeRule = (x) => {
  if (isWithin(x, notNegative)) return x;
  if (isWithin(negated(x), notNegative)) return negated(x);
  return { ...hull(x, negated(x)), low: 0, lowOpen: false };
};

/** x ^ n, for the real n at hand. What comes near 0 rounds to 0 where n is more than 1. */
export const powered =
  (n: number): RangeRule =>
  (x) => {
    if (n === 0) return closed(1, 1);
    if (n < 0) return inverse(powered(-n)(x));
    const risen = rising((v) => v ** n);
    const rise: RangeRule = (v) => {
      const range = risen(v);
      return {
        ...range,
        lowOpen: range.lowOpen && !(n > 1 && range.low === 0),
        highOpen: range.highOpen && !(n > 1 && range.high === 0),
      };
    };
    if (!Number.isInteger(n)) return rise(isWithin(x, notNegative) ? x : rectified(x));
    return n % 2 === 0 ? rise(absolute(x)) : rise(x);
  };

/** What lies above `high` becomes `high`. */
export const bounded = (x: Range, high: number): Range => {
  if (x.high < high || (x.high === high && x.highOpen)) return x;
  return x.low >= high ? closed(high, high) : { ...x, high, highOpen: false };
};

/** Everything may be kept or become 0. */
export const withZero: RangeRule = (x) => hull(x, closed(0, 0));

/** Means of several values. */
export const unchanged: RangeRule = (x) => x;

/** Anything, whatever comes in. */
export const anything = (): Range => reals;
