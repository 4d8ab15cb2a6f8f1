/** The learning rate over a run, and the length of the run. Epochs count from 0. */
import type { Recipe, ScheduleStage } from "../../program/model.js";
import { shareAt, totalEpochs } from "../../program/schedule.js";
import type { TrainingError } from "../files/errors.js";

export { totalEpochs } from "../../program/schedule.js";

/**
 * Returns the learning rate of an epoch, from the recipe's `optimizer`; 0 after the end of the
 * schedule.
 * @param falls epochs from which scores of held-out images made it fall
 */
export const rateAt = (
  { optimizer, schedule }: Pick<Recipe, "optimizer" | "schedule">,
  epoch: number,
  falls: readonly number[] = [],
): number => (epoch < totalEpochs(schedule) ? optimizer.rate * shareAt(schedule, epoch, falls) : 0);

/** Why a run cannot train by a schedule that goes by scores, where there are none. */
export const unmeasured: TrainingError = {
  kind: "data",
  reason:
    "The schedule has a `plateau`, which goes by the score of held-out images, and the run is not measured. Hold some out with `ganc run --hold-out 20`, or take another schedule.",
};

/** The position of a run: the next step to make. All counts start at 0. */
export interface Position {
  readonly epoch: number;
  readonly stepInEpoch: number;
  /** Steps made since the run began. */
  readonly step: number;
  /** Training time in milliseconds over all sessions. */
  readonly elapsed: number;
}

export const beginning: Position = { epoch: 0, stepInEpoch: 0, step: 0, elapsed: 0 };

/** Limits that end a run before its schedule. The schedule itself is not compressed. */
export interface Limits {
  /** Epochs of the whole run. */
  readonly epochs?: number;
  /** Steps of the whole run. */
  readonly steps?: number;
  /** Minutes of this session. */
  readonly minutes?: number;
}

export type Ending = "schedule" | "epochs" | "steps" | "minutes";

/** Returns why no step follows at `position`, or undefined. `sessionTime` is in milliseconds. */
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

/** Returns the steps that the whole run will have made, ignoring its time limit. */
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
