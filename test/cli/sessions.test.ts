/**
 * What a run's folder tells of the processes that trained in it, and of what it draws from; with
 * the built program.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { root } from "../support/specs.js";
import { removeTemporary, temporary } from "../training/support.js";

const bin = join(root, "bin/ganc.js");
let folder = "";

const ganc = (...args: readonly string[]) =>
  spawnSync(process.execPath, [bin, ...args], { cwd: folder, encoding: "utf8", timeout: 60_000 });

/** A history, noise, dropout and places; no image. */
const spec = `param rate = 1e-3
domain Z = noise(2)
domain W = noise(2, 4, 4)
net G : Z -> W = dense(32) >> reshape(4, 4, 2) >> dropout(0.5)
net D : W -> Scores = conv(3, 4, pad: 1) >> leaky_relu(0.2) >> conv(3, 1, pad: 1)
solve {
  min[D] E[w ~ W] softplus(-D(w)) + E[z ~ Z] softplus(D(replay(G(z), 3)))
  min[G] E[z ~ Z] softplus(-D(G(z)))
}
train { optimizer: adam(rate) schedule: constant(100) batch: 1 }`;

beforeAll(() => {
  folder = temporary();
  writeFileSync(join(folder, "one.gan"), spec);
});
afterAll(removeTemporary);

const quiet = ["--sample-every", "never", "--checkpoint-every", "5 steps"];

const sessions = (run: string): readonly Record<string, unknown>[] => {
  const path = join(folder, run, "sessions.jsonl");
  const lines = existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : [];
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
};

test("each process is noted when it begins and when it ends, and the manifest names the random streams", () => {
  ganc("run", "one.gan", "--out", "run", "--steps", "3", "--seed", "7", ...quiet);
  expect(ganc("run", "run", "--resume", "--steps", "4", ...quiet).status).toBe(0);
  const [first, ended, second, last] = sessions("run");
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(first).toMatchObject({
    kind: "begin",
    command: ["ganc", "run", "one.gan", "--out", "run", "--steps", "3", "--seed", "7", ...quiet],
    versions: { ganc: version, node: process.versions.node },
    engine: expect.stringMatching(/^ONNX Runtime \d/),
    threads: expect.any(Number),
    platform: `${process.platform} ${process.arch}`,
    step: 0,
  });
  expect(ended).toEqual({
    kind: "end",
    at: expect.any(String),
    ending: "steps",
    step: 3,
    epoch: 0,
  });
  expect([second?.kind, second?.step, last?.ending, last?.step]).toEqual(["begin", 3, "steps", 4]);
  const manifest = JSON.parse(readFileSync(join(folder, "run/manifest.json"), "utf8"));
  expect(manifest.seed).toBe(7);
  expect(manifest.streams.filter((name: string) => !name.startsWith("mask/"))).toEqual([
    "draw/Z/<epoch>",
    "draw/W/<epoch>",
    "init/<parameter>",
    "history/minD/Gz/<slot>",
  ]);
  expect(manifest.streams).toContainEqual(expect.stringMatching(/^mask\/.*dropout/));
});

test("one that is killed has no end, and one that fails says why", async () => {
  const child = spawn(process.execPath, [bin, "run", "one.gan", "--out", "torn", ...quiet], {
    cwd: folder,
  });
  const closed = new Promise((resolve) => child.on("close", resolve));
  const log = join(folder, "torn/metrics.jsonl");
  while (!existsSync(log) || readFileSync(log, "utf8") === "") await wait(5);
  child.kill("SIGKILL");
  await closed;
  expect(sessions("torn")).toMatchObject([{ kind: "begin" }]);
  const failing = ganc("run", "one.gan", "--out", "fails", "--set", "rate=1e30", ...quiet);
  expect(failing.status).toBe(1);
  expect(sessions("fails").at(-1)).toMatchObject({
    kind: "end",
    ending: "failed",
    reason: expect.stringContaining("Training stopped, because nothing sensible can follow."),
  });
});

test("a folder in the place of the file is refused before anything is trained", () => {
  rmSync(join(folder, "run/sessions.jsonl"));
  mkdirSync(join(folder, "run/sessions.jsonl"));
  const { status, stderr } = ganc("run", "run", "--resume", "--steps", "9");
  expect([status, stderr]).toEqual([1, expect.stringContaining("sessions.jsonl: it is a folder")]);
});
