/** What a run goes on from when its folder is not as it was left. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import type { HostTensor } from "../../../src/contracts/tensor.js";
import { writeCheckpoint } from "../../../src/training/checkpoints/checkpoint.js";
import { listCheckpoints } from "../../../src/training/checkpoints/checkpoint-list.js";
import { loadCheckpoint } from "../../../src/training/checkpoints/find-checkpoint.js";
import { seal } from "../../../src/training/files/decode.js";
import { type RawDisk, realDisk } from "../../../src/training/files/disk.js";
import { describe } from "../../../src/training/files/errors.js";
import { restore } from "../../../src/training/opening/restore.js";
import { beginning } from "../../../src/training/program/schedule.js";
import {
  belonging,
  openRun,
  type RunDirectory,
  store,
} from "../../../src/training/run-directory/run-directory.js";
import { fakeData, fakeSession, tensor } from "../fake.js";
import { failure, newRun, removeTemporary, success, trainIn } from "../support.js";

afterAll(removeTemporary);

const file = (run: RunDirectory, step: number, ending = "json"): string =>
  join(run.checkpoints, `step-${String(step).padStart(8, "0")}.${ending}`);

/**
 * A run of the fake program, which has four steps an epoch, with checkpoints of its steps from
 * `from` on.
 */
const withSteps = async (steps: number, from = 1): Promise<RunDirectory> => {
  const run = await newRun();
  const session = fakeSession();
  const setting = { checkpointEvery: {}, limits: { steps: from } };
  success((await trainIn(run, session, fakeData(), setting)).result);
  const start = { epoch: Math.floor(from / 4), stepInEpoch: from % 4, step: from, elapsed: from };
  const more = { checkpointEvery: { steps: 1 }, limits: { steps }, start };
  if (steps > from) success((await trainIn(run, session, fakeData(), more)).result);
  return run;
};

const change = (path: string, to: (json: Record<string, unknown>) => object): void =>
  writeFileSync(path, JSON.stringify(to(JSON.parse(readFileSync(path, "utf8")))));

type Json = Readonly<Record<string, unknown>>;

const edited = (fields: Json) => (json: Json) => ({ ...json, ...fields });

/** As somebody who knows of the fingerprint would change it. */
const resealed =
  (fields: Json) =>
  ({ fingerprint: _, ...json }: Json) =>
    seal({ ...json, ...fields });

/** As an earlier version of ganc wrote a manifest, and a checkpoint's counters. */
const unsealedManifest = ({ fingerprint: _, ...json }: Json) => ({ ...json, format: 1 });

const unsealed =
  (fields: Json = {}) =>
  ({ fingerprint: _, seed: _seed, stepsPerEpoch: _steps, ...json }: Json) => ({
    ...json,
    format: 1,
    ...fields,
  });

const changed = "was changed: its contents do not fit its fingerprint";

