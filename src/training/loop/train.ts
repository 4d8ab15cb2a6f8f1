/**
 * The training loop. It knows neither the terminal nor image formats; everything that happens
 * leaves it as an event.
 */
import { setImmediate } from "node:timers/promises";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { Metrics } from "../../contracts/session.js";
import type { HostTensor, State } from "../../contracts/tensor.js";
import { reasonOf } from "../../data/files/errors.js";
import { LostProcess } from "../../engines/sessions/failure.js";
import { isWaiting, noFalls, type Plateau, scored } from "../../program/plateau.js";
import { writeCheckpoint } from "../checkpoints/checkpoint.js";
import { listCheckpoints } from "../checkpoints/checkpoint-list.js";
import { isMilestone, type Measured } from "../checkpoints/keep.js";
import type { TrainingError } from "../files/errors.js";
import type { Spoken } from "../monitors/spoken.js";
import { isDue, isEver } from "../program/cadence.js";
import type { Drawn } from "../program/data.js";
import { ending, type Position, plannedSteps, rateAt, unmeasured } from "../program/schedule.js";
import { nonFinite } from "../program/state.js";
import type { Outcome, TrainingJob } from "./job.js";

type Attempt<A> = Promise<Either<TrainingError, A>>;

/** What the loop remembers between steps. */
interface Progress {
  position: Position;
  sampled: Position;
  saved: Position;
  measured: Position;
  plateau: Plateau;
}

const after = (
  { epoch, stepInEpoch, step }: Position,
  stepsPerEpoch: number,
  elapsed: number,
): Position => ({
  ...(stepInEpoch + 1 < stepsPerEpoch
    ? { epoch, stepInEpoch: stepInEpoch + 1 }
    : { epoch: epoch + 1, stepInEpoch: 0 }),
  step: step + 1,
  elapsed,
});

/** Checks that every domain's batch has the shape in the spec. */
const checkShapes = (
  { domains, recipe, draws }: TrainingJob["program"],
  batch: Readonly<Record<string, HostTensor>>,
): Either<TrainingError, true> => {
  for (const { key, domain } of draws ?? domains.map(({ name }) => ({ key: name, domain: name }))) {
    const { shape = [] } = domains.find(({ name }) => name === domain) ?? {};
    const expected = [recipe.batch, ...shape];
    const found = batch[key]?.shape ?? [];
    if (found.join() !== expected.join())
      return left({ kind: "shape", domain: key, expected, found });
  }
  return right(true);
};

/** Makes the error `not-finite` with the newest checkpoint's step. */
const notFinite = async (
  job: TrainingJob,
  { step, epoch }: Position,
  found: {
    readonly what: string;
    readonly value: number;
    readonly files?: readonly string[];
  },
): Promise<TrainingError> => ({
  kind: "not-finite",
  ...found,
  step,
  epoch,
  saved: (await listCheckpoints(job.checkpoints.folder))[0],
});

const makeStep = async (
  { program, session, checkpoints }: TrainingJob,
  { position, plateau }: Progress,
  { batch, again = [] }: Drawn,
): Attempt<{ readonly rate: number; readonly metrics: Metrics }> => {
  for (const draw of [batch, ...again]) {
    const shapes = checkShapes(program, draw);
    if (isLeft(shapes)) return shapes;
  }
  const { step, epoch, stepInEpoch } = position;
  const rate = rateAt(program.recipe, epoch, plateau.falls);
  const place = { epoch, stepInEpoch };
  try {
    return right({ rate, metrics: await session.step({ batch, again, rate, step, place }) });
  } catch (thrown) {
    const reason = `${session.engine} failed at step ${position.step}: ${reasonOf(thrown)}`;
    const [saved] = await listCheckpoints(checkpoints.folder);
    return left({ kind: "failed-step", reason, saved, isLost: thrown instanceof LostProcess });
  }
};

const stateOf = async ({ session }: TrainingJob): Attempt<State> => {
  try {
    return right(await session.getState());
  } catch (thrown) {
    const reason = `${session.engine} could not give its state: ${reasonOf(thrown)}`;
    return left({ kind: "engine", reason, isLost: thrown instanceof LostProcess });
  }
};

/**
 * Saves a checkpoint at `position`. Refuses a state with NaN or infinite numbers, which would push
 * out a good one.
 */
const save = async (job: TrainingJob, progress: Progress, measured?: Measured): Attempt<void> => {
  const { position, plateau } = progress;
  const displaced = await job.displaced?.();
  if (displaced !== undefined) return left(displaced);
  const state = await stateOf(job);
  if (isLeft(state)) return state;
  const broken = nonFinite(state.right);
  if (broken) return left(await notFinite(job, position, broken));
  const { data, session } = job;
  // A log that cannot be flushed is no reason to lose the state as well.
  const mended = await job.log.mend?.();
  if (mended !== undefined) job.listener({ kind: "notice", error: mended });
  const log = await job.log.settle();
  const written = await writeCheckpoint(job.checkpoints, {
    position,
    stepsPerEpoch: data.stepsPerEpoch,
    state: state.right,
    engine: session.engine,
    log: isLeft(log) ? undefined : log.right,
    measured,
    monitors: job.watch?.kept(),
    plateau: isWaiting(job.program.recipe.schedule) ? plateau : undefined,
  });
  if (isLeft(written)) return left((await job.displaced?.()) ?? written.left);
  job.listener({ kind: "checkpoint", path: written.right, step: position.step });
  return right(undefined);
};

