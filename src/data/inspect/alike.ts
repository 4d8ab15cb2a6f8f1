/**
 * Which images of many show nearly the same, without comparing each with each: fingerprints that differ in at most 7 of
 * their 64 bits agree in one quarter of 16 bits but for one bit at most, so those are looked up by quarters.
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

/** Bits of 64 in which fingerprints of one picture may differ. */
export const mostBits = 7;

/** How far the slopes of two images of one picture agree at least, where they lie best upon each other. */
export const leastAgreement = 0.955;

/** Fingerprints that one image is compared with, and images: sets of blank or equal scans would take all day. */
const mostCompared = 20_000;
const mostAligned = 32;

const quarters = 4;

const quarterOf = (of: Fingerprint, quarter: number): number =>
  ((of[quarter >> 1] ?? 0) >>> ((quarter & 1) * 16)) & 0xffff;

/** The quarter itself, and those that differ from it in one bit. */
const near = (quarter: number): readonly number[] => [
  quarter,
  ...Array.from({ length: 16 }, (_, bit) => quarter ^ (1 << bit)),
];

interface Index {
  readonly whole: readonly Fingerprint[];
  /** By quarter and its value: which images. */
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

/** Images whose fingerprint is near that of a window of image `i`; of each the nearest window. */
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
  /** Pairs of indices, the smaller first, in order: as many as join all that show the same. */
  readonly pairs: readonly (readonly [number, number])[];
  /** How many images look like so many that they were not compared with all of these. */
  readonly unfinished: number;
}

/** A turn for signals and progress now and then. */
const turn = 64;

/**
 * The pairs of `greys` (32 x 32 grey values each) that show the same picture: encoded anew, resized, made lighter or grey, or
 * cropped by up to a tenth. `progress` hears how many were looked up.
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
