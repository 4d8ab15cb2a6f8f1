/**
 * `ganc run --engine torch --nproc 2`: what happens to one of the processes costs the steps since
 * the newest checkpoint and nothing else. The run ends with the bits of one that was left alone.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { isLeft } from "fp-ts/lib/Either.js";
import { decode } from "../../src/training/files/safetensors.js";
import { root } from "../support/specs.js";

const folder = mkdtempSync(join(tmpdir(), "ganc-elastic-"));
const bin = join(root, "bin/ganc.js");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(() => {
  writeFileSync(
    join(folder, "a.gan"),
    `import std.losses (lsgan)
domain X = image(16, 16, 3)
domain Y = image(16, 16, 3)
net G : X -> Y = conv(3, 4, pad: 1) >> batch_norm(running: true) >> relu >> dropout(0.5)
  >> conv(3, 3, pad: 1) >> tanh
net D : Y -> Scores = conv(4, 4, stride: 2) >> leaky_relu(0.2) >> conv(3, 1)
solve {
  min[G] lsgan.fool(G, D)
  min[D] lsgan.judge(D, G, history: 2)
}
train { optimizer: adam(2e-4) schedule: constant(100) augment: random_flip batch: 4 average: 0.9 }
`,
  );
});

const STEPS = 60;

interface Running {
  readonly child: ChildProcess;
  readonly run: string;
  /** What it has said. */
  readonly said: () => string;
  readonly ended: Promise<number | null>;
}

const start = (name: string, ...more: readonly string[]): Running => {
  const run = join(folder, name);
  const args = ["--data", "emoji", "--engine", "torch", "--nproc", "2", "--steps", String(STEPS)];
  const quiet = ["--sample-every", "never", "--no-report", "--checkpoint-every", "20 steps"];
  const child = spawn(
    process.execPath,
    [bin, "run", "a.gan", ...args, ...quiet, "--keep", "all", "--out", run, ...more],
    { cwd: folder },
  );
  let said = "";
  const log = (chunk: Buffer): void => {
    said += chunk.toString("utf8");
  };
  child.stdout?.on("data", log);
  child.stderr?.on("data", log);
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  return { child, run, said: () => said, ended };
};

const linesOf = (run: string): number => {
  const log = join(run, "metrics.jsonl");
  return existsSync(log) ? readFileSync(log, "utf8").split("\n").length - 1 : 0;
};

/** Waits until the run has logged so many steps. */
const steps = async ({ child, run }: Running, count: number): Promise<void> => {
  while (linesOf(run) < count && child.exitCode === null)
    await new Promise((wait) => setTimeout(wait, 10));
};

/** The processes of PyTorch, the first of them first. */
const workers = ({ child }: Running): readonly number[] =>
  execFileSync("ps", ["-o", "pid=", "--ppid", String(child.pid)], { encoding: "utf8" })
    .trim()
    .split(/\s+/)
    .map(Number)
    .sort((a, b) => a - b);

/** The numbers of the last checkpoint, whose file names the run besides. */
const stateOf = (run: string): unknown => {
  const name = `step-${String(STEPS).padStart(8, "0")}.safetensors`;
  const file = decode(readFileSync(join(run, "checkpoints", name)));
  if (isLeft(file)) throw new Error(file.left.reason);
  return [...file.right.tensors].map(([key, { shape, data }]) => [key, shape, [...data]]);
};

let undisturbed: unknown;

test("two processes train to the end", async () => {
  const running = start("undisturbed");
  expect([await running.ended, running.said()]).toEqual([0, expect.stringContaining("")]);
  expect(running.said()).toMatch(/engine: torch \d+\.\d+ on \w+, 2 processes/);
  undisturbed = stateOf(running.run);
  expect(undisturbed).toContainEqual(["history/minD/Gx/3", [2, 16, 16, 3], expect.anything()]);
});

test.each([
  ["the first", 0],
  ["the second", 1],
] as const)("%s is killed: the run goes on, to the same bits", async (name, rank) => {
  const running = start(`killed ${name}`);
  await steps(running, 30);
  process.kill(workers(running)[rank] as number, "SIGKILL");
  expect([await running.ended, running.said()]).toEqual([0, expect.stringContaining("try 1 of 3")]);
  expect(running.said()).toMatch(/failed at step \d+: its process ended by SIGKILL/);
  expect(running.said()).toContain("from step 20");
  expect(stateOf(running.run)).toEqual(undisturbed);
});

test("one that hangs is noticed, and the run goes on, to the same bits", async () => {
  const running = start("hangs", "--patience", "3");
  await steps(running, 30);
  process.kill(workers(running)[1] as number, "SIGSTOP");
  expect([await running.ended, running.said()]).toEqual([0, expect.stringContaining("try 1 of 3")]);
  expect(running.said()).toContain("its process has been silent for 3 s.");
  expect(stateOf(running.run)).toEqual(undisturbed);
});

test("--restarts bounds how often, and what was lost is told", async () => {
  const running = start("no restarts", "--restarts", "0");
  await steps(running, 30);
  process.kill(workers(running)[1] as number, "SIGKILL");
  expect(await running.ended).toBe(1);
  expect(running.said()).toContain("The newest whole checkpoint is that of step 20.");
  expect(running.said()).not.toContain("    at ");
});

test("Ctrl-C saves, and one process goes on from there", async () => {
  const running = start("interrupted");
  await steps(running, 30);
  running.child.kill("SIGINT");
  expect([await running.ended, running.said()]).toEqual([130, expect.stringContaining("saved")]);
  const saved = readdirSync(join(running.run, "checkpoints")).filter((name) =>
    name.endsWith(".safetensors"),
  );
  expect(saved.length).toBeGreaterThanOrEqual(2);
  const again = start("interrupted", "--resume", "--nproc", "1");
  expect([await again.ended, again.said()]).toEqual([0, expect.stringContaining("from step 3")]);
});

test("no process is left", () => {
  const all = execFileSync("ps", ["-eo", "args="], { encoding: "utf8" });
  expect(all).not.toContain(folder);
});
