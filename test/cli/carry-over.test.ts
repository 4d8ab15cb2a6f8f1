/**
 * A run goes on with a spec that has changed, where what it has learnt fits it; with the built
 * program.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { encodePng } from "../../src/data/images/image.js";
import { root } from "../support/specs.js";
import { removeTemporary, temporary } from "../training/support.js";

let folder = "";
let template = "";

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

const spec = `param lambda : Real = 10
param epochs : Int = 2
param rate : Real = 1e-2
param width : Int = 4
param batch : Int = 1
param average : Real = 0
domain X = image(8)
domain Y = image(8)
net G : X -> Y = conv(3, width, pad: 1) >> relu >> conv(3, 3, pad: 1) >> tanh
net F : Y -> X = conv(3, 3, pad: 1) >> tanh
net D : Y -> Scores = conv(4, 1, stride: 2, pad: 1)
solve {
  min[G, F] lambda * E[x ~ X] l1(F(G(x)), x) + E[x ~ X] softplus(-D(G(x)))
  min[D] E[y ~ Y] softplus(-D(y)) + E[x ~ X] softplus(D(replay(G(x), 4)))
}
train { optimizer: adam(rate) schedule: constant(epochs) batch: batch average: average }
`;

const never = ["--sample-every", "never"];

/** Eight steps, two epochs. */
const trained = (): void => {
  const begun = ["run", "game.gan", "--data", "data", "--out", "run", ...never, "--keep", "all"];
  expect(ganc(...begun).status).toBe(0);
};

beforeAll(async () => {
  template = temporary();
  folder = template;
  writeFileSync(at("game.gan"), spec);
  for (const [k, where] of ["trainX", "trainY"].entries()) {
    mkdirSync(at("data", where), { recursive: true });
    for (const name of ["a", "b", "c", "d"]) {
      const data = Uint8Array.from({ length: 192 }, (_, i) => (i * (31 + k)) % 256);
      const png = await encodePng({ width: 8, height: 8, channels: 3, data });
      writeFileSync(at("data", where, `${name}.png`), png);
    }
  }
  trained();
});
beforeEach(() => {
  folder = temporary();
  cpSync(template, folder, { recursive: true });
});
afterAll(removeTemporary);

const edit = (from: string, to: string): void => {
  const text = readFileSync(at("game.gan"), "utf8");
  expect(text).toContain(from);
  writeFileSync(at("game.gan"), text.replace(from, to));
};

const manifest = () => JSON.parse(readFileSync(at("run/manifest.json"), "utf8"));

const steps = (): number =>
  readFileSync(at("run/metrics.jsonl"), "utf8").trimEnd().split("\n").length;

const resume = (...more: readonly string[]) =>
  ganc("run", "game.gan", "--out", "run", "--resume", ...more);

test("more epochs for a run that has ended, told, refused without the flag, and done with it", () => {
  edit("epochs : Int = 2", "epochs : Int = 3");
  const refused = resume();
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain("game.gan has changed since run began.\n\nParams\n  epochs: 3");
  expect(refused.stderr).toContain("schedule: constant(3)");
  expect(refused.stderr).toContain("add --carry-over");
  expect([steps(), manifest().past]).toEqual([8, undefined]);
  const done = resume("--carry-over");
  expect([done.status, done.stderr]).toEqual([
    0,
    expect.stringContaining("note: goes on with game.gan as it is now:\n\nParams\n  epochs: 3"),
  ]);
  expect(steps()).toBe(12);
  expect(manifest()).toMatchObject({
    format: 3,
    spec: { params: { epochs: 3 } },
    past: [{ from: 0, to: 8, spec: { params: { epochs: 2 } } }],
  });
  // Checkpoints of before are read by the spec of before
  const image = ["data/trainX/a.png", "--net", "G"];
  const old = ganc("translate", "run", ...image, "--checkpoint", "8");
  expect([old.status, old.stderr]).toEqual([0, expect.stringContaining("is of the one before")]);
  const now = ganc("translate", "run", ...image);
  expect([now.status, now.stderr]).toEqual([0, expect.not.stringContaining("note: Another")]);
  const over = "note: nothing is left to do: all 3 epochs of the schedule are done.";
  expect(resume()).toMatchObject({ status: 0, stderr: expect.stringContaining(over) });
});

test("a change that is remembered before a step is made by it is gone on with", () => {
  edit("epochs : Int = 2", "epochs : Int = 3");
  expect(resume("--carry-over", "--steps", "8").status).toBe(0);
  expect([steps(), manifest().past?.[0]?.to]).toEqual([8, 8]);
  // Nothing was saved since: the newest checkpoint is of the spec before
  expect(ganc("translate", "run", "data/trainX/a.png", "--net", "G").stderr).toContain(
    "is of the one before",
  );
  expect(ganc("run", "run", "--resume").status).toBe(0);
  expect(steps()).toBe(12);
});

