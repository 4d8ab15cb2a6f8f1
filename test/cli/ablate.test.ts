/**
 * `ganc ablate` as a user calls it: side by side, killed and called again, and refused before
 * anything trains.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { stream } from "../../src/base/random.js";
import { encodePng } from "../../src/data/images/image.js";
import type { AblationRow } from "../../src/report/runs/ablation.js";
import { ganc as gancIn } from "../support/ganc.js";
import { root } from "../support/specs.js";
import { removeTemporary, temporary } from "../training/support.js";

let folder = "";

const ganc = (...args: readonly string[]) => gancIn(args, { cwd: folder });

const net = "conv(3, 4, pad: 1) >> relu >> conv(3, 3, pad: 1) >> tanh";
const game = (weight: string): string => `param w : Real = ${weight}
domain X = image(8)
domain Y = image(8)
net G : X -> Y = ${net}
net F : Y -> X = ${net}
solve { min[G, F] w * E[x ~ X] l1(F(G(x)), x) + E[y ~ Y] l1(G(F(y)), y) }
train { optimizer: adam(1e-2) schedule: constant(4) }
`;

const image = async (where: string, name: string): Promise<void> => {
  mkdirSync(join(folder, where), { recursive: true });
  const uniform = stream(1, `${where}/${name}`);
  const data = Uint8Array.from({ length: 192 }, (_, i) => 200 * uniform(i));
  const png = await encodePng({ width: 8, height: 8, channels: 3, data });
  writeFileSync(join(folder, where, `${name}.png`), png);
};

beforeAll(async () => {
  folder = temporary();
  writeFileSync(join(folder, "one.gan"), game("1"));
  writeFileSync(join(folder, "two.gan"), game("3"));
  writeFileSync(join(folder, "wide.gan"), game("1").replaceAll("image(8)", "image(16)"));
  writeFileSync(join(folder, "wrong.gan"), game("1").replace("min[G, F]", "min[G, H]"));
  for (let i = 0; i < 6; i++) {
    await image("data/trainX", `x${i}`);
    await image("data/trainY", `y${i}`);
    await image("data/testX", `${i}`);
    await image("data/testY", `${i}`);
  }
});

afterAll(removeTemporary);

const args = (out: string, ...more: readonly string[]): readonly string[] => [
  "ablate",
  "one.gan",
  "two.gan",
  "--data",
  "data",
  "--seeds",
  "2",
  "--out",
  out,
  ...more,
];

const budget = ["--epochs", "2", "--hold-out", "2", "--measure-every", "1 epoch"];

interface Stored {
  readonly rows: readonly AblationRow[];
  readonly runs: readonly {
    readonly spec: string;
    readonly seed: number;
    readonly checkpoints: readonly unknown[];
  }[];
}

const stored = (out: string): Stored =>
  JSON.parse(readFileSync(join(folder, out, "ablation.json"), "utf8"));

const isThere = (path: string): boolean => existsSync(join(folder, path));

test("specs stand side by side, over seeds and over images, and each run is a run", () => {
  const { status, stdout, stderr } = ganc(...args("straight", ...budget));
  expect(status).toBe(0);
  expect(stdout).toContain("L1 of G, last checkpoint: lower is better");
  expect(stdout).toMatch(/^ {2}one +0\.\d+ {3}-?\d+\.\d+ \d+\.\d+ +0\.\d+ 0\.\d+\n {2}two /m);
  // What runs say on the way is on the other stream
  expect(stdout).not.toContain("Stopped as --epochs asks");
  expect(stderr).toContain("Stopped as --epochs asks");
  expect(stderr).not.toContain("Go on with:");
  const { rows, runs } = stored("straight");
  expect(runs.map(({ spec, seed }) => [spec, seed])).toEqual([
    ["one", 0],
    ["two", 0],
    ["one", 1],
    ["two", 1],
  ]);
  expect(new Set(rows.map(({ checkpoint }) => checkpoint))).toEqual(new Set(["last", "best"]));
  const l1 = rows.filter(({ name, network }) => name === "l1" && network === "G");
  expect(l1.map(({ spec, runs: of, images }) => [spec, of, images])).toEqual([
    ["one", 2, 6],
    ["two", 2, 6],
    ["one", 2, 6],
    ["two", 2, 6],
  ]);
  const report = readFileSync(join(folder, "straight/report.md"), "utf8");
  expect(report).toContain("ganc ablate one.gan two.gan --data data --seeds 2 --out straight");
  expect(report).toContain("- two, seed 1: `straight/two/seed-1`");
  expect(ganc("evaluate", "straight/one/seed-0").status).toBe(0);
});

test("killed wherever it is, and called again, it ends with the same table", async () => {
  for (const place of ["killed/one/seed-0", "killed/two/seed-0", "killed/two/seed-1"]) {
    const child = spawn(
      process.execPath,
      [join(root, "bin/ganc.js"), ...args("killed", ...budget)],
      {
        cwd: folder,
        stdio: "ignore",
      },
    );
    const ended = new Promise<string | null>((done) =>
      child.on("close", (_, signal) => done(signal)),
    );
    const steps = (): number => {
      const path = join(folder, place, "metrics.jsonl");
      return existsSync(path) ? readFileSync(path, "utf8").split("\n").length : 0;
    };
    while (steps() < 4 && child.exitCode === null) await wait(2);
    child.kill("SIGKILL");
    expect([place, await ended]).toEqual([place, "SIGKILL"]);
  }
  expect(isThere("killed/ablation.json")).toBe(false);
  const last = ganc(...args("killed", ...budget));
  expect(last.status).toBe(0);
  expect(stored("killed").rows).toEqual(stored("straight").rows);
  expect(stored("killed").runs.map(({ checkpoints }) => checkpoints)).toEqual(
    stored("straight").runs.map(({ checkpoints }) => checkpoints),
  );
});

test("what is done is not trained again, and a larger budget goes on", () => {
  const before = readFileSync(join(folder, "straight/one/seed-0/metrics.jsonl"), "utf8");
  const again = ganc(...args("straight", ...budget, "--json"));
  expect(again.status).toBe(0);
  expect(JSON.parse(again.stdout)).toEqual(stored("straight"));
  expect(again.stderr).not.toContain("engine:");
  expect(readFileSync(join(folder, "straight/one/seed-0/metrics.jsonl"), "utf8")).toBe(before);
  const more = ganc(...args("straight", "--hold-out", "2", "--epochs", "3"));
  expect(more.status).toBe(0);
  expect(
    readFileSync(join(folder, "straight/one/seed-0/metrics.jsonl"), "utf8").startsWith(before),
  ).toBe(true);
});

test("what is wrong is told before anything trains", () => {
  const refused = (specs: readonly string[], ...more: readonly string[]) => {
    const said = ganc(
      "ablate",
      ...specs,
      "--data",
      "data",
      "--out",
      "refused",
      "--steps",
      "2",
      ...more,
    );
    expect(isThere("refused")).toBe(false);
    return said;
  };
  const wrong = refused(["one.gan", "wrong.gan"]);
  expect([wrong.status, wrong.stderr]).toEqual([1, expect.stringContaining("wrong.gan:")]);
  expect(refused(["one.gan", "wide.gan"])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(
      "An ablation compares on equal images: one.gan draws X 8 x 8 x 3",
    ),
  });
  expect(refused(["one.gan", "one.gan"])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("would both be called one"),
  });
  expect(refused(["one.gan"], "--set", "v=1").status).toBe(1);
  expect(refused(["one.gan"], "--hold-out", "6").stderr).toContain("too few to hold out 6");
  expect(refused(["one.gan"], "--seeds", "0").status).toBe(2);
});

test("a run that trained past the budget is refused, by both numbers", () => {
  const one = ["ablate", "one.gan", "--data", "data", "--out", "past", "--seeds"];
  expect(ganc(...one, "1", "--steps", "6").status).toBe(0);
  const table = readFileSync(join(folder, "past/report.md"), "utf8");
  const refused = (...limits: readonly string[]) => {
    const { status, stderr } = ganc(...one, "2", ...limits);
    expect(readdirSync(join(folder, "past/one"))).toEqual(["seed-0"]);
    expect(readFileSync(join(folder, "past/report.md"), "utf8")).toBe(table);
    return [status, stderr];
  };
  expect(refused("--steps", "3")).toEqual([
    2,
    expect.stringContaining(
      "past/one/seed-0 has trained for 6 steps, past the budget of --steps 3",
    ),
  ]);
  expect(ganc(...one, "1", "--steps", "8").status).toBe(0);
  const file = readFileSync(join(folder, "past/report.md"), "utf8");
  expect(file).toContain("budget: 8 steps for each run");
});

test("one budget holds for all, by whatever it is told", () => {
  const one = ["ablate", "one.gan", "--data", "data", "--out", "held", "--seeds"];
  expect(ganc(...one, "1", "--steps", "2", "--minutes", "5").status).toBe(0);
  const refused = (...limits: readonly string[]) => {
    const { status, stderr } = ganc(...one, "2", ...limits);
    expect(readdirSync(join(folder, "held/one"))).toEqual(["seed-0"]);
    return [status, stderr.replaceAll(/\s+/g, " ")];
  };
  expect(refused("--steps", "2", "--minutes", "3")).toEqual([
    2,
    expect.stringContaining(
      "have had a budget of --steps 2 --minutes 5, and --steps 2 --minutes 3 is less",
    ),
  ]);
  expect(refused("--minutes", "3")[0]).toBe(2);
  expect(ganc(...one, "1", "--steps", "3").status).toBe(0);
  expect(refused("--steps", "3", "--minutes", "5")[1]).toContain("a budget of --steps 3, and");
});

test("a folder with runs that began otherwise is refused, by what differs", () => {
  const differing = (...more: readonly string[]) =>
    ganc(...args("killed", "--epochs", "2", ...more)).stderr;
  expect(differing("--hold-out", "3")).toContain("began otherwise: --hold-out is not what it was");
  expect(differing("--hold-out", "2", "--set", "w=5")).toContain(
    "the spec one.gan, or a param of it,",
  );
  expect(readdirSync(join(folder, "killed/one"))).toEqual(["seed-0", "seed-1"]);
});
