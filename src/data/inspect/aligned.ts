/** Compares what two small images show: how well their gradients agree in the best alignment. */
import { seenThrough, smallSide, type Window } from "./fingerprint.js";

/**
 * Returns the correlation of the gradients of two small images, from -1 to 1. Values alone do not
 * do: two shirts of one cut have the same light and dark parts, and only folds and prints tell them
 * apart.
 */
const agreement = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let [both, ofA, ofB] = [0, 0, 0];
  for (let y = 0; y < smallSide - 1; y++)
    for (let x = 0; x < smallSide - 1; x++) {
      const i = y * smallSide + x;
      const [hereA, hereB] = [a[i] ?? 0, b[i] ?? 0];
      for (const next of [i + 1, i + smallSide]) {
        const [slopeA, slopeB] = [(a[next] ?? 0) - hereA, (b[next] ?? 0) - hereB];
        both += slopeA * slopeB;
        ofA += slopeA * slopeA;
        ofB += slopeB * slopeB;
      }
    }
  return both / Math.sqrt(ofA * ofB + 1e-9);
};

/**
 * Blurs with weights 1, 2, 1 along both axes. Interpolation blurs one image, so both are blurred
 * alike.
 */
const blurred = (grey: ArrayLike<number>): Float32Array => {
  const across = new Float32Array(smallSide * smallSide);
  const out = new Float32Array(smallSide * smallSide);
  const last = smallSide - 1;
  for (let i = 0; i < out.length; i++) {
    const x = i % smallSide;
    const [before, after] = [x === 0 ? i : i - 1, x === last ? i : i + 1];
    across[i] = ((grey[before] ?? 0) + 2 * (grey[i] ?? 0) + (grey[after] ?? 0)) / 4;
  }
  for (let i = 0; i < out.length; i++) {
    const [above, below] = [
      i < smallSide ? i : i - smallSide,
      i >= smallSide * last ? i : i + smallSide,
    ];
    out[i] = ((across[above] ?? 0) + 2 * (across[i] ?? 0) + (across[below] ?? 0)) / 4;
  }
  return out;
};

/** Steps by which an edge of the window moves, from coarse to fine. */
const moves = [0.04, 0.02, 0.01, 0.005];

/** Least share of each side that a window covers. */
const least = 0.85;

const isAllowed = ([left, top, right, bottom]: Window): boolean =>
  left >= 0 &&
  top >= 0 &&
  right <= 1 &&
  bottom <= 1 &&
  right - left >= least &&
  bottom - top >= least;

const moved = (window: Window, edge: number, by: number): Window => {
  const [left, top, right, bottom] = window.map((at, i) => (i === edge ? at + by : at));
  return [left ?? 0, top ?? 0, right ?? 1, bottom ?? 1];
};

/** Below this agreement at the first window, no alignment helps. */
const hopeless = 0.4;

/**
 * Finds the greatest agreement of `part` with a window of `image`, moving the window's edges from
 * `start`.
 */
export const bestAgreement = (
  image: ArrayLike<number>,
  part: ArrayLike<number>,
  start: Window,
): number => {
  const [all, sought] = [blurred(image), blurred(part)];
  let window = start;
  let best = agreement(seenThrough(all, window), sought);
  if (best < hopeless) return best;
  for (const by of moves)
    for (let hasMoved = true; hasMoved; ) {
      hasMoved = false;
      for (const [edge, step] of [0, 1, 2, 3].flatMap((e) => [
        [e, by] as const,
        [e, -by] as const,
      ])) {
        const next = moved(window, edge, step);
        if (!isAllowed(next)) continue;
        const found = agreement(seenThrough(all, next), sought);
        if (found <= best + 1e-6) continue;
        best = found;
        window = next;
        hasMoved = true;
      }
    }
  return best;
};
