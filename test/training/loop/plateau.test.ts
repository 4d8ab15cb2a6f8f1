/** A rate that falls where held-out images are no better, as PyTorch's ReduceLROnPlateau does. */
import { afterAll, expect, test } from "@jest/globals";
import { right } from "fp-ts/lib/Either.js";
import { noFalls, type Score, scored } from "../../../src/program/plateau.js";
import type { ScheduleStage } from "../../../src/program/recipe.js";
import { shareAt } from "../../../src/program/schedule.js";
import { loadCheckpoint } from "../../../src/training/checkpoints/find-checkpoint.js";
import { describe } from "../../../src/training/files/errors.js";
import type { TrainingJob } from "../../../src/training/loop/job.js";
import type { Position } from "../../../src/training/program/schedule.js";
import { belonging } from "../../../src/training/run-directory/run-directory.js";
import { fakeData, fakeProgram, fakeSession } from "../fake.js";
import { failure, newRun, removeTemporary, success, trainIn } from "../support.js";

afterAll(removeTemporary);

const plateau = (epochs: number, patience: number): ScheduleStage => ({
  kind: "plateau",
  epochs,
  options: { epochs, factor: 0.5, patience },
});
const constant = (epochs: number): ScheduleStage => ({
  kind: "constant",
  epochs,
  options: { epochs },
});

const score = (value: number, better: Score["better"] = "lower"): Score => ({
  measure: "G: L1 to the partner",
  value,
  better,
});

/** As PyTorch documents it, with a patience of one less: falls after more bad epochs than that. */
const reducedOnPlateau = (values: readonly number[], patience: number): readonly number[] => {
  let [rate, best, bad] = [1, Infinity, 0];
  return values.map((value) => {
    const now = rate;
    bad = value < best ? 0 : bad + 1;
    best = Math.min(best, value);
    if (bad > patience - 1) [rate, bad] = [rate * 0.5, 0];
    return now;
  });
};

const sharesOf = (
  schedule: readonly ScheduleStage[],
  scores: readonly Score[],
): readonly number[] => {
  let state = noFalls;
  return scores.map((one, epoch) => {
    const share = shareAt(schedule, epoch, state.falls);
    state = scored(schedule, state, epoch, one);
    return share;
  });
};

test("falls as PyTorch's does", () => {
  for (const patience of [1, 2, 3, 5])
    for (let k = 0; k < 20; k++) {
      // A walk that gets better in the long run, and seldom.
      const values = Array.from({ length: 40 }, (_, i) => Math.sin(37 * i * (k + 1)) - 0.02 * i);
      const expected = reducedOnPlateau(values, patience);
      expect(
        sharesOf(
          [plateau(40, patience)],
          values.map((v) => score(v)),
        ),
      ).toEqual(expected);
      const negated = values.map((value) => score(-value, "higher"));
      expect(sharesOf([plateau(40, patience)], negated)).toEqual(expected);
    }
});

test("each stage waits for itself, and others do not", () => {
  const worse = Array.from({ length: 12 }, (_, i) => score(i));
  const schedule = [constant(3), plateau(4, 2), plateau(5, 2)];
  expect(sharesOf(schedule, worse)).toEqual([1, 1, 1, 1, 1, 1, 0.5, 1, 1, 1, 0.5, 0.5]);
});

test("values of another measure begin anew", () => {
  const other = { ...score(9), measure: "G: L1 of the cycle" };
  const scores = [score(1), score(2), other, other, other];
  expect(sharesOf([plateau(6, 2)], [...scores, score(1)])).toEqual([1, 1, 1, 1, 1, 0.5]);
});

const program = {
  ...fakeProgram,
  recipe: { ...fakeProgram.recipe, schedule: [plateau(6, 2)] },
};

const measuring = (values: readonly number[]): Partial<TrainingJob> => ({
  program,
  measureEvery: { epochs: 1 },
  measure: async ({ epoch }: Position) => right(score(values[epoch - 1] ?? Number.NaN)),
});

test("a run goes by it, and resumed makes the same steps at the same rates", async () => {
  const values = [3, 4, 4, 4, 4, 4];
  const straight = fakeSession();
  const whole = await trainIn(await newRun(), straight, fakeData(1), measuring(values));
  const ratesIn = (events: typeof whole.events): readonly number[] =>
    events.flatMap((event) => (event.kind === "step" ? [event.rate] : []));
  expect(ratesIn(whole.events)).toEqual([1, 1, 1, 0.5, 0.5, 0.25].map((share) => 0.01 * share));

  for (const steps of [1, 2, 3, 4, 5]) {
    const run = await newRun();
    const setting = { ...measuring(values), limits: { steps } };
    const first = await trainIn(run, fakeSession(), fakeData(1), setting);
    const session = fakeSession();
    const { checkpoint } = success(await loadCheckpoint(run.checkpoints, belonging(run), session));
    const { position: start, plateau: kept } = checkpoint;
    const second = await trainIn(run, session, fakeData(1), {
      ...measuring(values),
      start,
      plateau: kept,
    });
    expect([...ratesIn(first.events), ...ratesIn(second.events)]).toEqual(ratesIn(whole.events));
    expect(await session.getState()).toEqual(await straight.getState());
  }
});

test("a run that is not measured, or has no score, is refused in words", async () => {
  const { result } = await trainIn(await newRun(), fakeSession(), fakeData(1), { program });
  expect(describe(failure(result))).toContain("--hold-out");
  const never = await trainIn(await newRun(), fakeSession(), fakeData(1), {
    ...measuring([]),
    measureEvery: {},
  });
  expect(describe(failure(never.result))).toContain("--hold-out");
  const scoreless = await trainIn(await newRun(), fakeSession(), fakeData(1), {
    ...measuring([]),
    measure: async () => right(undefined),
  });
  expect(describe(failure(scoreless.result))).toContain("none can be made");
});
