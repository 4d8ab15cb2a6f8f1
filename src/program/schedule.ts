/** Shares that schedules give over the epochs of a run, which count from 0. */
import { impossible } from "../base/impossible.js";
import { schedules } from "../operators/schedules.js";
import type { ScheduleStage } from "./recipe.js";

/** Counts the epochs of the schedule. */
export const totalEpochs = (schedule: readonly ScheduleStage[]): number =>
  schedule.reduce((sum, { epochs }) => sum + epochs, 0);

/** Returns the share in the k-th epoch (from 1) of a stage, in [0, 1]. */
const share = ({ kind, options }: ScheduleStage, k: number, falls = 0): number => {
  const schedule = schedules.get(kind) ?? impossible(`${kind} is no schedule`);
  return Math.min(1, Math.max(0, schedule.share(k, options, falls)));
};

/**
 * Returns the share in an epoch, in [0, 1]. Behind the last epoch it stays at what the last stage
 * leads to; a schedule of no epochs is 1.
 * @param falls first epochs that scores made run at a lower rate, of stages that wait for them
 */
export const shareAt = (
  schedule: readonly ScheduleStage[],
  epoch: number,
  falls: readonly number[] = [],
): number => {
  const stages = schedule.filter(({ epochs }) => epochs > 0);
  const fallen = (first: number): number =>
    falls.filter((fall) => first < fall && fall <= epoch).length;
  let first = 0;
  for (const stage of stages) {
    if (epoch < first + stage.epochs) return share(stage, epoch - first + 1, fallen(first));
    first += stage.epochs;
  }
  const last = stages.at(-1);
  return last === undefined ? 1 : share(last, last.epochs + 1, fallen(first - last.epochs));
};

/** Returns the least and the greatest share over all epochs. Within a stage none turns. */
export const sharesOf = (schedule: readonly ScheduleStage[]): readonly [number, number] => {
  const ends = schedule
    .filter(({ epochs }) => epochs > 0)
    .flatMap((stage) => [share(stage, 1), share(stage, stage.epochs)]);
  const all = [...ends, shareAt(schedule, totalEpochs(schedule))];
  return [Math.min(...all), Math.max(...all)];
};
