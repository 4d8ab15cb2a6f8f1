/**
 * Images that are held out: never trained on, measured by while a run trains, and the best
 * checkpoint chosen by them.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { isLeft } from "fp-ts/lib/Either.js";
import { stream } from "../../src/base/random.js";
import { encodePng } from "../../src/data/images/image.js";
import { readEvaluation } from "../../src/training/logs/evaluation.js";
import { type MeasuresLine, readMeasures } from "../../src/training/logs/measures-log.js";
import { ganc as gancIn } from "../support/ganc.js";
import { removeTemporary, temporary } from "../training/support.js";

let folder = "";

const ganc = (...args: readonly string[]) => gancIn(args, { cwd: folder });

const net = "conv(3, 4, pad: 1) >> relu >> conv(3, 3, pad: 1) >> tanh";
const game = `domain X = image(16)
domain Y = image(16)
net G : X -> Y = ${net}
net F : Y -> X = ${net}
net D : Y -> Scores = conv(4, 4, stride: 2, pad: 1) >> leaky_relu(0.2) >> conv(4, 1, pad: 1)
solve {
  min[D] E[y ~ Y] softplus(-D(y)) + E[x ~ X] softplus(D(stop(G(x))))
  then min[G, F] E[x ~ X] (softplus(-D(G(x))) + l1(F(G(x)), x)) + E[y ~ Y] l1(G(F(y)), y)
}
train { optimizer: adam(2e-2) schedule: constant(4) }
`;

/** Of a share that differs from image to image the pixels are bright. */
const picture = async (where: string, name: string, bright: number): Promise<void> => {
  mkdirSync(join(folder, where), { recursive: true });
  const uniform = stream(1, `${where}/${name}`);
  const data = Uint8Array.from({ length: 768 }, (_, i) => (uniform(i) < bright ? 220 : 30));
  writeFileSync(
    join(folder, where, name),
    await encodePng({ width: 16, height: 16, channels: 3, data }),
  );
};

beforeAll(async () => {
  folder = temporary();
  writeFileSync(join(folder, "game.gan"), game);
  for (let i = 0; i < 12; i++) {
    await picture("data/trainX", `x${i}.png`, 0.2);
    await picture("data/trainY", `y${i}.png`, 0.7);
  }
});

afterAll(removeTemporary);

const begun = (out: string, ...args: readonly string[]) =>
  ganc("run", "game.gan", "--data", "data", "--out", out, "--no-report", ...args);

const held = ["--hold-out", "3"];

const measuresOf = async (run: string): Promise<readonly MeasuresLine[]> => {
  const lines = await readMeasures(join(folder, run, "measures.jsonl"));
  if (isLeft(lines)) throw new Error(lines.left);
  return lines.right;
};

const json = (path: string) => JSON.parse(readFileSync(join(folder, path), "utf8"));

test("held-out images are noted down, are not trained on, and are measured by", async () => {
  const { status, stderr } = begun(
    "straight",
    ...held,
    "--measure-every",
    "1 epoch",
    "--keep",
    "last=1, best",
  );
  expect([status, stderr]).toEqual([
    0,
    expect.stringContaining("held out of training, chosen by name: X 3, Y 3"),
  ]);
  expect(stderr).toContain("4 epochs of 9 steps");
  expect(stderr).toContain("measured every epoch by the held-out images");
  const images = json("straight/images.json");
  expect([images.train.X.length, images.held.X.length, images.test]).toEqual([9, 3, undefined]);
  const lines = await measuresOf("straight");
  expect(lines.map(({ step, epoch }) => [step, epoch])).toEqual([
    [9, 1],
    [18, 2],
    [27, 3],
    [36, 4],
  ]);
  for (const { measures, score } of lines) {
    expect(new Set(measures.map(({ network }) => network))).toEqual(new Set(["G", "F"]));
    expect(measures.map(({ count }) => count)).toEqual(measures.map(() => 3));
    const mean = (name: string) =>
      measures.filter((one) => one.name === name).reduce((sum, { value }) => sum + value / 2, 0);
    expect(score?.value).toBeCloseTo(mean("colour_histogram") + mean("swd") / 1000, 9);
  }
});

