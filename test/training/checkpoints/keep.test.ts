/** Which checkpoints stay: as it is written, what is then removed, and the best by a measure. */
import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { left, right } from "fp-ts/lib/Either.js";
import { findBest, listCheckpoints } from "../../../src/training/checkpoints/checkpoint-list.js";
import {
  type Candidate,
  defaultKeep,
  type KeepParts,
  keepOf,
  keptAtMost,
  type Measured,
  parseKeep,
  surplus,
} from "../../../src/training/checkpoints/keep.js";
import { seal } from "../../../src/training/files/decode.js";
import type { RawDisk } from "../../../src/training/files/disk.js";
import { realDisk } from "../../../src/training/files/disk.js";
import { describe } from "../../../src/training/files/errors.js";
import { openTrained } from "../../../src/training/opening/open-run.js";
import { beginning, type Position } from "../../../src/training/program/schedule.js";
import {
  belonging,
  type RunDirectory,
  store,
} from "../../../src/training/run-directory/run-directory.js";
import { fakeCompiler } from "../../cli/fake-compiler.js";
import { fakeData, fakeSession } from "../fake.js";
import { failure, newRun, removeTemporary, resume, success, trainIn } from "../support.js";

afterAll(removeTemporary);

test.each<readonly [string, KeepParts]>([
  ["last=3", { last: 3 }],
  ["last 3", { last: 3 }],
  ["all", { last: "all" }],
  ["last=1,every=10 epochs,best", { last: 1, every: { epochs: 10 }, best: true }],
  [" no-best , every = 500steps ", { best: false, every: { steps: 500 } }],
  ["every=never", { every: {} }],
])("%j is read", (text, parts) => {
  expect(parseKeep(text)).toEqual(right(parts));
});

test.each([
  ["last=0", '"last=0": the newest is always kept, so 1 is the least'],
  ["last=three", '"last=three": write for example "last=3"'],
  ["every=5 min", expect.stringContaining("--checkpoint-every takes minutes")],
  ["every=0 epochs", expect.stringContaining('write for example "every=10 epochs"')],
  ["every=1.5 epochs", expect.stringContaining('write for example "every=10 epochs"')],
  ["bset", expect.stringContaining('(is "best" meant?)')],
  ["3", expect.stringContaining('"3" does not say what to keep: write for example')],
  ["last=3,,best", expect.stringContaining("a part is empty")],
  ["", expect.stringContaining("a part is empty")],
  ["last=3,all", '"all" repeats or contradicts an earlier part'],
  ["best,no-best", '"no-best" repeats or contradicts an earlier part'],
])("%j is refused with what to write", (text, reason) => {
  expect(parseKeep(text)).toEqual(left(reason));
});

test("what is not said stays as the run began, and else as by default", () => {
  const begun = { every: { epochs: 2 }, best: false };
  expect(keepOf(begun, { last: 1 })).toEqual({ ...begun, last: 1 });
  expect(keepOf()).toEqual(defaultKeep);
  expect(keepOf(begun)).toEqual({ last: 3, every: { epochs: 2 }, best: false });
  expect(keptAtMost(keepOf({ every: { epochs: 10 } }), 200)).toBe(3 + 1 + 20);
});

const measured = (value: number, measure = "L1", better: Measured["better"] = "lower") => ({
  measure,
  value,
  better,
});

/** Four steps an epoch. */
const at = (step: number, of?: Measured): Candidate => ({
  step,
  epoch: Math.floor(step / 4),
  stepInEpoch: step % 4,
  measured: of,
});

const steps = (all: readonly Candidate[], parts: KeepParts): readonly number[] => {
  const gone = surplus(keepOf(parts), all);
  return all.map(({ step }) => step).filter((step) => !gone.includes(step));
};

test("the newest, those of each so many steps and epochs, and the best stay", () => {
  const all = Array.from({ length: 12 }, (_, i) => at(i + 1));
  expect(steps(all, { last: 2 })).toEqual([11, 12]);
  expect(steps(all, { last: "all" })).toHaveLength(12);
  expect(steps(all, { last: 1, every: { epochs: 2 } })).toEqual([8, 12]);
  expect(steps(all, { last: 1, every: { steps: 5 } })).toEqual([5, 10, 12]);
  const some = [at(1, measured(3)), at(2, measured(1)), at(3, measured(1)), at(4), at(5)];
  expect(steps(some, { last: 1 })).toEqual([2, 5]);
  expect(steps(some, { last: 1, best: false })).toEqual([5]);
  const higher = [at(1, measured(1, "SSIM", "higher")), at(2, measured(0, "SSIM", "higher"))];
  expect(steps([...higher, at(3)], { last: 1 })).toEqual([1, 3]);
  // Values of another measure are not compared
  expect(steps([at(1, measured(0, "L2")), at(2, measured(9)), at(3)], { last: 1 })).toEqual([2, 3]);
});

test("the newest from before an explosion stays, and no other for its sake", () => {
  const after = (step: number): Candidate => ({ ...at(step), exploded: 5 });
  const all = [at(2), at(4), at(5), after(8), after(9), after(10)];
  expect(steps(all, { last: 2 })).toEqual([4, 9, 10]);
  // Where none is left of before, there is nothing to keep
  expect(steps([after(8), after(9), after(10)], { last: 1 })).toEqual([10]);
});

