/** Records each training process in its run: what it ran on, and how it ended. */
import { type Either, isLeft } from "fp-ts/lib/Either.js";
import { reasonOf } from "../../../data/files/errors.js";
import { describe, type TrainingError } from "../../../training/files/errors.js";
import type { Outcome } from "../../../training/loop/job.js";
import type { Ready } from "../../../training/opening/begin.js";
import type { Position } from "../../../training/program/schedule.js";
import { shownPath } from "../../../training/run-directory/run-directory.js";
import { beginLine, noteSession } from "../../../training/run-directory/sessions.js";
import { packageVersion } from "../../specs/spec-files.js";
import { note, type Terminal } from "../../terminal/terminal.js";

/** Reports a line that could not be written. Training goes on. */
const written = (failed: Either<TrainingError, void>, terminal: Terminal): void => {
  if (!isLeft(failed)) return;
  const { left: error } = failed;
  // The error's remarks about checkpoints do not apply here.
  const isFull = error.kind === "disk-full";
  note(
    terminal,
    isFull ? `${shownPath(error.path)} could not be written: the disk is full.` : describe(error),
  );
};

/** Records the process before the first step. */
export const tellSession = async (
  { run, session, start }: Ready,
  command: readonly string[] = ["ganc"],
  terminal: Terminal,
): Promise<void> => {
  const { engine, threads } = session;
  const { step } = start;
  const begun = beginLine({ command, ganc: packageVersion(), engine, threads, step });
  const line = await noteSession(run, begun);
  written(line, terminal);
};

/** Progress of a process: steps and whole epochs of the run. */
export interface Reached {
  step: number;
  epoch: number;
}

/** Updates `reached` after a step at `position`, in an epoch of `stepsPerEpoch`. */
export const reach = (
  reached: Reached,
  { step, epoch, stepInEpoch }: Position,
  stepsPerEpoch: number,
): void => {
  reached.step = step + 1;
  reached.epoch = stepInEpoch + 1 < stepsPerEpoch ? epoch : epoch + 1;
};

/**
 * Records the end after the last step, before anything else is written. Does not write into a
 * folder that no longer belongs to the run.
 */
export const tellEnd = async (
  { run, displaced }: Ready,
  outcome: Either<TrainingError, Outcome>,
  uncaught: { readonly error: unknown } | undefined,
  { step, epoch }: Reached,
  terminal: Terminal,
): Promise<void> => {
  if ((await displaced()) !== undefined) return;
  const failure = isLeft(outcome) ? describe(outcome.left) : undefined;
  const reason = uncaught === undefined ? failure : reasonOf(uncaught.error);
  const line = await noteSession(run, {
    kind: "end",
    at: new Date().toISOString(),
    ending: reason === undefined && !isLeft(outcome) ? outcome.right.ending : "failed",
    step,
    epoch,
    ...(reason === undefined ? {} : { reason }),
  });
  written(line, terminal);
};
