/** Run folders of the fake program in a temporary place. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Either, isLeft } from "fp-ts/lib/Either.js";
import type { Session } from "../../src/contracts/session.js";
import { loadCheckpoint } from "../../src/training/checkpoints/find-checkpoint.js";
import type { RawDisk } from "../../src/training/files/disk.js";
import { realDisk } from "../../src/training/files/disk.js";
import type { TrainingError } from "../../src/training/files/errors.js";
import { describe } from "../../src/training/files/errors.js";
import { openMetrics } from "../../src/training/logs/metrics.js";
import type { Outcome, TrainingEvent, TrainingJob } from "../../src/training/loop/job.js";
import { train } from "../../src/training/loop/train.js";
import type { TrainingData } from "../../src/training/program/data.js";
import { beginning, type Position } from "../../src/training/program/schedule.js";
import { newManifest } from "../../src/training/run-directory/manifest.js";
import {
  belonging,
  createRun,
  type RunDirectory,
  store,
} from "../../src/training/run-directory/run-directory.js";
import { fakeProgram } from "./fake.js";

const made: string[] = [];

export const temporary = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "ganc-test-"));
  made.push(folder);
  return folder;
};

export const removeTemporary = (): void => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
};

export const success = <A>(either: Either<TrainingError, A>): A => {
  if (isLeft(either)) throw new Error(describe(either.left));
  return either.right;
};

export const failure = <A>(either: Either<TrainingError, A>): TrainingError => {
  if (isLeft(either)) return either.left;
  throw new Error("expected an error");
};

export const fakeManifest = (run = "0011223344556677") =>
  newManifest({
    run,
    program: fakeProgram,
    seed: 1,
    data: {
      origin: { kind: "folder", path: "images" },
      description: "made up",
      hash: "0".repeat(64),
      stepsPerEpoch: 4,
      classes: undefined,
      images: undefined,
      holdOut: undefined,
    },
    engine: "fake",
    weights: [],
    created: "2020-01-01T00:00:00.000Z",
  });

export const newRun = async (path = join(temporary(), "run")): Promise<RunDirectory> =>
  success(await createRun(path, fakeManifest()));

export interface Setting extends Partial<TrainingJob> {
  readonly raw?: RawDisk;
  readonly keep?: number;
}

/** Trains in `run` from `start` with one millisecond for each look at the clock. */
export const trainIn = async (
  run: RunDirectory,
  session: Session,
  data: TrainingData,
  setting: Setting = {},
): Promise<{ result: Either<TrainingError, Outcome>; events: readonly TrainingEvent[] }> => {
  const { raw = realDisk, keep = 3, start = beginning } = setting;
  const events: TrainingEvent[] = [];
  const log = success(await openMetrics(raw, run.metrics, start.step));
  let now = 0;
  const result = await train({
    program: fakeProgram,
    session,
    data,
    start,
    limits: {},
    sampleEvery: {},
    checkpointEvery: {},
    checkpoints: store(run, { last: keep }, raw),
    log,
    sample: async () => ({ _tag: "Right", right: "none" }),
    now: () => now++,
    signal: new AbortController().signal,
    ...setting,
    listener: (event) => {
      events.push(event);
      setting.listener?.(event);
    },
  });
  await log.close();
  return { result, events };
};

/** Loads the newest whole checkpoint into the session and gives its position. */
export const resume = async (run: RunDirectory, session: Session): Promise<Position> => {
  const { checkpoint } = success(await loadCheckpoint(run.checkpoints, belonging(run), session));
  return checkpoint.position;
};
