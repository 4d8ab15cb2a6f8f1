/** The largest number that fits, by few looks: each look plans a whole step. */

/** What a number takes, in bytes: what is there whatever the number, and all of it. */
export interface Weighed {
  readonly fixed: number;
  readonly peak: number;
}

export interface Search {
  /** A number that is admitted. */
  readonly from: number;
  readonly memory: number;
  /** How much more is taken by a larger number, at first: its power. Sides of images are squared. */
  readonly power: number;
  /** The largest that is looked at. */
  readonly most: number;
  /** The nearest admitted number that is at most `value` and above `above`. */
  readonly admitted: (value: number, above: number) => number | undefined;
  readonly weigh: (value: number) => Weighed;
}

interface Point extends Weighed {
  readonly value: number;
}

/** More would say little: a plan is right to some percent. */
const LOOKS = 10;

/** Whoever takes so much of what there is is large enough. */
const ENOUGH = 0.97;

/** By which power what is taken grows, between two numbers. */
const powerBetween = (a: Point, b: Point, otherwise: number): number => {
  const power = Math.log((b.peak - b.fixed) / (a.peak - a.fixed)) / Math.log(b.value / a.value);
  return Number.isFinite(power) && power > 0.1 ? power : otherwise;
};

/** The number that just fits, if it goes on from the point with that power. */
const guess = ({ value, fixed, peak }: Point, power: number, memory: number): number =>
  Math.floor(value * (Math.max(0, memory - fixed) / (peak - fixed)) ** (1 / power));

/** The largest number found to fit; nothing where none does. */
export const largestThatFits = (search: Search): number | undefined => {
  const { from, memory, most, admitted, weigh } = search;
  const look = (value: number): Point => ({ value, ...weigh(value) });
  const fits = ({ peak }: Point): boolean => peak <= memory;
  let last = look(from);
  let power = search.power;
  let low = fits(last) ? from : 0;
  let high = fits(last) ? most + 1 : from;
  // The checker may refuse all that are as large.
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