const withSaved = (error: TrainingError, { step }: Position): TrainingError =>
  error.kind === "disk-full" ? { ...error, saved: step } : error;

/** Adds the last saved step to an error about a folder that is gone. */
const withLast = (error: TrainingError, { step }: Position): TrainingError =>
  error.kind === "displaced" && step > 0 ? { ...error, saved: step } : error;

/** Saves before failing, because the problem is outside the state. */
const saveAndFail = async (
  job: TrainingJob,
  progress: Progress,
  error: TrainingError,
): Attempt<never> => {
  const saved = await save(job, progress);
  if (isLeft(saved)) return saved;
  return left(withSaved(error, progress.position));
};

/**
 * Makes a sample grid. A failure is reported and training goes on, but a full disk ends the run
 * while it can still be saved.
 */
const sample = async (job: TrainingJob, position: Position): Attempt<void> => {
  const displaced = await job.displaced?.();
  if (displaced !== undefined) return left(displaced);
  const made = await job.sample(position);
  if (isLeft(made)) {
    if (made.left.kind === "disk-full") return made;
    job.listener({ kind: "notice", error: made.left });
  } else if (made.right !== undefined) job.listener({ kind: "sample", path: made.right });
  return right(undefined);
};

/**
 * The situation after a step that began at `before`; `end` is the reason why no step follows, if
 * there is one.
 */
interface Occasion {
  readonly before: Position;
  readonly end: Outcome["ending"] | undefined;
}

const withoutScore: TrainingError = {
  kind: "data",
  reason:
    "The schedule has a `plateau`, which goes by the score of held-out images, and of these none can be made. Take another schedule.",
};

/**
 * Measures the session if it is due, and at the end of the schedule. An interruption does not add a
 * measurement: a resumed run must be measured at the same steps as one that never ended. A failure
 * is reported, but a full disk ends the run.
 */
const measureInTime = async (
  job: TrainingJob,
  progress: Progress,
  { before, end }: Occasion,
): Attempt<{ readonly isDone: boolean; readonly measured?: Measured | undefined }> => {
  const { measure, measureEvery = {} } = job;
  const { position } = progress;
  const isLast = end === "schedule" && isEver(measureEvery);
  const isTime = isLast || isDue(measureEvery, before, position, progress.measured);
  if (measure === undefined || !isTime) return right({ isDone: false });
  const measured = await measure(position);
  if (isLeft(measured)) {
    if (measured.left.kind === "disk-full") return measured;
    job.listener({ kind: "notice", error: measured.left });
    return right({ isDone: false });
  }
  progress.measured = position;
  const score = Number.isFinite(measured.right?.value) ? measured.right : undefined;
  const { schedule } = job.program.recipe;
  if (score !== undefined)
    progress.plateau = scored(schedule, progress.plateau, before.epoch, score);
  else if (isWaiting(schedule)) return left(withoutScore);
  return right({ isDone: true, measured: score });
};

/** Saves if it is due, if the step is kept for good, or if it was measured; always at the end. */
const saveInTime = async (
  job: TrainingJob,
  progress: Progress,
  occasion: Occasion,
): Attempt<void> => {
  const { position, saved: last } = progress;
  const { before, end } = occasion;
  const { every } = job.checkpoints.keep;
  const measured = await measureInTime(job, progress, occasion);
  if (isLeft(measured)) return saveAndFail(job, progress, measured.left);
  const isTime =
    measured.right.isDone ||
    isMilestone(every, position) ||
    isDue(job.checkpointEvery, before, position, last);
  if (end === undefined && !isTime) return right(undefined);
  const saved = await save(job, progress, measured.right.measured);
  if (isLeft(saved)) return saved;
  progress.saved = position;
  return right(undefined);
};

/** Samples if it is due, and at the end unless samples are never wanted. */
const sampleInTime = async (
  job: TrainingJob,
  progress: Progress,
  { before, end }: Occasion,
): Attempt<void> => {
  const { position } = progress;
  const isLast = end !== undefined && isEver(job.sampleEvery);
  if (!isLast && !isDue(job.sampleEvery, before, position, progress.sampled))
    return right(undefined);
  const sampled = await sample(job, position);
  if (isLeft(sampled))
    return progress.saved === position
      ? left(withSaved(sampled.left, position))
      : saveAndFail(job, progress, sampled.left);
  progress.sampled = position;
  return right(undefined);
};

/**
 * Samples, then saves, so that a process that dies between the two makes the sample again. On an
 * interruption it saves first: the user should not wait for a grid, and the training is safe
 * sooner.
 */