test.each<readonly [string, (json: Json) => object, string]>([
  ["an epoch below 0", edited({ epoch: -5 }), changed],
  ["a fraction of an epoch", edited({ epoch: 1.5 }), changed],
  ["an epoch too far", edited({ epoch: 1e9 }), changed],
  ["a step past the epoch's end", edited({ stepInEpoch: 99 }), changed],
  ["a step below 0", edited({ stepInEpoch: -3 }), changed],
  ["another time", edited({ elapsed: 1e6 }), changed],
  ["another seed", edited({ seed: 2 }), changed],
  ["more steps an epoch", edited({ stepsPerEpoch: 7 }), changed],
  ["no fingerprint", ({ fingerprint: _, ...json }) => json, "has lost its fingerprint"],
  ["an earlier format", unsealed(), "has lost its fingerprint"],
  [
    "a format to come",
    edited({ format: 3 }),
    "has format 3, and this version of ganc reads formats 1 and 2 (a newer version wrote it: update ganc)",
  ],
  ["epoch -5, sealed", resealed({ epoch: -5 }), 'is malformed at "epoch"'],
  ["epoch 1.5, sealed", resealed({ epoch: 1.5 }), 'is malformed at "epoch"'],
  ["step -3, sealed", resealed({ stepInEpoch: -3 }), 'is malformed at "stepInEpoch"'],
  [
    "step 99, sealed",
    resealed({ stepInEpoch: 99 }),
    "is damaged: after 6 steps no run of 4 steps an epoch is at step 99 of epoch 1",
  ],
  [
    "epoch 10^9, sealed",
    resealed({ epoch: 1e9 }),
    "is damaged: after 6 steps no run of 4 steps an epoch is at step 2 of epoch 1000000000",
  ],
  ["another step, sealed", resealed({ step: 5 }), "was renamed"],
  ["seed 2, sealed", resealed({ seed: 2 }), "was made with seed 2, and the manifest says 1"],
  ["no steps an epoch", resealed({ stepsPerEpoch: 0 }), 'is malformed at "stepsPerEpoch"'],
  ["no time at all", resealed({ elapsed: -1 }), 'is malformed at "elapsed"'],
])("counters with %s are passed over by name", async (_, to, reason) => {
  const run = await withSteps(6, 4);
  change(file(run, 6), to);
  expect(success(await restore(run, fakeSession()))).toMatchObject({
    start: { epoch: 1, stepInEpoch: 1, step: 5 },
    notices: [`Passed over a checkpoint: step-00000006.json ${reason}.`],
  });
  // What was passed over is set aside, and kept.
  expect(await listCheckpoints(run.checkpoints)).toEqual([5, 4]);
  expect(readdirSync(join(run.checkpoints, "set-aside"))).toEqual([
    "step-00000006.json",
    "step-00000006.safetensors",
  ]);
});

test("a run that an earlier version began goes on, its positions held to its manifest", async () => {
  const made = await withSteps(6, 4);
  change(join(made.path, "manifest.json"), unsealedManifest);
  rmSync(made.mark);
  const run = success(await openRun(made.path));
  for (const step of [4, 5]) change(file(run, step), unsealed());
  change(file(run, 6), unsealed({ epoch: 4 }));
  expect(success(await restore(run, fakeSession()))).toMatchObject({
    start: { step: 5 },
    notices: [
      "Passed over a checkpoint: step-00000006.json is damaged: after 6 steps no run of 4 steps an epoch is at step 2 of epoch 4.",
    ],
  });
});

test("more or fewer images while a run goes on are no damage", async () => {
  const run = await withSteps(6, 4);
  const position = { epoch: 2, stepInEpoch: 4, step: 9, elapsed: 9 };
  const state = await fakeSession().getState();
  success(await writeCheckpoint(store(run), { position, stepsPerEpoch: 5, state, engine: "fake" }));
  expect(success(await loadCheckpoint(run.checkpoints, belonging(run), fakeSession()))).toEqual({
    checkpoint: { position, state, path: file(run, 9, "safetensors") },
    passedOver: [],
  });
});

test.each<readonly [string, (state: Map<string, HostTensor>) => void, RegExp]>([
  [
    "lacks a tensor",
    (state) => state.delete("param/F.w"),
    /step-00000003\.safetensors does not fit the run's spec: /,
  ],
  [
    "holds NaN",
    (state) =>
      state.set(
        "param/G.w",
        tensor([12], (i) => (i === 7 ? Number.NaN : 0)),
      ),
    /step-00000003\.safetensors holds NaN in param\/G\.w\.$/,
  ],
  [
    "holds an infinity",
    (state) =>
      state.set(
        "adam.m/G.w",
        tensor([12], () => -Infinity),
      ),
    /step-00000003\.safetensors holds -Infinity in adam\.m\/G\.w\.$/,
  ],
])("a whole checkpoint that %s gives way to the one before", async (_, spoil, reason) => {
  const run = await withSteps(2);
  const state = new Map(await fakeSession().getState());
  spoil(state);
  const position = { ...beginning, stepInEpoch: 3, step: 3 };
  success(await writeCheckpoint(store(run), { position, stepsPerEpoch: 4, state, engine: "fake" }));
  const restored = success(await restore(run, fakeSession()));
  expect(restored.start.step).toBe(2);
  expect(restored.notices).toEqual([expect.stringMatching(reason)]);
});

