/**
 * A process that trains the fake program in the folder it is given, with a state that takes a while
 * to write.
 */
import { mkdirSync } from "node:fs";
import { isLeft, right } from "fp-ts/lib/Either.js";
import { realDisk } from "../../src/training/files/disk.js";
import { describe } from "../../src/training/files/errors.js";
import { openMetrics } from "../../src/training/logs/metrics.js";
import { train } from "../../src/training/loop/train.js";
import { beginning } from "../../src/training/program/schedule.js";
import { holdRun, openRun, store } from "../../src/training/run-directory/run-directory.js";
import { fakeData, fakeProgram, fakeSession } from "./fake.js";

const [path = "", ballast = "0"] = process.argv.slice(2);

const main = async (): Promise<string> => {
  const run = await openRun(path);
  if (isLeft(run)) return describe(run.left);
  const lock = await holdRun(run.right);
  if (isLeft(lock)) return describe(lock.left);
  mkdirSync(run.right.samples, { recursive: true });
  const log = await openMetrics(realDisk, run.right.metrics, 0);
  if (isLeft(log)) return describe(log.left);
  const outcome = await train({
    program: fakeProgram,
    session: fakeSession({ ballast: Number(ballast) }),
    data: fakeData(1000),
    start: beginning,
    limits: {},
    sampleEvery: {},
    checkpointEvery: { steps: 1 },
    checkpoints: store(run.right),
    log: log.right,
    sample: async () => right("none"),
    now: () => performance.now(),
    signal: new AbortController().signal,
    listener: (event) => {
      if (event.kind === "checkpoint") process.send?.(event.step);
    },
  });
  return isLeft(outcome) ? describe(outcome.left) : outcome.right.ending;
};

process.stdout.write(`${await main()}\n`);
process.disconnect?.();
