/** The specs that a run had one after the other, and whose checkpoints are whose. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { isLeft } from "fp-ts/lib/Either.js";
import { listCheckpoints } from "../../src/training/checkpoints/checkpoint-list.js";
import { loadCheckpoint } from "../../src/training/checkpoints/find-checkpoint.js";
import { seal } from "../../src/training/files/decode.js";
import {
  carriedOver,
  decodeManifest,
  encodeManifest,
  goneBack,
  type Manifest,
  specAt,
  specBegan,
  withSettings,
} from "../../src/training/run-directory/manifest.js";
import {
  belonging,
  openRun,
  rewriteManifest,
} from "../../src/training/run-directory/run-directory.js";
import { fakeData, fakeProgram, fakeSession } from "./fake.js";
import { fakeManifest, newRun, removeTemporary, resume, success, trainIn } from "./support.js";

afterAll(removeTemporary);

const withLambda = (manifest: Manifest, lambda: number, step: number): Manifest =>
  carriedOver(manifest, {
    program: { ...fakeProgram, params: { ...fakeProgram.params, lambda } },
    sets: { lambda: String(lambda) },
    place: undefined,
    streams: ["init/<parameter>"],
    step,
    now: "2020-01-01T00:00:00.000Z",
  });

const history = (manifest: Manifest) => [
  ...(manifest.past ?? []).map(({ spec, from, to }) => [spec.params.lambda, from, to]),
  [manifest.spec.params.lambda, specBegan(manifest)],
];

const twice = withLambda(withLambda(fakeManifest(), 5, 10), 2, 25);

test("each spec has the steps that it trained", () => {
  expect(history(twice)).toEqual([
    [10, 0, 10],
    [5, 10, 25],
    [2, 25],
  ]);
  const trainedBy = [1, 10, 11, 25, 26, 1000].map((step) => specAt(twice, step).params.lambda);
  expect(trainedBy).toEqual([10, 10, 5, 5, 2, 2]);
});

test("a run that goes on from before what a spec trained was not trained by it", () => {
  expect(goneBack(twice, 30)).toBe(twice);
  expect(history(goneBack(twice, 20))).toEqual([
    [10, 0, 10],
    [5, 10, 20],
    [2, 20],
  ]);
  expect(history(goneBack(twice, 7))).toEqual([
    [10, 0, 7],
    [2, 7],
  ]);
  expect(history(withLambda(twice, 1, 20))).toEqual([
    [10, 0, 10],
    [5, 10, 20],
    [1, 20],
  ]);
  // Nothing was trained by the one that is left at once
  expect(history(withLambda(twice, 1, 25))).toEqual([
    [10, 0, 10],
    [5, 10, 25],
    [1, 25],
  ]);
});

const textOf = (manifest: Manifest): string =>
  Buffer.concat(encodeManifest(manifest).map((bytes) => Buffer.from(bytes))).toString("utf8");

test("the past is under the fingerprints, and of a format that tells of it", () => {
  const text = textOf(twice);
  expect(JSON.parse(text).format).toBe(3);
  const read = decodeManifest(text);
  expect(isLeft(read) ? read.left : history(read.right)).toEqual(history(twice));
  expect(isLeft(decodeManifest(text.replace('"to": 10', '"to": 11')))).toBe(true);
  const { fingerprint: _, ...fields } = JSON.parse(text);
  fields.past[0].spec.params.lambda = 11;
  expect(decodeManifest(JSON.stringify(seal(fields)))).toMatchObject({
    left: expect.stringContaining("does not fit its fingerprint"),
  });
});

test("settings that are given stay, and the others stay as they were", () => {
  const begun = withSettings(fakeManifest(), { samples: { steps: 5 } }, { last: 1 });
  expect(withSettings(begun, {}, undefined)).toBe(begun);
  const next = withSettings(begun, { checkpoints: { steps: 7 } }, { best: false });
  expect([next.intervals, next.keep]).toEqual([
    { samples: { steps: 5 }, checkpoints: { steps: 7 } },
    { last: 1, best: false },
  ]);
});

test("checkpoints of each spec are the run's own, and those of another spec at their steps are not", async () => {
  const run = await newRun();
  const session = fakeSession();
  const every = { checkpointEvery: { steps: 1 }, keep: 20 };
  success((await trainIn(run, session, fakeData(), { ...every, limits: { steps: 4 } })).result);
  const changed = success(await rewriteManifest(run, withLambda(run.manifest, 5, 4)));
  const start = await resume(changed, session);
  const more = { ...every, start, limits: { steps: 8 } };
  success((await trainIn(changed, session, fakeData(), more)).result);
  const reopened = success(await openRun(run.path));
  expect(await listCheckpoints(run.checkpoints)).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
  const load = (manifest: Manifest, only: number) =>
    loadCheckpoint(run.checkpoints, belonging({ ...run, manifest }), fakeSession(), { only });
  for (const only of [1, 4, 5, 8]) success(await load(reopened.manifest, only));
  const other = withLambda(reopened.manifest, 1, 8);
  for (const only of [4, 8]) success(await load(other, only));
  // Who says that the change came sooner has not made these
  expect(await load(withLambda(run.manifest, 5, 3), 4)).toMatchObject({
    left: { reasons: [expect.stringContaining("was made by another spec than the run's")] },
  });
  expect(readFileSync(join(run.path, "manifest.json"), "utf8")).toContain('"past"');
});
