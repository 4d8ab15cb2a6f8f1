import { expect, test } from "@jest/globals";
import type { Options } from "../../../src/operators/signature.js";
import type { ScheduleStage } from "../../../src/program/model.js";
import { isDue, parseCadence } from "../../../src/training/program/cadence.js";
import {
  beginning,
  ending,
  plannedSteps,
  rateAt,
  totalEpochs,
} from "../../../src/training/program/schedule.js";

const stage = (kind: string, epochs: number, options: Options = {}): ScheduleStage => ({
  kind,
  epochs,
  options: { epochs, ...options },
});

const paper = {
  optimizer: { kind: "adam", rate: 2e-4, options: { rate: 2e-4 } },
  schedule: [stage("constant", 100), stage("linear_to_zero", 100)],
};

test("the paper's schedule: 100 epochs at the rate, then 100 that fall to just above zero", () => {
  expect(totalEpochs(paper.schedule)).toBe(200);
  expect([0, 99].map((epoch) => rateAt(paper, epoch))).toEqual([2e-4, 2e-4]);
  expect(rateAt(paper, 100)).toBeCloseTo(2e-4 * (100 / 101), 12);
  expect(rateAt(paper, 199)).toBeCloseTo(2e-4 / 101, 12);
  expect(rateAt(paper, 200)).toBe(0);
});

/** The share of the rate at each epoch of a schedule. */
const sharesOf = (...schedule: readonly ScheduleStage[]): readonly number[] =>
  Array.from({ length: totalEpochs(schedule) }, (_, epoch) =>
    rateAt({ optimizer: { kind: "adam", rate: 1, options: {} }, schedule }, epoch),
  );

const expectShares = (found: readonly number[], expected: readonly number[]): void => {
  expect(found).toHaveLength(expected.length);
  found.forEach((share, epoch) => {
    expect(share).toBeCloseTo(expected[epoch] as number, 12);
  });
};

test("the official CycleGAN code's decay, whose last epoch runs at a rate of 0", () => {
  // models/networks.py: LambdaLR of 1 - max(0, e + epoch_count - n_epochs) / (n_epochs_decay + 1),
  // epoch_count being 1; train.py steps it as each epoch begins, so that the epochs run at e = 1,
  // 2, …, 200.
  const official = Array.from({ length: 200 }, (_, i) => 1 - Math.max(0, i + 1 + 1 - 100) / 101);
  expectShares(
    sharesOf(stage("constant", 99), stage("linear_to_zero", 101, { reached: true })),
    official,
  );
  expect(official.at(-1)).toBe(0);
});

test("warmup rises evenly to the full rate of what follows", () => {
  expectShares(sharesOf(stage("warmup", 4), stage("constant", 2)), [0.2, 0.4, 0.6, 0.8, 1, 1]);
  expectShares(sharesOf(stage("warmup", 0), stage("constant", 1)), [1]);
});

test("ramp is PyTorch's LinearLR", () => {
  // start_factor 0.1, end_factor 1, total_iters 3; then at the end's factor.
  const rising = sharesOf(stage("ramp", 3, { from: 0.1, to: 1 }), stage("constant", 2));
  expectShares(rising, [0.1, 0.4, 0.7, 1, 1]);
  expectShares(sharesOf(stage("ramp", 2, { from: 1, to: 0.5 })), [1, 0.75]);
});

test("step_decay and cosine are PyTorch's StepLR and CosineAnnealingLR", () => {
  const steps = Array.from({ length: 7 }, (_, e) => 0.5 ** Math.floor(e / 3));
  expectShares(sharesOf(stage("step_decay", 7, { factor: 0.5, every: 3 })), steps);
  const wave = Array.from({ length: 9 }, (_, e) => (1 + Math.cos((Math.PI * e) / 9)) / 2);
  expectShares(sharesOf(stage("cosine", 9)), wave);
  // A stage counts its own epochs.
  expectShares(sharesOf(stage("constant", 2), stage("cosine", 9)), [1, 1, ...wave]);
});

test("whatever comes first ends a run", () => {
  const { schedule } = paper;
  const at = { ...beginning, epoch: 3, step: 30 };
  expect(ending(schedule, {}, at, 0)).toBeUndefined();
  expect(ending(schedule, {}, { ...at, epoch: 200 }, 0)).toBe("schedule");
  expect(ending(schedule, { epochs: 3 }, at, 0)).toBe("epochs");
  expect(ending(schedule, { steps: 30 }, at, 0)).toBe("steps");
  expect(ending(schedule, { minutes: 1 }, at, 59_999)).toBeUndefined();
  expect(ending(schedule, { minutes: 1 }, at, 60_000)).toBe("minutes");
});

test("steps ahead are counted from where the run stands", () => {
  const at = { ...beginning, epoch: 1, stepInEpoch: 4, step: 14 };
  expect(plannedSteps(paper.schedule, {}, beginning, 10)).toBe(2000);
  expect(plannedSteps(paper.schedule, { epochs: 3 }, at, 10)).toBe(30);
  expect(plannedSteps(paper.schedule, { steps: 20 }, at, 10)).toBe(20);
});

test.each([
  ["100 steps", { steps: 100 }],
  ["2epochs", { epochs: 2 }],
  ["0.5 min", { minutes: 0.5 }],
  ["never", {}],
])("the interval %s", (text, right) => {
  expect(parseCadence(text)).toMatchObject({ right });
});

test.each(["", "5", "0 steps", "-1 epoch", "1.5 epochs", "5 parsecs"])(
  "%s is not an interval",
  (text) => {
    expect(parseCadence(text)).toMatchObject({
      left: expect.stringContaining("is not an interval"),
    });
  },
);

test("an interval is due at its own unit's multiples, minutes since the last time", () => {
  const at = (epoch: number, step: number, elapsed: number) => ({
    epoch,
    stepInEpoch: 0,
    step,
    elapsed,
  });
  expect(isDue({ steps: 5 }, at(0, 9, 0), at(0, 10, 0), beginning)).toBe(true);
  expect(isDue({ steps: 5 }, at(0, 10, 0), at(0, 11, 0), beginning)).toBe(false);
  expect(isDue({ epochs: 2 }, at(1, 9, 0), at(2, 10, 0), beginning)).toBe(true);
  expect(isDue({ epochs: 2 }, at(2, 10, 0), at(2, 11, 0), beginning)).toBe(false);
  expect(isDue({ minutes: 1 }, at(0, 1, 0), at(0, 2, 61_000), at(0, 1, 2_000))).toBe(false);
  expect(isDue({ minutes: 1 }, at(0, 1, 0), at(0, 2, 62_000), at(0, 1, 2_000))).toBe(true);
  expect(isDue({}, at(0, 1, 0), at(1, 2, 1e9), beginning)).toBe(false);
  const rare = { epochs: 1, apart: 0.5 };
  expect(isDue(rare, at(0, 1, 0), at(1, 2, 29_999), beginning)).toBe(false);
  expect(isDue(rare, at(0, 1, 0), at(1, 2, 30_000), beginning)).toBe(true);
});