const metrics = (run: RunDirectory): string => readFileSync(run.metrics, "utf8");

/** What is found wrong in the place of the folder, and what is then said. */
const breakages: readonly (readonly [string, (run: RunDirectory) => void, string])[] = [
  ["deleted", ({ checkpoints }) => rmSync(checkpoints, { recursive: true }), "is missing"],
  [
    "emptied",
    (run) => {
      for (const name of readdirSync(run.checkpoints)) unlinkSync(join(run.checkpoints, name));
    },
    "holds none",
  ],
  [
    "a file",
    ({ checkpoints }) => {
      rmSync(checkpoints, { recursive: true });
      writeFileSync(checkpoints, "");
    },
    "is a file, not a folder",
  ],
  [
    "a link to itself",
    ({ checkpoints }) => {
      rmSync(checkpoints, { recursive: true });
      symlinkSync("checkpoints", checkpoints);
    },
    "is a link that leads back to itself",
  ],
];

test.each(breakages)(
  "a run whose checkpoints are %s does not begin again over its log",
  async (_, spoil, state) => {
    const run = await withSteps(6);
    spoil(run);
    const log = metrics(run);
    expect(describe(failure(await restore(run, fakeSession())))).toBe(
      `${run.path} has no checkpoint to go on from: its folder checkpoints ${state}, and that of step 6 was written.\nIts log has 6 steps. Nothing was changed: to start over would lose them.\nPut back a copy of its checkpoints, or train anew: leave out --resume.`,
    );
    // Nor where the account of them is lost too: a folder does not go by itself.
    unlinkSync(run.mark);
    if (state !== "holds none")
      expect(describe(failure(await restore(run, fakeSession())))).toContain(
        `its folder checkpoints ${state}.\nIts log has 6 steps.`,
      );
    expect(metrics(run)).toBe(log);
  },
);

test("a run whose checkpoints are all damaged says each one's fault, and what to do", async () => {
  const run = await withSteps(6, 4);
  for (const step of [4, 5, 6]) writeFileSync(file(run, step), "{}");
  const log = metrics(run);
  expect(describe(failure(await restore(run, fakeSession())))).toBe(
    [
      `${run.checkpoints} holds no whole checkpoint.`,
      ...[6, 5, 4].map((step) => `step-0000000${step}.json is malformed at "format"`),
      "Put back a copy of one, or train anew: leave out --resume.",
    ].join("\n"),
  );
  expect(metrics(run)).toBe(log);
  expect(await listCheckpoints(run.checkpoints)).toEqual([6, 5, 4]);
});

test("a run that ended before its first checkpoint begins from the start, and says so", async () => {
  const run = await newRun();
  const said = (made: string) => ({
    start: beginning,
    notices: [`${run.path} has no checkpoint yet: it begins from the start.${made}`],
  });
  expect(success(await restore(run, fakeSession()))).toEqual(said(""));
  const dead: RawDisk = { ...realDisk, open: () => Promise.reject(new Error("no such luck")) };
  const never = { limits: { steps: 3 }, checkpoints: store(run, {}, dead) };
  failure((await trainIn(run, fakeSession(), fakeData(), never)).result);
  expect(metrics(run).split("\n")).toHaveLength(4);
  expect(success(await restore(run, fakeSession()))).toEqual(
    said(" Its log has 3 steps, which are repeated."),
  );
  // An earlier version kept no account of its checkpoints: whether there were some cannot be known.
  change(join(run.path, "manifest.json"), unsealedManifest);
  const old = success(await openRun(run.path));
  expect(failure(await restore(old, fakeSession()))).toMatchObject({
    kind: "lost-checkpoints",
    made: 3,
  });
});

test("a newest checkpoint that is gone is told", async () => {
  const run = await withSteps(6, 4);
  for (const ending of ["json", "safetensors"]) unlinkSync(file(run, 6, ending));
  expect(success(await restore(run, fakeSession()))).toMatchObject({
    start: { step: 5 },
    notices: ["The checkpoint of step 6 is gone: it goes on from step 5."],
  });
});

