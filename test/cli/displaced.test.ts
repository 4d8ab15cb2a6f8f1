/** Runs whose folder, or log, is taken away while they train, with the built program. */
import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { root } from "../support/specs.js";
import { removeTemporary, temporary } from "../training/support.js";

let folder = "";

const at = (...names: readonly string[]): string => join(folder, ...names);

const spec = `domain X = noise(1, 2, 2)
net G : X -> X = conv(1, 1) >> tanh
solve { min[G] E[x ~ X] l1(G(x), x) }
train { optimizer: adam(1e-2) schedule: constant(100) batch: 1 }`;

beforeAll(() => {
  folder = temporary();
  writeFileSync(at("one.gan"), spec);
});
afterAll(removeTemporary);

const linesOf = (path: string): readonly string[] =>
  existsSync(path) ? readFileSync(path, "utf8").split("\n").slice(0, -1) : [];

const intervals = ["--checkpoint-every", "20 steps", "--sample-every", "never"];

/** Starts a run, changes something once a checkpoint is written, and gives how it ended. */
const disturbed = async (out: string, change: () => void) => {
  const args = ["run", "one.gan", "--out", out, "--steps", "100000", ...intervals];
  const child = spawn(process.execPath, [join(root, "bin/ganc.js"), ...args], { cwd: folder });
  let stderr = "";
  child.stderr.on("data", (text) => (stderr += text));
  child.stdout.resume();
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  while (child.exitCode === null && !existsSync(at(out, "saved.json"))) await wait(1);
  // What is taken away in the middle of a write is taken away all the same.
  child.kill("SIGSTOP");
  change();
  child.kill("SIGCONT");
  const told = async (text: string) => {
    while (child.exitCode === null && !stderr.includes(text)) await wait(1);
  };
  return { child, ended, told, stderr: () => stderr };
};

const lost = /What was trained since the checkpoint of step \d+ is lost\.\n.*If it was moved/;

const testPosix = process.platform === "win32" ? test.skip : test;

testPosix.each<readonly [string, (run: string) => void, string, boolean]>([
  ["moved", (run) => renameSync(at(run), at(`${run}-2`)), "it was moved or removed", false],
  ["removed", (run) => rmSync(at(run), { recursive: true }), "it was moved", false],
  ["manifest", (run) => rmSync(at(run, "manifest.json")), "its manifest was removed", true],
  ["lock", (run) => rmSync(at(run, "lock")), "its lock was removed", true],
  [
    "replaced",
    (run) => {
      renameSync(at(run), at(`${run}-2`));
      mkdirSync(at(run));
    },
    "it was moved or removed while it trained, and another",
    true,
  ],
])(
  "a run whose folder is no longer its own ends, and makes no new one: %s",
  async (run, change, why, stays) => {
    const { ended, stderr } = await disturbed(run, () => change(run));
    expect([await ended, stderr()]).toEqual([
      1,
      expect.stringContaining(`${run} is no longer the folder of this run: ${why}`),
    ]);
    expect(stderr()).toMatch(lost);
    expect(stderr()).not.toMatch(/\n\s+at /);
    expect(existsSync(at(run))).toBe(stays);
    if (run === "replaced") expect(readdirSync(at(run))).toEqual([]);
  },
);

testPosix.each<readonly [string, (path: string) => void]>([
  ["removed", (path) => rmSync(path)],
  ["moved", (path) => renameSync(path, `${path}.old`)],
  [
    "replaced",
    (path) => {
      rmSync(path);
      writeFileSync(path, "nothing\n");
    },
  ],
])("a log that is %s while it trains is written anew, whole", async (how, change) => {
  const run = `log-${how}`;
  const path = at(run, "metrics.jsonl");
  const { child, ended, told, stderr } = await disturbed(run, () => change(path));
  await told("written anew");
  const before = linesOf(path).length;
  while (child.exitCode === null && linesOf(path).length < before + 5) await wait(1);
  child.kill("SIGINT");
  expect([await ended, stderr()]).toEqual([
    130,
    expect.stringContaining("metrics.jsonl: it was moved, removed or replaced while it trained"),
  ]);
  expect(stderr().match(/written anew/g)).toHaveLength(1);
  const steps = linesOf(path).map((line) => JSON.parse(line).step);
  expect(steps).toEqual(steps.map((_, i) => i));
  expect(steps.length).toBe(JSON.parse(readFileSync(at(run, "saved.json"), "utf8")).step);
});
