/**
 * The part of a fuzz that does the work: a thread that tries inputs and says where it is, so that a
 * hang is seen.
 */
import { parentPort, workerData } from "node:worker_threads";
import { corpus } from "./corpus.js";
import { dice } from "./dice.js";
import { type Mistake, mistake, mutated } from "./mutate.js";
import { errorsOf } from "./oracle.js";

/** Several mutations of any kind, or one mistake such as people make. */
export type Manner = "mutations" | "mistakes";

export interface Work {
  readonly manner: Manner;
  readonly seed: number;
  /** The first input, the step to the next, and where to end. */
  readonly from: number;
  readonly step: number;
  readonly to: number;
  /** One 32-bit integer: the input at hand. */
  readonly at: SharedArrayBuffer;
}

export interface Failure {
  readonly index: number;
  readonly error: string;
}

export interface Tally {
  readonly refused: number;
  readonly sound: number;
  /** Inputs that gave more than one error. */
  readonly several: readonly number[];
  readonly failures: readonly Failure[];
  readonly slowest: { readonly index: number; readonly seconds: number };
}

/** Specs without errors of their own: a library has no game to solve, which would be one. */
let soundOnes: readonly string[] | undefined;

/** The text of an input. */
export const inputOf = (manner: Manner, seed: number, index: number): string => {
  const roll = dice(seed, index);
  if (manner === "mutations") return mutated(roll.of(corpus), roll);
  soundOnes ??= corpus.filter((text) => errorsOf(text).length === 0);
  const made: Mistake = mistake(roll.of(soundOnes), roll);
  return made.text;
};

/** Tries every input of the work; ends early after ten failures. */
const tryAll = ({ manner, seed, from, step, to, at }: Work): Tally => {
  const place = new Int32Array(at);
  const several: number[] = [];
  const failures: Failure[] = [];
  let [refused, sound] = [0, 0];
  let slowest = { index: from, seconds: 0 };
  for (let index = from; index < to && failures.length < 10; index += step) {
    Atomics.store(place, 0, index);
    const begin = performance.now();
    try {
      const { length } = errorsOf(inputOf(manner, seed, index));
      if (length > 1) several.push(index);
      if (length > 0) refused++;
      else sound++;
    } catch (error) {
      failures.push({ index, error: error instanceof Error ? `${error.stack}` : String(error) });
    }
    const seconds = (performance.now() - begin) / 1000;
    if (seconds > slowest.seconds) slowest = { index, seconds };
  }
  return { refused, sound, several, failures, slowest };
};

parentPort?.postMessage(tryAll(workerData as Work));
