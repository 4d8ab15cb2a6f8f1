/**
 * Values that explode. A loss a hundred times its mean over the last hundred steps is not a swing:
 * with batches of one it swings by a factor of about five. Below 1,000 it may be the loss of a
 * critic, which begins near 0. Three steps in a row ignore a single odd batch. NaN and infinity end
 * a run in any case (`train`).
 */
import * as t from "io-ts";
import { someOf } from "../../base/printable.js";
import { type Monitor, number, type Step, towards } from "./monitor.js";

const factor = 100;
const least = 1000;
const inRow = 3;
const span = 100;
const warmUp = 20;

/** Steps before the message at which the weights were already spoilt. */
export const explodedBefore = inRow;

const State = t.type({
  steps: t.number,
  /** By metric: the mean of its magnitude. */
  means: t.record(t.string, t.number),
  /** By metric that is too large now: for how many steps, and the files of the first. */
  over: t.record(t.string, t.type({ steps: t.number, files: t.readonlyArray(t.string) })),
});

type State = t.TypeOf<typeof State>;

export const meaning =
  "The rate is too high for this loss, or something divides by almost nothing.";
export const remedy =
  "Write a lower rate in `optimizer`, or hold the discriminator: `clip[D]: 0.01`, a penalty, `spectral_norm(…)`. Then begin a new run: the networks of this one are spoilt.";

/** Names a batch in a sentence. */
export const batchOf = (files: readonly string[]): string =>
  files.length === 0 ? "" : ` The batch: ${someOf(files, 8)}.`;

const isOver = (value: number, mean: number, steps: number): boolean =>
  steps >= warmUp && Math.abs(value) > least && Math.abs(value) > factor * mean;

const next = (state: State, { metrics, files }: Step): State => {
  const means: Record<string, number> = {};
  const over: Record<string, State["over"][string]> = {};
  for (const [name, value] of Object.entries(metrics)) {
    const mean = state.means[name] ?? Math.abs(value);
    const before = state.over[name];
    if (isOver(value, mean, state.steps)) {
      over[name] = { steps: (before?.steps ?? 0) + 1, files: before?.files ?? files.slice(0, 64) };
      means[name] = mean;
    } else means[name] = towards(mean, Math.abs(value), Math.min(span, state.steps + 1));
  }
  return { steps: state.steps + 1, means, over };
};

export const explosion: Monitor<State> = {
  name: "explosion",
  start: { steps: 0, means: {}, over: {} },
  codec: State,
  step: (before, step) => {
    const state = next(before, step);
    const found = Object.entries(state.over).find(([, { steps }]) => steps >= inRow);
    if (found === undefined) return { state };
    const [name, { files }] = found;
    return {
      state,
      word: {
        saw: `${name} is ${number(step.metrics[name] ?? 0)}, after ${number(state.means[name] ?? 0)} over the steps before.${batchOf(files)}`,
        means: meaning,
        write: remedy,
      },
    };
  },
};
