/**
 * `ganc run --engine torch`: a run moves between engines at its checkpoints, and what happens to
 * the process of PyTorch is told in words.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { EngineFailure } from "../../src/engines/sessions/failure.js";
import { torchSession } from "../../src/engines/torch/session.js";
import { startTeam } from "../../src/engines/torch/team.js";
import { inputOf } from "../support/batches.js";
import { constructs } from "../support/constructs.js";
import { programOf, root } from "../support/specs.js";

const python = process.env.GANC_TORCH_PYTHON ?? "python3";
const folder = mkdtempSync(join(tmpdir(), "ganc-engine-"));
const bin = join(root, "bin/ganc.js");
const run = join(folder, "run");

beforeAll(() => {
  writeFileSync(
    join(folder, "a.gan"),
    `domain X = image(16, 16, 3)
domain Y = image(16, 16, 3)
net G : X -> Y = conv(3, 4, pad: 1) >> instance_norm >> relu >> conv(3, 3, pad: 1) >> tanh
net D : Y -> Scores = conv(4, 4, stride: 2) >> leaky_relu(0.2) >> conv(3, 1)
loss gan(G : a -> b, D : b -> Scores) =
  E[y ~ b] log(sigmoid(D(y))) + E[x ~ a] log(1 - sigmoid(D(G(x))))
solve { min[G] max[D] gan(G, D) }
train { optimizer: adam(2e-4) schedule: constant(1) augment: random_flip }
`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const arguments_ = ["--data", "emoji", "--sample-every", "never"];

/** All that a run says. */
const ganc = (args: readonly string[]): string => {
  const options = { cwd: folder, encoding: "utf8" } as const;
  const { stderr, stdout } = spawnSync(process.execPath, [bin, "run", ...args], options);
  return `${stderr}${stdout}`;
};

/** Steps, from 0, of the run's log. */
const metrics = (): readonly { readonly step: number }[] =>
  readFileSync(join(run, "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

test("a run goes from PyTorch to ONNX Runtime and back", () => {
  const first = ganc(["a.gan", ...arguments_, "--engine", "torch", "--steps", "3", "--out", run]);
  expect(first).toMatch(/engine: torch \d+\.\d+ on /);
  const second = ganc([run, "--resume", "--engine", "onnx", "--steps", "6"]);
  expect(second).toContain("from step 3");
  const third = ganc([run, "--resume", "--engine", "torch", "--steps", "9"]);
  expect(third).toContain("from step 6");
  expect(Math.max(...metrics().map(({ step }) => step))).toBe(8);
});

test("a process that is killed ends the run with a sentence, and the next one goes on", async () => {
  const child: ChildProcess = spawn(
    process.execPath,
    [bin, "run", run, "--resume", "--engine", "torch"],
    { cwd: folder },
  );
  let said = "";
  const log = (chunk: Buffer): void => {
    said += chunk.toString("utf8");
  };
  child.stdout?.on("data", log);
  child.stderr?.on("data", log);
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  while (!/step \d+\/\d+/.test(said) && child.exitCode === null)
    await new Promise((wait) => setTimeout(wait, 200));
  const processes = execFileSync("ps", ["-o", "pid=", "--ppid", String(child.pid)], {
    encoding: "utf8",
  });
  for (const pid of processes.trim().split(/\s+/)) process.kill(Number(pid), "SIGKILL");
  expect(await ended).toBe(1);
  expect(said).toMatch(/torch .* failed at step \d+: its process ended by SIGKILL\./);
  expect(said).not.toContain("    at ");
  const next = ganc([run, "--resume", "--engine", "torch", "--steps", "12"]);
  expect(next).toContain("from step 9");
});

test("a session fails in words where the process cannot compute, and goes on", async () => {
  const program = programOf(constructs.layers as string);
  const team = startTeam(python);
  const options = { engine: "torch", seed: 1, python, device: "cpu", threads: 1 } as const;
  const session = await torchSession(program, options, team);
  const input = inputOf(program.model, 0);
  const wrong = { shape: [1, 8, 8, 2], data: new Float32Array(128) };
  await expect(session.step({ ...input, batch: { X: wrong, Y: wrong } })).rejects.toThrow(
    EngineFailure,
  );
  expect(Object.values(await session.step(input)).every(Number.isFinite)).toBe(true);
  team.dispose();
  await expect(session.step(input)).rejects.toThrow(/its process ended/);
});

test("a Python that is none is told", async () => {
  const program = programOf(constructs.layers as string);
  const options = { engine: "torch", seed: 1, python: "/nowhere", device: "cpu" } as const;
  await expect(torchSession(program, options)).rejects.toThrow(/ENOENT/);
});

test("it computes in bfloat16 and compiled where it is told to, and says so", () => {
  const args = ["a.gan", ...arguments_, "--steps", "2", "--out", join(folder, "low")];
  const said = ganc([...args, "--engine", "torch", "--bf16", "--compile"]);
  expect(said).toMatch(/engine: torch \d+\.\d+ on \w+, bfloat16, compiled/);
  expect(said).toContain("Stopped as --steps asks: 2 steps");
  const other = ["a.gan", ...arguments_, "--out", join(folder, "none")];
  expect(ganc([...other, "--bf16"])).toContain("--bf16 is PyTorch's: add --engine torch");
  const onCpu = ganc([...other, "--engine", "torch", "--channels-last"]);
  if (said.includes(" on cpu,")) expect(onCpu).toContain("leave out channels last");
});
