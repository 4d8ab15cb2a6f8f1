/** The host's draws and computations for a step, equal for every engine. */
import { permutation, stream } from "../../base/random.js";
import * as names from "../../lowering/names.js";
import type { Chance } from "../../runtime/index.js";

/**
 * Draws two uniforms for each history, batch slot and step, and for each repetition of its phase,
 * from 0.
 */
const recallOf =
  (seed: number, step: number, repetition: number): Chance["recall"] =>
  (history) =>
  (slot) => {
    const again = repetition === 0 ? "" : `/${repetition}`;
    const draw = stream(seed, `history/${history}/${slot}${again}`);
    return [draw(2 * step), draw(2 * step + 1)];
  };

/** Index of a batch within an update, from 0. */
export interface Part {
  readonly part: number;
  /** Number of batches, at least 1. */
  readonly parts: number;
}

/** The only batch of an update. */
export const whole: Part = { part: 0, parts: 1 };

/**
 * Draws `count` uniform numbers in [0, 1) for a mask in one step and repetition of its phase, from
 * 0. A part of an update's samples gets the same numbers as in one batch of them all.
 */
export const maskOf = (
  seed: number,
  mask: string,
  count: number,
  step: number,
  repetition: number,
  { part, parts }: Part = whole,
): Float32Array => {
  const uniform = stream(seed, repetition === 0 ? mask : `${mask}/${repetition}`);
  const first = (step * parts + part) * count;
  return Float32Array.from({ length: count }, (_, i) => uniform(first + i));
};

/**
 * Makes all draws that generated code asks for in a step, or in the k-th repetition of its phases,
 * from 0.
 */
export const chances = (seed: number, step: number, repetition = 0, part = whole): Chance => ({
  recall: recallOf(seed, step, repetition),
  part: part.part,
  masks: (application) => (path, count) =>
    maskOf(seed, names.maskName(`${application}/${path}`), count, step, repetition, part),
  places: (height, width, count) => {
    const of = { count, places: height * width };
    return chosenPlaces(seed, names.placesName(height, width, count), of, step, repetition);
  },
});

/**
 * Draws `count` of the first `places` integers without replacement from the step's stream. The
 * stream is named by the height and width in `name`, so that all values of one size get the same
 * places.
 */
export const chosenPlaces = (
  seed: number,
  name: string,
  { count, places }: { readonly count: number; readonly places: number },
  step: number,
  repetition = 0,
): Float32Array => {
  const size = name.slice(0, name.lastIndexOf("/"));
  const order = permutation(stream(seed, `${size}/${step}/${repetition}`), places);
  return Float32Array.from(order.slice(0, count));
};

/**
 * Returns the share of the moving average that stays in step `step`, from 0. Early steps average
 * over fewer than its window.
 */
export const decayAt = (decay: number, step: number): number => Math.min(decay, step / (9 + step));
