/** The learning rate over a run, and how long the run is. Epochs count from 0. */
import { impossible } from "../../base/impossible.js";
import { schedules } from "../../operators/schedules.js";
import type { Recipe, ScheduleStage } from "../../program/model.js";

/** Epochs that the schedule spans. */
export const totalEpochs = (schedule: readonly ScheduleStage[]): number =>
  schedule.reduce((sum, { epochs }) => sum + epochs, 0);

/** The share of the rate at which the k-th epoch (from 1) of a stage runs: in [0, 1]. */
const share = ({ kind, options }: ScheduleStage, k: number): number => {
  const schedule = schedules.get(kind) ?? impossible(`${kind} is no schedule`);
  return schedule.share(k, options);
};

/** The learning rate of a whole epoch, by the recipe's `optimizer`; 0 past the end of the schedule. */
export const rateAt = (
  { optimizer, schedule }: Pick<Recipe, "optimizer" | "schedule">,
  epoch: number,
): number => {
  let first = 0;
  for (const stage of schedule) {
    if (epoch < first + stage.epochs) return optimizer.rate * share(stage, epoch - first + 1);
    first += stage.epochs;
  }
  return 0;
};

/** Where a run stands: the next step to be made. All count from 0. */
export interface Position {
  readonly epoch: number;
  readonly stepInEpoch: number;
  /** Steps made since the run began. */
  readonly step: number;
  /** Time spent training, in milliseconds, over all its sessions. */
  readonly elapsed: number;
}

export const beginning: Position = { epoch: 0, stepInEpoch: 0, step: 0, elapsed: 0 };

/** What ends a run before its schedule does; the schedule itself is not compressed. */
export interface Limits {
  /** Epochs of the run as a whole. */
  readonly epochs?: number;
  /** Steps of the run as a whole. */
  readonly steps?: number;
  /** Minutes of this session. */
  readonly minutes?: number;
}

export type Ending = "schedule" | "epochs" | "steps" | "minutes";

/** Why no step is to be made at `position`, or undefined; `sessionTime` is in milliseconds. */
export const ending = (
  schedule: readonly ScheduleStage[],
  limits: Limits,
  position: Position,
  sessionTime: number,
): Ending | undefined => {
  if (position.epoch >= totalEpochs(schedule)) return "schedule";
  if (position.epoch >= (limits.epochs ?? Infinity)) return "epochs";
  if (position.step >= (limits.steps ?? Infinity)) return "steps";
  if (sessionTime >= (limits.minutes ?? Infinity) * 60_000) return "minutes";
  return undefined;
};

/** Steps that the run as a whole will have made, its limit in time left aside. */
export const plannedSteps = (
  schedule: readonly ScheduleStage[],
  limits: Limits,
  position: Position,
  stepsPerEpoch: number,
): number => {
  const epochs = Math.min(totalEpochs(schedule), limits.epochs ?? Infinity);
  const left = (epochs - position.epoch) * stepsPerEpoch - position.stepInEpoch;
  return Math.min(position.step + Math.max(0, left), limits.steps ?? Infinity);
};