test("the checkpoint of the best score stays, and evaluate tells of it beside the last", async () => {
  const lines = await measuresOf("straight");
  const best = lines.reduce((a, b) => ((b.score?.value ?? 9) < (a.score?.value ?? 9) ? b : a));
  const kept = readdirSync(join(folder, "straight/checkpoints")).filter((n) =>
    /^step-.*json$/.test(n),
  );
  const nameOf = (step: number) => `step-${String(step).padStart(8, "0")}.json`;
  expect(kept).toEqual([...new Set([best.step, 36])].map(nameOf));
  const { status, stdout, stderr } = ganc("evaluate", "straight");
  expect(status).toBe(0);
  expect(stdout).toContain("Of 3 held-out images of X and 3 of Y");
  expect(stderr).toContain("the best checkpoint was chosen by them, which flatters it");
  const file = await readEvaluation(join(folder, "straight/evaluation/evaluation.json"));
  expect(file).toMatchObject({
    right: {
      split: "held",
      checkpoints: [
        { checkpoint: "last", step: 36 },
        { checkpoint: "best", step: best.step },
      ],
    },
  });
  if (best.step !== 36)
    expect(stdout).toMatch(new RegExp(`last, step 36 +best, step ${best.step}`));
});

test("a run that ends early and goes on has the measures of one that never ended", async () => {
  const every = [...held, "--measure-every", "1 epoch", "--keep", "last=1, best"];
  expect(begun("parts", ...every, "--steps", "13").status).toBe(0);
  for (const steps of ["18", "20", "40"])
    expect(ganc("run", "parts", "--resume", "--no-report", "--steps", steps).status).toBe(0);
  expect(await measuresOf("parts")).toEqual(await measuresOf("straight"));
  const names = (run: string) => readdirSync(join(folder, run, "checkpoints")).sort();
  expect(names("parts")).toEqual(names("straight"));
  const again = ganc("run", "parts", "--resume", ...held);
  expect(again).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("leave out --hold-out"),
  });
});

test("a line that was cut off, and those of steps that are made again, are written anew", async () => {
  const every = [...held, "--measure-every", "1 epoch"];
  expect(begun("torn", ...every, "--steps", "20").status).toBe(0);
  const path = join(folder, "torn/measures.jsonl");
  const [first = "", second = ""] = readFileSync(path, "utf8").split("\n");
  const later = second.replace('"step":18', '"step":27');
  writeFileSync(path, `${first}\n${second}\n${later}\n${second.slice(0, 100)}`);
  expect(ganc("run", "torn", "--resume", "--no-report", "--steps", "30").status).toBe(0);
  const straight = readFileSync(join(folder, "straight/measures.jsonl"), "utf8").split("\n");
  expect(readFileSync(path, "utf8")).toBe(`${straight.slice(0, 3).join("\n")}\n`);
});

test("without held-out images nothing is measured, and too many are refused before anything is made", () => {
  const { stderr } = begun("bare", "--steps", "20");
  expect(stderr).not.toContain("held");
  expect(readdirSync(join(folder, "bare"))).not.toContain("measures.jsonl");
  expect(json("bare/images.json").held).toBeUndefined();
  const many = begun("none", "--hold-out", "12");
  expect(many).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("too few to hold out 12"),
  });
  expect(begun("none", "--hold-out", "all").stderr).toContain(
    'write for example "20", or a share as "10%"',
  );
  expect(readdirSync(folder)).not.toContain("none");
});

test("--measure-every takes counts alone, and says where it does nothing", () => {
  const timed = begun("none", ...held, "--measure-every", "5 min");
  expect(timed).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('"5 min" is a time, but only counts are allowed here'),
  });
  const odd = begun("none", ...held, "--measure-every", "often");
  expect(odd.stderr).toContain('write for example "500 steps", "1 epoch" or "never"');
  expect(odd.stderr).not.toContain("5 min");
  expect(readdirSync(folder)).not.toContain("none");
  const idle = begun("idle", "--measure-every", "1 epoch", "--steps", "1");
  expect([idle.status, idle.stderr]).toEqual([
    0,
    expect.stringContaining("--measure-every has no effect"),
  ]);
});

test("held-out images that change or go are told, and stay out of training where they come back", async () => {
  const [line = ""] = json("straight/images.json").held.X;
  const name = line.split(" ").slice(2).join(" ");
  await picture("data/trainX", name, 0.9);
  const changed = ganc("evaluate", "straight");
  expect(changed.status).toBe(0);
  rmSync(join(folder, "data/trainX", name));
  expect(begun("short", "--steps", "1").status).toBe(0);
  const gone = ganc("run", "parts", "--resume", "--no-report");
  expect(gone.stderr).toContain(
    `X: 1 image of the held-out has gone since the run began: ${name}.`,
  );
  expect(ganc("evaluate", "straight").stdout).toContain("Of 2 held-out images of X");
});
