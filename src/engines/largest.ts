/**
 * Finds the largest number that fits into memory with few trials, since each trial plans a whole
 * step.
 */

/** Bytes for a number: the part that does not depend on it, and the total. */
export interface Weighed {
  readonly fixed: number;
  readonly peak: number;
}

export interface Search {
  /** A valid number to start from. */
  readonly from: number;
  readonly memory: number;
  /** Initial guess of the power by which memory grows with the number: 2 for sides of images. */
  readonly power: number;
  /** Upper bound of the search. */
  readonly most: number;
  /** Returns the greatest valid number at most `value` and above `above`. */
  readonly admitted: (value: number, above: number) => number | undefined;
  readonly weigh: (value: number) => Weighed;
}

interface Point extends Weighed {
  readonly value: number;
}

/** Most trials. More would add little: a plan is right to some percent. */
const LOOKS = 10;

/** Share of the memory from which a number counts as large enough. */
const ENOUGH = 0.97;

/** Returns the power by which memory grows between two numbers. */
const powerBetween = (a: Point, b: Point, otherwise: number): number => {
  const power = Math.log((b.peak - b.fixed) / (a.peak - a.fixed)) / Math.log(b.value / a.value);
  return Number.isFinite(power) && power > 0.1 ? power : otherwise;
};

/** Extrapolates from a point with a power to the number that just fits. */
const guess = ({ value, fixed, peak }: Point, power: number, memory: number): number =>
  Math.floor(value * (Math.max(0, memory - fixed) / (peak - fixed)) ** (1 / power));

/** Returns the largest number found to fit; undefined if none does. */
export const largestThatFits = (search: Search): number | undefined => {
  const { from, memory, most, admitted, weigh } = search;
  const look = (value: number): Point => ({ value, ...weigh(value) });
  const fits = ({ peak }: Point): boolean => peak <= memory;
  let last = look(from);
  let power = search.power;
  let low = fits(last) ? from : 0;
  let high = fits(last) ? most + 1 : from;
  // The checker may refuse all larger ones.
  let refused = Number.POSITIVE_INFINITY;
  const isEnough = (): boolean => fits(last) && last.peak >= ENOUGH * memory;
  for (let looks = 1; looks < LOOKS && high - low > 1 && !isEnough(); ) {
    const likely = Math.min(high - 1, Math.max(low + 1, guess(last, power, memory)));
    const wanted = likely < refused ? likely : Math.floor((low + refused) / 2);
    const value = wanted > low ? admitted(wanted, low) : undefined;
    if (value === undefined) {
      if (wanted - low < 2) break;
      refused = wanted;
      continue;
    }
    const next = look(value);
    looks++;
    power = powerBetween(last, next, power);
    if (fits(next)) low = value;
    else high = value;
    last = next;
  }
  return low === 0 ? undefined : low;
};