/** Measured at every second step, worst at first and best at step 4. */
const values = [9, 7, 1, 5, 6, 3];
const measure = async ({ step }: Position) =>
  right(step % 2 === 0 ? measured(values[step / 2 - 1] ?? 9) : undefined);

const measuring = { measure, measureEvery: { steps: 2 }, checkpointEvery: { steps: 3 } };

const trained = async (limit: number, run?: RunDirectory): Promise<RunDirectory> => {
  const there = run ?? (await newRun());
  const session = fakeSession();
  const start = run === undefined ? beginning : await resume(there, session);
  const setting = { ...measuring, start, keep: 1, limits: { steps: limit } };
  success((await trainIn(there, session, fakeData(), setting)).result);
  return there;
};

test("a run keeps the checkpoint that was measured best, across resumes, and finds it", async () => {
  const run = await trained(12, await trained(7));
  expect(await listCheckpoints(run.checkpoints)).toEqual([12, 6]);
  const best = await findBest(run.checkpoints, belonging(run));
  expect(best).toEqual({ step: 6, measure: "L1", value: 1, better: "lower" });
  const opened = async (choice: "best" | "last" | number) =>
    success(await openTrained(fakeCompiler(), run.path, "auto", choice)).step;
  expect([await opened("best"), await opened("last"), await opened(6)]).toEqual([6, 12, 6]);
});

test("a checkpoint of the best that is damaged is no best any more", async () => {
  const run = await trained(12);
  truncateSync(join(run.checkpoints, "step-00000006.json"), 20);
  expect(await findBest(run.checkpoints, belonging(run))).toMatchObject({ step: 12 });
});

test("without a measure there is no best, and that is said", async () => {
  const run = await newRun();
  const setting = { limits: { steps: 2 }, checkpointEvery: { steps: 1 } };
  success((await trainIn(run, fakeSession(), fakeData(), setting)).result);
  const error = failure(await openTrained(fakeCompiler(), run.path, "auto", "best"));
  expect(describe(error)).toBe(
    `${run.path} has no best checkpoint: none of those that it keeps was measured.\nTake the newest with --checkpoint last.`,
  );
});

test("what cannot be measured is a word on the way; who interrupts is not made to wait for a measure", async () => {
  const run = await newRun();
  const controller = new AbortController();
  let asked = 0;
  const { result, events } = await trainIn(run, fakeSession(), fakeData(), {
    measureEvery: { steps: 2 },
    measure: async () => {
      asked++;
      return left({ kind: "data", reason: "nothing to measure by" });
    },
    signal: controller.signal,
    listener: ({ kind }) => {
      if (asked === 1 && kind === "notice") controller.abort();
    },
  });
  expect(success(result)).toMatchObject({ ending: "interrupted", position: { step: 3 } });
  expect(asked).toBe(1);
  expect(events.filter(({ kind }) => kind === "notice")).toHaveLength(1);
});

test("a step that is kept for good is saved though no checkpoint is due, and stays", async () => {
  const run = await newRun();
  const checkpoints = store(run, { last: 1, every: { epochs: 1 } });
  const setting = { limits: { steps: 10 }, checkpoints };
  success((await trainIn(run, fakeSession(), fakeData(), setting)).result);
  expect(await listCheckpoints(run.checkpoints)).toEqual([10, 8, 4]);
});

test("a disk that is full takes the place of old ones, but neither of the best nor of those kept for good", async () => {
  const run = await newRun();
  const parts = { last: 3, every: { steps: 3 } };
  let isFull = false;
  const raw: RawDisk = {
    ...realDisk,
    open: async (path, flags) => {
      const isNext = path.includes("step-00000007.safetensors");
      if (isNext && !isFull) {
        isFull = true;
        throw Object.assign(new Error("no space"), { code: "ENOSPC" });
      }
      return realDisk.open(path, flags);
    },
  };
  const setting = {
    limits: { steps: 7 },
    checkpoints: store(run, parts, raw),
    checkpointEvery: { steps: 1 },
    measureEvery: { steps: 2 },
    measure: async ({ step }: Position) => right(measured(step)),
  };
  success((await trainIn(run, fakeSession(), fakeData(), setting)).result);
  expect(isFull).toBe(true);
  expect(await listCheckpoints(run.checkpoints)).toEqual([7, 6, 3, 2]);
  expect(readdirSync(run.checkpoints).filter((name) => name.endsWith(".unfinished"))).toEqual([]);
});

test("a value is under the fingerprint of its checkpoint", async () => {
  const run = await trained(6);
  const path = join(run.checkpoints, "step-00000006.json");
  const { fingerprint: _, ...counters } = JSON.parse(readFileSync(path, "utf8"));
  writeFileSync(
    path,
    JSON.stringify(seal({ ...counters, measured: { measure: "L1", value: "1" } })),
  );
  expect(await findBest(run.checkpoints, belonging(run))).toBeUndefined();
});
