/**
 * A run of the fake program from where it stands to its end, over a disk that may kill its process.
 */
import { join } from "node:path";
import { type Either, isLeft, right } from "fp-ts/lib/Either.js";
import {
  attempt,
  makeFolder,
  type RawDisk,
  writeAtomically,
} from "../../src/training/files/disk.js";
import { describe, type TrainingError } from "../../src/training/files/errors.js";
import { openMetrics } from "../../src/training/logs/metrics.js";
import type { TrainingEvent } from "../../src/training/loop/job.js";
import { train } from "../../src/training/loop/train.js";
import { restore } from "../../src/training/opening/restore.js";
import { holdRun, openRun, store } from "../../src/training/run-directory/run-directory.js";
import { draw, fakeData, fakeProgram, fakeSession } from "./fake.js";

/** Few enough that a run of some hundred steps crosses into other epochs, and other rates. */
const stepsPerEpoch = 70;

export interface Going {
  readonly steps: number;
  readonly raw: RawDisk;
  readonly listener?: (event: TrainingEvent) => void;
}

/**
 * Opens and resumes as `ganc run --resume` does; its clock counts steps. Gives what the user is
 * told.
 */
export const goOn = async (
  path: string,
  { steps, raw, listener = () => undefined }: Going,
): Promise<Either<TrainingError, readonly string[]>> => {
  const run = await openRun(path);
  if (isLeft(run)) return run;
  const lock = await holdRun(run.right, raw);
  if (isLeft(lock)) return lock;
  const session = fakeSession();
  const restored = await restore(run.right, session, raw);
  if (isLeft(restored)) {
    await lock.right.release();
    return restored;
  }
  const { start, notices } = restored.right;
  const { metrics, samples } = run.right;
  const log = await openMetrics(raw, metrics, start.step);
  if (isLeft(log)) {
    await lock.right.release();
    return log;
  }
  const told = new Set(notices);
  let now = 0;
  const outcome = await train({
    program: fakeProgram,
    session: { ...session, step: (input) => session.step(input).finally(() => now++) },
    data: fakeData(stepsPerEpoch),
    start,
    limits: { steps },
    sampleEvery: { steps: 5 },
    checkpointEvery: { steps: 3 },
    measureEvery: { steps: 8 },
    measure: async ({ step }) =>
      right({ measure: "made up", value: draw(9, step), better: "lower" }),
    checkpoints: store(run.right, { every: { steps: 50 } }, raw),
    log: log.right,
    sample: async (position) => {
      const folder = await attempt(samples, async () => makeFolder(samples));
      if (isLeft(folder)) return folder;
      const file = join(samples, `${position.step}.png`);
      const written = await writeAtomically(raw, file, [Buffer.alloc(300, position.step)]);
      return isLeft(written) ? written : right(file);
    },
    now: () => now,
    signal: new AbortController().signal,
    listener: (event) => {
      if (event.kind === "notice") told.add(describe(event.error));
      listener(event);
    },
  });
  await log.right.close();
  await lock.right.release();
  return isLeft(outcome) ? outcome : right([...told]);
};
