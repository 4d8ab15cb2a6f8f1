/**
 * Finds images that show nearly the same without comparing all pairs. If two fingerprints of 64
 * bits differ in at most 7, then one of their four quarters of 16 bits differs in at most one bit,
 * so a lookup by quarters finds them.
 */
import { setImmediate } from "node:timers/promises";
import { bestAgreement } from "./aligned.js";
import {
  distance,
  type Fingerprint,
  fingerprint,
  seenThrough,
  type Window,
  windows,
} from "./fingerprint.js";
import { newUnion } from "./union.js";

/** Most bits of 64 that differ between fingerprints of one picture. */
export const mostBits = 7;

/** Least agreement of the gradients of two images of one picture, in their best alignment. */
export const leastAgreement = 0.955;

/**
 * Most fingerprints, and images, that one image is compared with. Without a bound, sets of blank or
 * equal scans would take all day.
 */
const mostCompared = 20_000;
const mostAligned = 32;

const quarters = 4;

const quarterOf = (of: Fingerprint, quarter: number): number =>
  ((of[quarter >> 1] ?? 0) >>> ((quarter & 1) * 16)) & 0xffff;

/** Returns the quarter and all that differ from it in one bit. */
const near = (quarter: number): readonly number[] => [
  quarter,
  ...Array.from({ length: 16 }, (_, bit) => quarter ^ (1 << bit)),
];

interface Index {
  readonly whole: readonly Fingerprint[];
  /** By quarter and its value: indices of images. */
  readonly places: readonly ReadonlyMap<number, readonly number[]>[];
}

const indexOf = (greys: readonly Uint8Array[]): Index => {
  const whole = greys.map(fingerprint);
  const places = Array.from({ length: quarters }, (_, quarter) => {
    const found = new Map<number, number[]>();
    for (const [i, of] of whole.entries()) {
      const value = quarterOf(of, quarter);
      const there = found.get(value);
      if (there === undefined) found.set(value, [i]);
      else there.push(i);
    }
    return found;
  });
  return { whole, places };
};

interface Candidate {
  readonly bits: number;
  readonly window: Window;
}

/**
 * Finds images whose fingerprint is near that of a window of image `i`, each with its nearest
 * window.
 */
const candidatesOf = (
  { whole, places }: Index,
  grey: Uint8Array,
  i: number,
): { readonly found: ReadonlyMap<number, Candidate>; readonly isWhole: boolean } => {
  const found = new Map<number, Candidate>();
  let compared = 0;
  for (const window of windows) {
    const own = fingerprint(seenThrough(grey, window));
    for (let quarter = 0; quarter < quarters; quarter++)
      for (const value of near(quarterOf(own, quarter)))
        for (const other of places[quarter]?.get(value) ?? []) {
          if (compared++ > mostCompared) return { found, isWhole: false };
          const theirs = whole[other];
          if (other === i || theirs === undefined) continue;
          const bits = distance(own, theirs);
          if (bits <= Math.min(mostBits, (found.get(other)?.bits ?? mostBits + 1) - 1))
            found.set(other, { bits, window });
        }
  }
  return { found, isWhole: true };
};

export interface Alike {
  /**
   * Pairs of indices, the smaller first, sorted: enough to connect all images that show the same.
   */
  readonly pairs: readonly (readonly [number, number])[];
  /** Number of images with too many candidates to compare with all. */
  readonly unfinished: number;
}

/** Images between two pauses for signals and progress. */
const turn = 64;

/**
 * Finds the pairs in `greys` (32 x 32 grey values each) that show the same picture: encoded anew,
 * resized, lightened, made grey, or cropped by up to a tenth. Calls `progress` with the number of
 * images done.
 */
export const findAlike = async (
  greys: readonly Uint8Array[],
  progress: (done: number) => void = () => undefined,
): Promise<Alike> => {
  const index = indexOf(greys);
  const together = newUnion(greys.length);
  const pairs: (readonly [number, number])[] = [];
  let unfinished = 0;
  for (const [i, grey] of greys.entries()) {
    const { found, isWhole } = candidatesOf(index, grey, i);
    const nearest = [...found].sort((a, b) => a[1].bits - b[1].bits || a[0] - b[0]);
    if (!isWhole || nearest.length > mostAligned) unfinished++;
    for (const [other, { window }] of nearest.slice(0, mostAligned)) {
      const part = greys[other];
      if (part === undefined || together.find(i) === together.find(other)) continue;
      if (bestAgreement(grey, part, window) < leastAgreement) continue;
      together.join(i, other);
      pairs.push([Math.min(i, other), Math.max(i, other)]);
    }
    if (i % turn === turn - 1) {
      progress(i + 1);
      await setImmediate();
    }
  }
  return {
    pairs: pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1]),
    unfinished,
  };
};
