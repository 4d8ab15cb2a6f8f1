/**
 * Where a rate falls because held-out images are no better for some epochs: the part of a schedule
 * that a run decides. Epochs count from 0.
 */
import { impossible } from "../base/impossible.js";
import { schedules } from "../operators/schedules.js";
import { number } from "../operators/signature.js";
import type { ScheduleStage } from "./recipe.js";

/** A score of held-out images. */
export interface Score {
  /** What is measured. Only values with the same description are compared. */
  readonly measure: string;
  readonly value: number;
  readonly better: "lower" | "higher";
}

/** What is remembered of the scores. */
export interface Plateau {
  /** First epochs that run at a lower rate, in their order. */
  readonly falls: readonly number[];
  /** The best score of the stage that waits at present. */
  readonly best?: Score | undefined;
  /** Epoch of the best score, or of the last fall behind it. */
  readonly since: number;
}

export const noFalls: Plateau = { falls: [], since: 0 };

const waits = ({ kind }: ScheduleStage): boolean =>
  (schedules.get(kind) ?? impossible(`${kind} is no schedule`)).waits === true;

/** Whether a run must be measured, because a stage of the schedule goes by scores. */
export const isWaiting = (schedule: readonly ScheduleStage[]): boolean =>
  schedule.some((stage) => stage.epochs > 0 && waits(stage));

/** Returns the stage that an epoch belongs to, and its first epoch. */
const stageAt = (
  schedule: readonly ScheduleStage[],
  epoch: number,
): { readonly stage: ScheduleStage; readonly first: number } | undefined => {
  let first = 0;
  for (const stage of schedule) {
    if (epoch < first + stage.epochs) return { stage, first };
    first += stage.epochs;
  }
  return undefined;
};

const isBetter = (score: Score, best: Score): boolean =>
  score.better === "lower" ? score.value < best.value : score.value > best.value;

/**
 * Returns what is remembered after a score of the state that `epoch` has led to, or within it. The
 * rate falls with the next epoch where the best score is `patience` epochs old.
 */
export const scored = (
  schedule: readonly ScheduleStage[],
  { falls, best, since }: Plateau,
  epoch: number,
  score: Score,
): Plateau => {
  const { stage, first } = stageAt(schedule, epoch) ?? {};
  if (stage === undefined || first === undefined || !waits(stage)) return { falls, since };
  const isNew = best === undefined || since < first || best.measure !== score.measure;
  if (isNew || isBetter(score, best)) return { falls, best: score, since: epoch };
  if (epoch - since < number(stage.options, "patience")) return { falls, best, since };
  return { falls: [...falls, epoch + 1], best, since: epoch };
};
