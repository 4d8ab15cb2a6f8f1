/**
 * Finds where a run resumes: at its newest checkpoint, or at the start if it certainly never had
 * one.
 */

import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { Session } from "../../contracts/session.js";
import { missing } from "../../data/files/regular-file.js";
import type { Plateau } from "../../program/plateau.js";
import { readMark, setAside } from "../checkpoints/checkpoint.js";
import { surveyCheckpoints } from "../checkpoints/checkpoint-list.js";
import { type Found, loadCheckpoint } from "../checkpoints/find-checkpoint.js";
import { attempt, makeFolder, type RawDisk, realDisk } from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";
import { noticesOf, surveyMetrics } from "../logs/metrics.js";
import { beginning, type Position } from "../program/schedule.js";
import { belonging, type RunDirectory } from "../run-directory/run-directory.js";

export interface Restored {
  readonly start: Position;
  /** Notices for the user, a line each. */
  readonly notices: readonly string[];
  /** State of the monitors. */
  readonly monitors?: unknown;
  /** What a schedule that goes by scores remembers of them. */
  readonly plateau?: Plateau | undefined;
}

type Attempt<A> = Promise<Either<TrainingError, A>>;

/** Counts the logged steps, and reports what is lost before step `before`. */
const logged = async (
  { metrics }: RunDirectory,
  before?: number,
  fingerprint?: string,
): Attempt<{ readonly steps: number; readonly notices: readonly string[] }> => {
  const survey = await surveyMetrics(metrics, before);
  return isLeft(survey)
    ? left({ kind: "file", path: metrics, reason: `it ${survey.left}` })
    : right({ steps: survey.right.steps, notices: noticesOf(survey.right, fingerprint) });
};

/**
 * Returns the reason why a run without a checkpoint must have had one, or may have. Undefined if it
 * never had.
 */
const lossOf = async (run: RunDirectory, made: number): Promise<string | undefined> => {
  const listed = await surveyCheckpoints(run.checkpoints);
  const state = isLeft(listed) ? listed.left : "holds none";
  const mark = await readMark(run.mark, belonging(run));
  if (isLeft(mark)) return `its folder checkpoints ${state}, and saved.json ${mark.left}`;
  if (mark.right !== undefined)
    return `its folder checkpoints ${state}, and that of step ${mark.right} was written`;
  if (isLeft(listed)) {
    // Without a step there is nothing to lose, but a folder that cannot be read cannot be written
    // to either.
    const isNew = made === 0 && listed.left === missing;
    return isNew ? undefined : `its folder checkpoints ${state}`;
  }
  if (listed.right.hasPointer)
    return "its folder checkpoints holds none, and latest.json points at one";
  return made > 0 && !belonging(run).isSealed
    ? "its folder checkpoints holds none, and the version of ganc that began it kept no record of them"
    : undefined;
};

/**
 * Restarts a run that never had a checkpoint. This costs only the time of steps that will come out
 * the same.
 */
const beginAgain = async (run: RunDirectory): Attempt<Restored> => {
  const log = await logged(run);
  if (isLeft(log)) return log;
  const { steps } = log.right;
  const reason = await lossOf(run, steps);
  if (reason !== undefined)
    return left({ kind: "lost-checkpoints", directory: run.path, made: steps, reason });
  const made = await attempt(run.checkpoints, async () => makeFolder(run.checkpoints));
  if (isLeft(made)) return made;
  const again = steps === 0 ? "" : ` Its log has ${steps} steps, which are repeated.`;
  const notice = `${run.path} has no checkpoint yet: it begins from the start.${again}`;
  return right({ start: beginning, notices: [notice] });
};

/** Returns notices about newer checkpoints that were passed over or are missing. */
const newerThan = async (
  run: RunDirectory,
  { checkpoint, passedOver }: Found,
): Promise<readonly string[]> => {
  const told = passedOver.map((reason) => `Passed over a checkpoint: ${reason}.`);
  const mark = await readMark(run.mark, belonging(run));
  const { step } = checkpoint.position;
  const newest = isLeft(mark) ? step : (mark.right ?? step);
  return told.length === 0 && newest > step
    ? [`The checkpoint of step ${newest} is gone: it goes on from step ${step}.`]
    : told;
};

/**
 * Loads the newest checkpoint that is intact and fits the session. Fails if there is none, unless
 * the run certainly ended before its first; then it starts over.
 */
export const restore = async (
  run: RunDirectory,
  session: Pick<Session, "setState">,
  raw: RawDisk = realDisk,
  /**
   * Whether a different spec continues the run. Then an intact checkpoint that does not fit must
   * not be passed over.
   */
  isCarried = false,
): Attempt<Restored> => {
  const listed = await surveyCheckpoints(run.checkpoints);
  if (isLeft(listed) || listed.right.steps.length === 0) return beginAgain(run);
  const found = await loadCheckpoint(run.checkpoints, belonging(run), session, {
    mustTake: isCarried,
  });
  if (isLeft(found)) {
    if (found.left.kind !== "no-checkpoint") return found;
    const way = "Put back a copy of one, or train anew: leave out --resume.";
    return left({ ...found.left, reasons: [...found.left.reasons, way] });
  }
  const { position: start, log: fingerprint, monitors, plateau } = found.right.checkpoint;
  const log = await logged(run, start.step, fingerprint);
  if (isLeft(log)) return log;
  const aside = await setAside(run.checkpoints, start.step, raw);
  if (isLeft(aside)) return aside;
  const notices = [...(await newerThan(run, found.right)), ...log.right.notices];
  return right({ start, notices, monitors, plateau });
};
