/** Runs of a small spec in several processes of PyTorch, for tests that end some. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isLeft } from "fp-ts/lib/Either.js";
import { decode } from "../../src/training/files/safetensors.js";
import { root } from "./specs.js";

const bin = join(root, "bin/ganc.js");

/** Statistics of a batch, dropout, a history and an average: what processes must share. */
const text = `import std.losses (lsgan)
domain X = image(16, 16, 3)
domain Y = image(16, 16, 3)
net G : X -> Y = conv(3, 4, pad: 1) >> batch_norm(running: true) >> relu >> dropout(0.5)
  >> conv(3, 3, pad: 1) >> tanh
net D : Y -> Scores = conv(4, 4, stride: 2) >> leaky_relu(0.2) >> conv(3, 1)
solve {
  min[G] lsgan.fool(G, D)
  min[D] lsgan.judge(D, G, history: 2)
}
train { optimizer: adam(2e-4) schedule: constant(100) augment: random_flip batch: 4 average: 0.9 }`;

/** A folder with the spec `a.gan`. */
export const folderWithSpec = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "ganc-shared-"));
  writeFileSync(join(folder, "a.gan"), text);
  return folder;
};

/** Steps of every run. */
export const STEPS = 60;

export interface Running {
  readonly child: ChildProcess;
  readonly run: string;
  /** What it has said. */
  readonly said: () => string;
  readonly ended: Promise<number | null>;
}

/** Starts a run into a folder's subfolder `name`. */
export const start = (folder: string, name: string, ...more: readonly string[]): Running => {
  const run = join(folder, name);
  const args = ["--data", "emoji", "--engine", "torch", "--steps", String(STEPS)];
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
export const steps = async ({ child, run }: Running, count: number): Promise<void> => {
  while (linesOf(run) < count && child.exitCode === null)
    await new Promise((wait) => setTimeout(wait, 10));
};

/** The processes of PyTorch that it has started, in the order of ranks. */
export const workers = ({ child }: Running): readonly number[] =>
  execFileSync("ps", ["-o", "pid=", "--ppid", String(child.pid)], { encoding: "utf8" })
    .trim()
    .split(/\s+/)
    .map(Number)
    .sort((a, b) => a - b);

/** The numbers of the last checkpoint, whose file names the run besides. */
export const stateOf = (run: string): unknown => {
  const name = `step-${String(STEPS).padStart(8, "0")}.safetensors`;
  const file = decode(readFileSync(join(run, "checkpoints", name)));
  if (isLeft(file)) throw new Error(file.left.reason);
  return [...file.right.tensors].map(([key, { shape, data }]) => [key, shape, [...data]]);
};
