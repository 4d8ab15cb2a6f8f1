/** Words the beginning and progress of `ganc run`, and how to resume. */

import { quote } from "../../../base/shell.js";
import { describe } from "../../../training/files/errors.js";
import type { TrainingEvent } from "../../../training/loop/job.js";
import { defaultMeasuring } from "../../../training/measuring/measure-run.js";
import type { Ready } from "../../../training/opening/begin.js";
import { type Cadence, isEver } from "../../../training/program/cadence.js";
import { unshown } from "../../../training/program/chains.js";
import {
  type Limits,
  plannedSteps,
  rateAt,
  totalEpochs,
} from "../../../training/program/schedule.js";
import { shownPath } from "../../../training/run-directory/run-directory.js";
import type { Progress } from "../../terminal/progress.js";
import { counted } from "../../terminal/progress-text.js";
import { skippedEntries, type Telling } from "../../terminal/skipped.js";
import { commandName, note, type Terminal } from "../../terminal/terminal.js";
import { spokenLines } from "./run-watch.js";

/**
 * Writes the command that resumes a run. `data` is the option that was given if the images are no
 * longer where the run recorded them.
 */
export const goOnCommand = (
  { run }: Ready,
  data: readonly string[] | undefined,
  terminal: Terminal,
): string => {
  const place = data === undefined ? "" : ` --data ${data.map(quote).join(" ")}`;
  return `${commandName(terminal)} run ${quote(shownPath(run.path))} --resume${place}`;
};

export const firstWords = (
  { compiled, run, session, dataset, data, start, notices, memory }: Ready,
  terminal: Terminal,
) => {
  const cautions = [
    ...(memory?.caution === undefined ? [] : [memory.caution]),
    ...unshown(compiled.program),
  ];
  for (const notice of [...notices, ...(data.notices ?? []), ...cautions]) note(terminal, notice);
  const { recipe } = compiled.program;
  const epochs = totalEpochs(recipe.schedule);
  terminal.err.write(
    [
      data.description,
      ...skippedEntries(dataset),
      `${counted(epochs, "epoch")} of ${counted(data.stepsPerEpoch, "step")}, batch ${recipe.batch}${recipe.accumulate > 1 ? `, ${recipe.accumulate} of them for each update` : ""}`,
      `engine: ${session.engine}${session.why === undefined ? "" : `, ${session.why}`}`,
      ...(memory === undefined ? [] : [`memory: ${memory.line}`]),
      `in ${shownPath(run.path)}${start.step > 0 ? `, from step ${start.step}` : ""}`,
      "",
    ].join("\n"),
  );
};

/**
 * Returns how often to measure on held-out images: as requested, as the run began, or the cheap
 * default.
 */
export const measuringEvery = (
  { compiled, run, dataset, data }: Ready,
  asked: Cadence | undefined,
): Cadence =>
  asked ??
  run.manifest.intervals?.measures ??
  defaultMeasuring(compiled.program, dataset, data.stepsPerEpoch);

/** Announces the measuring before the first step. */
export const tellMeasuring = ({ steps, epochs, minutes }: Cadence, terminal: Terminal): void => {
  const parts = [
    ...(steps === undefined ? [] : [steps === 1 ? "step" : counted(steps, "step")]),
    ...(epochs === undefined ? [] : [epochs === 1 ? "epoch" : counted(epochs, "epoch")]),
    ...(minutes === undefined ? [] : [`${minutes} min`]),
  ];
  const every = parts.length === 0 ? "never measured" : `measured every ${parts.join(" and ")}`;
  terminal.err.write(`${every} by the held-out images\n`);
};

/** Warns of a measuring interval without effect, because no images were held out. */
export const warnOfMeasuring = (asked: Cadence | undefined, terminal: Terminal): void => {
  if (asked !== undefined && isEver(asked))
    note(
      terminal,
      "--measure-every has no effect: a run is measured on images that were held out when it began, and none were. A new run holds some out with --hold-out 20.",
    );
};

/** Warns of limits that fall short of the schedule, before the time is spent. */
export const warnOfLimits = (
  { compiled, data, start }: Ready,
  limits: Limits,
  terminal: Terminal,
) => {
  const { recipe } = compiled.program;
  const { schedule } = recipe;
  const all = plannedSteps(schedule, {}, start, data.stepsPerEpoch);
  const planned = plannedSteps(schedule, limits, start, data.stepsPerEpoch);
  const { steps = Infinity, epochs = Infinity } = limits;
  const lastEpoch = Math.floor(Math.max(0, planned - 1) / data.stepsPerEpoch);
  const isLowered = rateAt(recipe, totalEpochs(schedule) - 1) < rateAt(recipe, lastEpoch);
  if (start.epoch >= totalEpochs(schedule))
    note(
      terminal,
      `nothing is left to do: all ${counted(totalEpochs(schedule), "epoch")} of the schedule are done. For more, give it a longer schedule and add --carry-over.`,
    );
  else if (start.step > 0 && (start.step >= steps || start.epoch >= epochs))
    note(
      terminal,
      `nothing is left to do: ${counted(start.step, "step")} and ${counted(start.epoch, "epoch")} are done, and --steps and --epochs count from the beginning of the run.`,
    );
  else if (planned < all)
    note(
      terminal,
      `stops at step ${planned} of ${all}, before the schedule ends${isLowered ? ": the rate will not have decayed as the spec says" : ""}.`,
    );
  if (limits.minutes !== undefined)
    note(terminal, `stops after ${limits.minutes} min; the schedule still counts epochs.`);
};

/** Returns the line for an event, if it gets one. */
const lineOf = (event: TrainingEvent, skipped: Telling): string | undefined => {
  switch (event.kind) {
    case "sample":
      return `sample      ${shownPath(event.path)}`;
    case "checkpoint":
      return `checkpoint  ${shownPath(event.path)}`;
    case "monitor":
      return spokenLines(event.spoken);
    case "skipped-image":
      return skipped.next(event.image);
    case "notice":
      return `note: ${describe(event.error)}`;
    case "started":
    case "step":
    case "interrupted":
      return undefined;
  }
};

export const listen =
  (shown: Progress, skipped: Telling) =>
  (event: TrainingEvent): void => {
    if (event.kind === "step") shown.step(event.position, event.metrics);
    const line = lineOf(event, skipped);
    if (line !== undefined) shown.line(line);
  };
