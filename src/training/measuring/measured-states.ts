/** Measures the newest and the best state of a run, for `ganc evaluate`. */
import { join } from "node:path";
import { type Either, isLeft, right } from "fp-ts/lib/Either.js";
import { recordOf } from "../../base/record.js";
import { doubtsOf } from "../../report/measures/table.js";
import { attempt, jsonBytes, makeFolder, realDisk, writeAtomically } from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";
import { type EvaluationFile, measuresOf } from "../logs/evaluation.js";
import type { CheckpointChoice, OpenedRun } from "../opening/open-run.js";
import { type Measuring, measureNetworks, type RunReadings } from "./measure-session.js";
import type { MeasuringSet } from "./measuring-set.js";

type Attempt<A> = Promise<Either<TrainingError, A>>;

/** The measurements of one state of a run. */
export interface StateReadings extends RunReadings {
  /** `last`, `best`, or `step` for one requested by its step. */
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

/** Measures the state that was best during training. Undefined if none was measured. */
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
 * Measures the opened state, named `last` unless requested otherwise, and the best one if it is
 * wanted and known.
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

/** Makes the contents of `evaluation.json`. */
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

/** Writes into the folder `evaluation` of a run, which it makes if it is missing. */
export const writeEvaluation = async (folder: string, file: EvaluationFile): Attempt<unknown> => {
  const made = await attempt(folder, async () => makeFolder(folder));
  if (isLeft(made)) return made;
  return writeAtomically(realDisk, join(folder, "evaluation.json"), jsonBytes(file));
};
