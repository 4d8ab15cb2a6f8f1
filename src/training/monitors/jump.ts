/**
 * Losses that jump where the schedule bends: at the first epoch of a stage, and where `step_decay`
 * steps. Compares the mean over the last hundred steps with that over about a hundred before.
 * Losses of batches of one swing by half their size from step to step, so only a move of the mean
 * by three times the spread of single steps, and by half its size, is no chance. Only deterioration
 * counts: where the rate goes down, losses should too.
 */

import * as t from "io-ts";
import { recordOf } from "../../base/record.js";
import type { Recipe } from "../../program/model.js";
import { rateAt } from "../program/schedule.js";
import { type Monitor, number, type Setting, type Step, towards } from "./monitor.js";

const span = 100;
const spreads = 3;
const share = 0.5;

const Mean = t.type({ mean: t.number, variance: t.number });

const State = t.type({
  steps: t.number,
  /** By metric, over about the last hundred steps. */
  now: t.record(t.string, Mean),
  /** Since a bend: the means before it, and the sums of the steps since. */
  bend: t.union([
    t.null,
    t.type({
      epoch: t.number,
      steps: t.number,
      before: t.record(t.string, Mean),
      sums: t.record(t.string, t.number),
    }),
  ]),
});

type State = t.TypeOf<typeof State>;

/** Tells whether the epoch begins a stage, or a step within one. */
export const isBend = (recipe: Pick<Recipe, "optimizer" | "schedule">, epoch: number): boolean => {
  if (epoch === 0) return false;
  let first = 0;
  for (const { epochs, kind } of recipe.schedule) {
    if (epochs > 0 && epoch === first) return true;
    if (epoch < first + epochs)
      return kind === "step_decay" && rateAt(recipe, epoch) !== rateAt(recipe, epoch - 1);
    first += epochs;
  }
  return false;
};

/**
 * Returns, for each metric of a player's progress, 1 if it should fall, -1 if it should rise, 0 if
 * players disagree.
 */
const sensesOf = ({ program }: Setting): ReadonlyMap<string, number> => {
  const senses = new Map<string, number>();
  for (const { leads, sense } of program.players ?? [])
    for (const lead of leads) {
      const own = sense === "max" ? -1 : 1;
      senses.set(lead, senses.has(lead) && senses.get(lead) !== own ? 0 : own);
    }
  return senses;
};

const within = (before: State["now"], { metrics }: Step, steps: number): State["now"] => {
  const by = Math.min(span, steps + 1);
  return recordOf(
    Object.entries(metrics).map(([name, value]) => {
      const { mean, variance } = before[name] ?? { mean: value, variance: 0 };
      const next = towards(mean, value, by);
      return [
        name,
        { mean: next, variance: towards(variance, (value - mean) * (value - next), by) },
      ];
    }),
  );
};

const bent = (state: State, step: Step, { program }: Setting): State["bend"] => {
  const { epoch, stepInEpoch } = step.position;
  const begins = stepInEpoch === 0 && state.steps >= span && isBend(program.recipe, epoch);
  const bend = begins ? { epoch, steps: 0, before: state.now, sums: {} } : state.bend;
  if (bend === null) return null;
  const sums: Record<string, number> = { ...bend.sums };
  for (const [name, value] of Object.entries(step.metrics)) sums[name] = (sums[name] ?? 0) + value;
  return { ...bend, steps: bend.steps + 1, sums };
};

const wordOf = (bend: NonNullable<State["bend"]>, setting: Setting) => {
  for (const [name, sense] of sensesOf(setting)) {
    const before = bend.before[name];
    const sum = bend.sums[name];
    if (before === undefined || sum === undefined) continue;
    const after = sum / bend.steps;
    const worse = sense * (after - before.mean);
    const least = Math.max(spreads * Math.sqrt(before.variance), share * Math.abs(before.mean));
    // An exploded loss has no meaningful mean.
    if (!Number.isFinite(after) || !(worse > least)) continue;
    const { recipe } = setting.program;
    return {
      saw: `${name} went from ${number(before.mean)} to ${number(after)} with epoch ${bend.epoch + 1}, where the rate goes from ${number(rateAt(recipe, bend.epoch - 1))} to ${number(rateAt(recipe, bend.epoch))}.`,
      means:
        "The rate changes at once by more than the players can follow: one of them has got ahead.",
      write:
        "Let stages meet at one rate: `constant(100) >> linear_to_zero(100)`; for `step_decay` take a `factor` nearer to 1.",
    };
  }
  return undefined;
};

export const jump: Monitor<State> = {
  name: "jump",
  start: { steps: 0, now: {}, bend: null },
  codec: State,
  step: (before, step, setting) => {
    const bend = bent(before, step, setting);
    const isOver = bend !== null && bend.steps >= span;
    const state = {
      steps: before.steps + 1,
      now: within(before.now, step, before.steps),
      bend: isOver ? null : bend,
    };
    return { state, ...(isOver ? { word: wordOf(bend, setting) } : {}) };
  },
};
