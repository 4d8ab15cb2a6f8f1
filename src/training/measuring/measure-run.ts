/** Measures a run during training on its held-out images. */

import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { Session } from "../../contracts/session.js";
import type { Dataset } from "../../data/sets/source.js";
import { isWaiting } from "../../program/plateau.js";
import { quick } from "../../report/measures/index.js";
import { scoreOf } from "../../report/measures/score.js";
import { type RawDisk, realDisk } from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";
import { measuresOf } from "../logs/evaluation.js";
import { appendMeasures, cutMeasures } from "../logs/measures-log.js";
import type { TrainingJob } from "../loop/job.js";
import type { Cadence } from "../program/cadence.js";
import { chains } from "../program/chains.js";
import { generators, type SpecProgram } from "../program/program.js";
import { translators } from "../program/translators.js";
import { measureNetworks } from "./measure-session.js";
import { type MeasuringSet, measuringSet } from "./measuring-set.js";
import { leastMade } from "./subjects.js";

/** Most held-out images of a domain that are measured. */
const most = 64;

/**
 * Estimates how many images one measurement makes: each is translated, reconstructed, and mapped
 * within its own domain.
 */
const madeAtOnce = (program: SpecProgram, held: number): number =>
  4 * held * translators(program).length +
  leastMade * (generators(program).length + chains(program).length);

/**
 * Returns the steps between two measurements that keep their cost at a few per cent. A step applies
 * networks forwards and backwards several times and costs about as much as ten images; computing
 * the measures costs about as much again.
 */
const stepsApart = (program: SpecProgram, held: number): number =>
  Math.ceil((5 * madeAtOnce(program, held)) / program.recipe.batch);

/**
 * Returns the default cadence: every epoch, or every few epochs if they are so short that measuring
 * would cost more than a few per cent, and the schedule does not go by scores. It ignores the
 * clock, so a repeated run is measured at the same steps.
 */
export const defaultMeasuring = (
  program: SpecProgram,
  { held = {} }: Pick<Dataset, "held">,
  stepsPerEpoch: number,
): Cadence => {
  if (isWaiting(program.recipe.schedule)) return { epochs: 1 };
  const images = Math.min(most, Math.max(0, ...Object.values(held).map(({ size }) => size)));
  return { epochs: Math.max(1, Math.ceil(stepsApart(program, images) / stepsPerEpoch)) };
};

export interface MeasuringRun {
  readonly program: SpecProgram;
  readonly session: Session;
  readonly dataset: Dataset;
  /** Path of `measures.jsonl`. */
  readonly path: string;
  /** Steps already made when the run begins or resumes. */
  readonly step: number;
  readonly raw?: RawDisk;
}

/**
 * Makes the function that measures at a position. Undefined, and nothing is touched, if no images
 * were held out.
 */
export const measuringOf = async ({
  program,
  session,
  dataset,
  path,
  step,
  raw = realDisk,
}: MeasuringRun): Promise<Either<TrainingError, TrainingJob["measure"]>> => {
  if (dataset.held === undefined) return right(undefined);
  const cut = await cutMeasures(raw, path, step);
  if (isLeft(cut)) return cut;
  let set: MeasuringSet | undefined;
  return right(async (position) => {
    set ??= await measuringSet(dataset, program, most, "held");
    const measured = await measureNetworks(session, program, set, { effort: quick });
    if (isLeft(measured)) return measured;
    const { networks } = measured.right;
    if (networks.length === 0)
      return left({ kind: "data", reason: "Of the held-out images nothing can be measured." });
    const score = scoreOf(networks);
    const line = { step: position.step, epoch: position.epoch, measures: measuresOf(networks) };
    const written = await appendMeasures(
      raw,
      path,
      score === undefined ? line : { ...line, score },
    );
    return isLeft(written) ? written : right(score);
  });
};
