/**
 * What a run that goes on, or is judged, keeps of how it began, and where its images are now; with
 * the built program.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { encodePng } from "../../src/data/images/image.js";
import { root } from "../support/specs.js";
import { removeTemporary, temporary } from "../training/support.js";

let folder = "";

const at = (...names: readonly string[]): string => join(folder, ...names);

const ganc = (...args: readonly string[]) => {
  const bin = join(root, "bin/ganc.js");
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd: folder,
    encoding: "utf8",
    timeout: 60_000,
  });
  return { status, stdout, stderr };
};

const spec = `domain X = image(8)
domain Y = image(8)
net G : X -> Y = conv(3, 3, pad: 1) >> tanh
net F : Y -> X = conv(3, 3, pad: 1) >> tanh
solve { min[G, F] E[x ~ X] l1(F(G(x)), x) + E[y ~ Y] l1(G(F(y)), y) }
train { optimizer: adam(1e-2) schedule: constant(100) batch: 1 }`;

beforeAll(async () => {
  folder = temporary();
  writeFileSync(at("one.gan"), spec);
  for (const [k, where] of ["trainX", "trainY", "testX", "testY"].entries()) {
    mkdirSync(at("data", where), { recursive: true });
    for (const name of ["a", "b"]) {
      const data = Uint8Array.from({ length: 192 }, (_, i) => (i * (31 + k)) % 256);
      const png = await encodePng({ width: 8, height: 8, channels: 3, data });
      writeFileSync(at("data", where, `${name}.png`), png);
    }
  }
  const intervals = ["--checkpoint-every", "3 steps", "--sample-every", "never"];
  ganc("run", "one.gan", "--data", "data", "--out", "begun", "--steps", "4", ...intervals);
});
afterAll(removeTemporary);

const copied = (run: string): string => {
  cpSync(at("begun"), at(run), { recursive: true });
  return run;
};

const savedAt = (run: string): readonly number[] =>
  readdirSync(at(run, "checkpoints")).flatMap((name) => {
    const digits = /^step-(\d+)\.json$/.exec(name)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });

test("a run goes on with the intervals that it began with, or with others that are given", () => {
  const same = copied("same");
  expect(ganc("run", same, "--resume", "--steps", "10").status).toBe(0);
  expect([savedAt(same), readdirSync(at(same, "samples"))]).toEqual([[6, 9, 10], []]);
  const other = copied("other");
  const given = ["--checkpoint-every", "4 steps", "--sample-every", "5 steps"];
  expect(ganc("run", other, "--resume", "--steps", "10", ...given).status).toBe(0);
  expect(savedAt(other)).toEqual([4, 8, 10]);
  expect(readdirSync(at(other, "samples"))).toHaveLength(2);
});

test("--keep says which checkpoints stay, and what it does not say stays as the run began", () => {
  const data = ["--data", "data", "--sample-every", "never", "--out", "kept"];
  const kept = ["--keep", "last=1, every=2 epochs"];
  expect(ganc("run", "one.gan", ...data, ...kept, "--steps", "9").status).toBe(0);
  expect(savedAt("kept")).toEqual([4, 8, 9]);
  const more = ["--checkpoint-every", "1 step", "--keep", "last=2"];
  expect(ganc("run", "kept", "--resume", "--steps", "11", ...more).status).toBe(0);
  expect(savedAt("kept")).toEqual([4, 8, 10, 11]);
  const wrong = ganc("run", "kept", "--resume", "--keep", "lst=2");
  expect([wrong.status, wrong.stderr]).toEqual([2, expect.stringContaining('is "last" meant?')]);
});

test("images that were moved are named in what to type next, and to evaluate", () => {
  const run = copied("moved");
  renameSync(at("data"), at("new place"));
  const lost = ganc("evaluate", run);
  const found = ganc("evaluate", run, "--data", "new place");
  const wrong = ganc("evaluate", run, "--data", "data", "Y=more");
  const { stdout } = ganc("run", run, "--resume", "--data", "new place", "--steps", "5");
  renameSync(at("new place"), at("data"));
  expect([lost.status, lost.stderr]).toEqual([1, expect.stringContaining("with --data FOLDER")]);
  expect([found.status, found.stderr]).toEqual([0, expect.not.stringContaining("are not those")]);
  expect(wrong.status).toBe(2);
  expect(stdout).toMatch(/^Go on with: .* run moved --resume --data 'new place'$/m);
});

test("a test image that is gone is no change of what was trained on", () => {
  rmSync(at("data/testX/b.png"));
  expect(ganc("evaluate", "begun").stderr).toContain("note: the test images have changed since");
  rmSync(at("data/trainX/b.png"));
  expect(ganc("evaluate", "begun").stderr).toContain("note: the images are not those that the run");
});