const keepUp = async (job: TrainingJob, progress: Progress, occasion: Occasion): Attempt<void> => {
  const [first, second] =
    occasion.end === "interrupted" ? [saveInTime, sampleInTime] : [sampleInTime, saveInTime];
  const done = await first(job, progress, occasion);
  return isLeft(done) ? done : second(job, progress, occasion);
};

/** Passes on the monitors' messages, and tells whether one ends the run. */
const hear = ({ listener }: TrainingJob, said: readonly Spoken[] = []): boolean => {
  for (const spoken of said) listener({ kind: "monitor", spoken });
  return said.some(({ level }) => level === "stop");
};

/**
 * Makes one step: logs metrics, sends events, asks monitors, and advances `progress`. Tells whether
 * a monitor ends the run.
 */
const advance = async (
  job: TrainingJob,
  progress: Progress,
  drawn: Drawn,
  elapsed: () => number,
): Attempt<boolean> => {
  const before = progress.position;
  for (const image of drawn.skipped) job.listener({ kind: "skipped-image", image });
  const stepped = await makeStep(job, progress, drawn);
  if (isLeft(stepped)) return stepped;
  const { rate, metrics } = stepped.right;
  const broken = Object.entries(metrics).find(([, value]) => !Number.isFinite(value));
  const files = [...new Set(Object.values(drawn.ids ?? {}).flat())];
  if (broken) {
    const found = { what: broken[0], value: broken[1], files };
    hear(job, await job.watch?.broken(found, before));
    return left(await notFinite(job, before, found));
  }
  const time = elapsed();
  progress.position = after(before, job.data.stepsPerEpoch, time);
  const { step, epoch } = before;
  const logged = await job.log.append({ step, epoch, rate, elapsed: time, metrics });
  if (isLeft(logged)) return saveAndFail(job, progress, logged.left);
  job.listener({ kind: "step", position: { ...before, elapsed: time }, rate, metrics });
  const made = { position: before, rate, metrics, files };
  return right(hear(job, await job.watch?.step(made, progress.position)));
};

/** Steps to the end of an epoch or of the run. Returns how the run ended, if it did. */
const epoch = async (
  job: TrainingJob,
  progress: Progress,
  elapsed: () => number,
): Attempt<Outcome["ending"] | undefined> => {
  const { schedule } = job.program.recipe;
  const { epoch, stepInEpoch } = progress.position;
  for await (const drawn of job.data.epoch(epoch, stepInEpoch)) {
    const before = progress.position;
    // An engine that computes in this thread leaves no turn for signals and the progress bar.
    await setImmediate();
    const made = await advance(job, progress, drawn, elapsed);
    if (isLeft(made)) return made;
    const sessionTime = progress.position.elapsed - job.start.elapsed;
    const end = job.signal.aborted
      ? "interrupted"
      : made.right
        ? "monitor"
        : ending(schedule, job.limits, progress.position, sessionTime);
    if (end === "interrupted") job.listener({ kind: "interrupted", position: progress.position });
    const kept = await keepUp(job, progress, { before, end });
    if (isLeft(kept)) return kept;
    if (end !== undefined) return right(end);
    if (progress.position.epoch !== epoch) break;
  }
  return right(undefined);
};

/** Runs an epoch. If its images fail, saves and ends the run. */
const guardedEpoch = async (
  job: TrainingJob,
  progress: Progress,
  elapsed: () => number,
): Attempt<Outcome["ending"] | undefined> => {
  const { position } = progress;
  try {
    const ended = await epoch(job, progress, elapsed);
    const stuck = !isLeft(ended) && ended.right === undefined && progress.position === position;
    return stuck ? left({ kind: "data", reason: "The data set gave no images." }) : ended;
  } catch (thrown) {
    return saveAndFail(job, progress, { kind: "data", reason: reasonOf(thrown) });
  }
};

/**
 * Trains from `start` until the schedule, a limit or the signal ends it, and leaves a checkpoint of
 * the last step. After an error the newest checkpoint is intact; errors outside the state (images,
 * a full disk) also leave one of the last step if it can be written. Logs metrics for every step.
 */
export const train = async (job: TrainingJob): Attempt<Outcome> => {
  const { schedule } = job.program.recipe;
  const { start, plateau = noFalls } = job;
  const isMeasured = job.measure !== undefined && isEver(job.measureEvery ?? {});
  if (isWaiting(schedule) && !isMeasured) return left(unmeasured);
  const at = { position: start, sampled: start, saved: start, measured: start };
  const progress: Progress = { ...at, plateau };
  const begun = job.now();
  const elapsed = () => job.start.elapsed + job.now() - begun;
  job.listener({
    kind: "started",
    position: job.start,
    stepsPerEpoch: job.data.stepsPerEpoch,
    plannedSteps: plannedSteps(schedule, job.limits, job.start, job.data.stepsPerEpoch),
  });
  let end: Outcome["ending"] | undefined = ending(schedule, job.limits, job.start, 0);
  hear(job, await job.watch?.begin(start));
  while (end === undefined) {
    const ended = await guardedEpoch(job, progress, elapsed);
    if (isLeft(ended)) return left(withLast(ended.left, progress.saved));
    end = ended.right;
  }
  return right({ ending: end, position: progress.position });
};