const lines = (text: string): readonly string[] => text.trimEnd().split("\n");

test.each<
  readonly [string, (run: RunDirectory, log: readonly string[]) => void, readonly string[]]
>([
  ["whole", () => undefined, []],
  [
    "deleted",
    (run) => unlinkSync(run.metrics),
    ["metrics.jsonl is missing: the losses of steps 0 to 5 are lost."],
  ],
  [
    "emptied",
    (run) => writeFileSync(run.metrics, ""),
    ["metrics.jsonl was damaged: it has lost the losses of steps 0 to 5."],
  ],
  [
    "cut in half",
    (run, log) =>
      writeFileSync(run.metrics, `${log.slice(0, 3).join("\n")}\n${log[3]?.slice(0, 20)}`),
    ["metrics.jsonl was damaged: it has lost the losses of steps 3 to 5."],
  ],
  [
    "with garbage in the middle",
    (run, log) => writeFileSync(run.metrics, `${log.with(2, "\0\0\0\0").join("\n")}\n`),
    [
      "metrics.jsonl was damaged: it has lost the losses of step 2.",
      "metrics.jsonl held a line that cannot be read or stood out of order: taken out.",
    ],
  ],
  [
    "with strangers between its lines",
    (run, log) =>
      writeFileSync(
        run.metrics,
        `{"step":0}\n${log[0]}\n${log[0]}\n\n${log.slice(1).join("\n")}\n`,
      ),
    ["metrics.jsonl held 3 lines that cannot be read or stood out of order: taken out."],
  ],
  [
    "with a loss changed",
    (run, log) =>
      writeFileSync(run.metrics, `${log.join("\n").replace('"cycle":0', '"cycle":1')}\n`),
    [
      "metrics.jsonl was changed since the checkpoint was written: some of its numbers are not those that were logged.",
    ],
  ],
  [
    "with a number changed",
    (run, log) => writeFileSync(run.metrics, `${log.join("\n").replace('"step":2', '"step":5')}\n`),
    [
      "metrics.jsonl was damaged: it has lost the losses of step 2.",
      "metrics.jsonl held a line that cannot be read or stood out of order: taken out.",
    ],
  ],
])("a log that is %s", async (_, spoil, notices) => {
  const run = await withSteps(6);
  const log = lines(metrics(run));
  spoil(run, log);
  expect(success(await restore(run, fakeSession())).notices).toEqual(notices);
  const session = fakeSession();
  const start = { epoch: 1, stepInEpoch: 2, step: 6, elapsed: 6 };
  success((await trainIn(run, session, fakeData(), { start, limits: { steps: 8 } })).result);
  // All that can be read of it stands in order before the new lines.
  const steps = lines(metrics(run)).map((line) => JSON.parse(line).step as number);
  expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
  const lost = /steps? (\d)(?: to (\d))?/.exec(notices[0] ?? "");
  const isLost = (step: number): boolean =>
    lost !== null && step >= Number(lost[1]) && step <= Number(lost[2] ?? lost[1]);
  expect(steps).toEqual([0, 1, 2, 3, 4, 5, 6, 7].filter((step) => !isLost(step)));
});

test("a pipe in the place of a run's files stops nothing: it is said", async () => {
  const run = await withSteps(6, 4);
  for (const path of [file(run, 6), file(run, 5, "safetensors")]) {
    unlinkSync(path);
    spawnSync("mkfifo", [path]);
  }
  expect(success(await restore(run, fakeSession()))).toMatchObject({
    start: { step: 4 },
    notices: [
      "Passed over a checkpoint: step-00000006.json is a named pipe, not a file.",
      "Passed over a checkpoint: step-00000005.safetensors is a named pipe, not a file.",
    ],
  });
  unlinkSync(run.metrics);
  spawnSync("mkfifo", [run.metrics]);
  expect(failure(await restore(run, fakeSession()))).toEqual({
    kind: "file",
    path: run.metrics,
    reason: "it is a named pipe, not a file",
  });
});