test("by --set on the run's folder, more than once, and back", () => {
  const wider = ganc("run", "run", "--resume", "--set", "lambda=5", "--set", "epochs=3");
  expect([wider.status, wider.stderr]).toEqual([2, expect.stringContaining("add --carry-over")]);
  const change = (...sets: readonly string[]) =>
    ganc("run", "run", "--resume", "--carry-over", ...sets.flatMap((one) => ["--set", one]));
  expect(change("lambda=5", "epochs=3", "rate=1e-3").status).toBe(0);
  expect(change("epochs=4", "lambda=10").status).toBe(0);
  expect(steps()).toBe(16);
  const { past, sets, spec: now } = manifest();
  expect(past.map(({ from, to }: Record<string, number>) => [from, to])).toEqual([
    [0, 8],
    [8, 12],
  ]);
  expect(sets).toEqual({ lambda: "10", epochs: "4", rate: "1e-3" });
  expect(now.params).toMatchObject({ lambda: 10, epochs: 4, rate: 0.001 });
  for (const step of [8, 12, 16])
    expect(ganc("translate", "run", "data/trainX/a.png", "--checkpoint", `${step}`).status).toBe(0);
  // The file on disk has the default of before, and the run was given another: nothing has changed
  expect(resume("--carry-over")).toMatchObject({
    status: 0,
    stderr: expect.stringContaining("nothing has changed that --carry-over could carry over"),
  });
});

test.each([
  [
    "width : Int = 4",
    "width : Int = 5",
    /param\/G\.\S+ is \[3, 3, 3, 4\], and would be \[3, 3, 3, 5\], and 8 more tensors/,
  ],
  [
    "average : Real = 0",
    "average : Real = 0.9",
    /average\/\S+ \[.*\], and \d+ more tensors would be needed/,
  ],
  ["adam(rate)", "sgd(rate)", /adam\.m\/\S+, and \d+ more tensors would have no place/],
  [
    "replay(G(x), 4)",
    "replay(G(x), 2)",
    /history\/\S+ as \[4, 8, 8, 3\], but it must be \[2, 8, 8, 3\]/,
  ],
  ["batch : Int = 1", "batch : Int = 2", /history/],
])("%s to %s is refused by the tensor that would change", (from, to, words) => {
  edit(from, to);
  const before = readFileSync(at("run/manifest.json"), "utf8");
  const refused = resume("--carry-over");
  expect([refused.status, refused.stderr]).toEqual([2, expect.stringMatching(words)]);
  expect(readFileSync(at("run/manifest.json"), "utf8")).toBe(before);
});

test("words that mean the same need no flag, and a file that is gone is not missed", () => {
  // Of a copy the run does not know where its file is now
  rmSync(at("run"), { recursive: true });
  trained();
  edit("domain X", "-- the first\ndomain X");
  expect(resume()).toMatchObject({
    status: 0,
    stderr: expect.stringContaining(
      "game.gan has changed since the run began, and means the same.",
    ),
  });
  const image = ["translate", "run", "data/trainX/a.png"];
  expect(ganc(...image).stderr).not.toContain("note: game.gan");
  edit("lambda : Real = 10", "lambda : Real = 9");
  const told = "note: game.gan has changed since this run began, which keeps to its own copy:";
  for (const args of [image, ["run", "run", "--resume"]])
    expect(ganc(...args)).toMatchObject({
      status: 0,
      stderr: expect.stringContaining(`${told}\n\nParams\n  lambda: 9, was 10`),
    });
  expect(ganc("run", "run", "--resume", "--carry-over").stderr).toContain(
    "to take it in: ganc run game.gan --out run --resume --carry-over",
  );
  const diff = ganc("diff", "run", "game.gan");
  expect(diff).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(/^Params\n {2}lambda: 9/),
  });
  writeFileSync(at("game.gan"), "no spec");
  expect(ganc(...image).stderr).toContain("and does not compile now");
  rmSync(at("game.gan"));
  for (const args of [
    [...image, "--net", "G"],
    ["run", "run", "--resume"],
  ])
    expect(ganc(...args)).toMatchObject({
      status: 0,
      stderr: expect.not.stringContaining("game.gan has changed"),
    });
});

test("a batch of another size waits for the beginning of an epoch", () => {
  const plain = spec.replace("replay(G(x), 4)", "G(x)");
  writeFileSync(at("game.gan"), plain);
  ganc("run", "game.gan", "--data", "data", "--out", "plain", ...never, "--steps", "6");
  const change = (...more: readonly string[]) =>
    ganc("run", "plain", "--resume", "--carry-over", "--set", "batch=2", ...more);
  const within = change();
  expect([within.status, within.stderr]).toEqual([
    2,
    expect.stringContaining(
      "batch is 1, and would be 2, and step 6 lies within epoch 2, of which 2 steps are made",
    ),
  ]);
  const { status } = ganc("run", "plain", "--resume", "--epochs", "2");
  expect([status, change("--set", "epochs=3").status]).toEqual([0, 0]);
  const log = readFileSync(at("plain/metrics.jsonl"), "utf8").trimEnd().split("\n");
  expect(log).toHaveLength(4 + 4 + 2);
  expect(change("--set", "epochs=4").status).toBe(0);
});

test("the flag without a run to go on with, and where nothing is learnt yet", () => {
  expect(ganc("run", "game.gan", "--data", "data", "--carry-over")).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("add --resume"),
  });
  rmSync(at("run/checkpoints"), { recursive: true });
  rmSync(at("run/metrics.jsonl"));
  rmSync(at("run/saved.json"));
  const none = ganc("run", "run", "--resume", "--carry-over", "--set", "lambda=1");
  expect([none.status, none.stderr]).toEqual([
    2,
    expect.stringContaining("has learnt nothing yet"),
  ]);
});
