/** The newest and the best state of a run, measured; what `ganc evaluate` writes of them. */
import { join } from "node:path";
import { type Either, isLeft, right } from "fp-ts/lib/Either.js";
import { recordOf } from "../../base/record.js";
import { doubtsOf } from "../../report/measures/table.js";
import { attempt, jsonBytes, makeFolder, realDisk, writeAtomically } from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";
import { type EvaluationFile, measuresOf } from "../logs/evaluation.js";
import type { CheckpointChoice, OpenedRun } from "../opening/open-run.js";
import { type Measuring, measureNetworks, type RunReadings } from "./measure.js";
import type { MeasuringSet } from "./measuring-set.js";

type Attempt<A> = Promise<Either<TrainingError, A>>;

/** A state of a run, measured. */
export interface StateReadings extends RunReadings {
  /** `last`, `best`, or `step` of one that was asked for by its step. */
  readonly checkpoint: string;
  readonly step: number;
  readonly epoch: number;
}

const measureOpened = async (
  { compiled, session, step, epoch }: OpenedRun,
  checkpoint: string,
  set: MeasuringSet,
  measuring: Measuring,
): Attempt<StateReadings> => {
  const measured = await measureNetworks(session, compiled.program, set, measuring);
  return isLeft(measured) ? measured : right({ checkpoint, step, epoch, ...measured.right });
};

/** The state that was measured best while it trained; undefined where none was. */
const measureBest = async (
  last: StateReadings,
  openBest: () => Attempt<OpenedRun>,
  set: MeasuringSet,
  measuring: Measuring,
): Attempt<StateReadings | undefined> => {
  const opened = await openBest();
  if (isLeft(opened)) return opened.left.kind === "no-best-checkpoint" ? right(undefined) : opened;
  try {
    const { step } = opened.right;
    if (step === last.step) return right({ ...last, checkpoint: "best" });
    return await measureOpened(opened.right, "best", set, measuring);
  } finally {
    opened.right.session.dispose();
  }
};

/**
 * The state that was opened, called `last` unless it was asked for otherwise, and the best one
 * where it is wanted and known.
 */
export const measureStates = async (
  opened: OpenedRun,
  set: MeasuringSet,
  measuring: Measuring,
  wanted: CheckpointChoice | { readonly openBest: () => Attempt<OpenedRun> },
): Attempt<readonly StateReadings[]> => {
  const isBoth = typeof wanted === "object";
  const checkpoint = isBoth ? "last" : typeof wanted === "number" ? "step" : wanted;
  const first = await measureOpened(opened, checkpoint, set, measuring);
  if (isLeft(first) || !isBoth) return isLeft(first) ? first : right([first.right]);
  const best = await measureBest(first.right, wanted.openBest, set, measuring);
  if (isLeft(best)) return best;
  return right(best.right === undefined ? [first.right] : [first.right, best.right]);
};

/** As `evaluation.json` has it. */
export const evaluationOf = (
  run: string,
  set: MeasuringSet,
  states: readonly StateReadings[],
): EvaluationFile => ({
  format: 1,
  run,
  split: set.split,
  images: recordOf(
    Object.entries(set.images).map(([name, { ids }]) => [name, ids.length] as const),
  ),
  pairs: set.pairs.length,
  checkpoints: states.map(({ checkpoint, step, epoch, networks }) => ({
    checkpoint,
    step,
    epoch,
    measures: measuresOf(networks),
  })),
  doubts: [...doubtsOf(states[0]?.networks ?? [])],
});

/** Into the folder `evaluation` of a run, which is made where it is missing. */
export const writeEvaluation = async (folder: string, file: EvaluationFile): Attempt<unknown> => {
  const made = await attempt(folder, async () => makeFolder(folder));
  if (isLeft(made)) return made;
  return writeAtomically(realDisk, join(folder, "evaluation.json"), jsonBytes(file));
};
