/** What a process that trains notes down of itself in its run: on what, and how it ended. */
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

/** A line that cannot be written is no reason not to train. */
const written = (failed: Either<TrainingError, void>, terminal: Terminal): void => {
  if (!isLeft(failed)) return;
  const { left: error } = failed;
  // What is said of checkpoints with it is of no concern here.
  const isFull = error.kind === "disk-full";
  note(
    terminal,
    isFull ? `${shownPath(error.path)} could not be written: the disk is full.` : describe(error),
  );
};

/** Before the first step. */
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

/** How far a process has come: steps and whole epochs behind the run. */
export interface Reached {
  step: number;
  epoch: number;
}

/** After a step that was made at `position`, of an epoch of so many. */
export const reach = (
  reached: Reached,
  { step, epoch, stepInEpoch }: Position,
  stepsPerEpoch: number,
): void => {
  reached.step = step + 1;
  reached.epoch = stepInEpoch + 1 < stepsPerEpoch ? epoch : epoch + 1;
};

/** After the last step, before what is made of it. In a folder that is the run's own no more nothing is written. */
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
