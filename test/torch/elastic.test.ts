/**
 * `ganc run --engine torch --nproc 2`: what happens to one of the processes costs the steps since
 * the newest checkpoint and nothing else. The run ends with the bits of one that was left alone.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import {
  folderWithSpec,
  type Running,
  start,
  stateOf,
  steps,
  workers,
} from "../support/torch-runs.js";

const folder = folderWithSpec();
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const two = (name: string, ...more: readonly string[]): Running =>
  start(folder, name, "--nproc", "2", ...more);

let undisturbed: unknown;

test("two processes train to the end", async () => {
  const running = two("undisturbed");
  expect([await running.ended, running.said()]).toEqual([0, expect.stringContaining("")]);
  expect(running.said()).toMatch(/engine: torch \d+\.\d+ on \w+, 2 processes/);
  undisturbed = stateOf(running.run);
  expect(undisturbed).toContainEqual(["history/minD/Gx/3", [2, 16, 16, 3], expect.anything()]);
});

test.each([
  ["the first", 0],
  ["the second", 1],
] as const)("%s is killed: the run goes on, to the same bits", async (name, rank) => {
  const running = two(`killed ${name}`);
  await steps(running, 30);
  process.kill(workers(running)[rank] as number, "SIGKILL");
  expect([await running.ended, running.said()]).toEqual([0, expect.stringContaining("try 1 of 3")]);
  expect(running.said()).toMatch(/failed at step \d+: its process ended by SIGKILL/);
  expect(running.said()).toContain("from step 20");
  expect(stateOf(running.run)).toEqual(undisturbed);
});

test("one that hangs is noticed, and the run goes on, to the same bits", async () => {
  const running = two("hangs", "--patience", "3");
  await steps(running, 30);
  process.kill(workers(running)[1] as number, "SIGSTOP");
  expect([await running.ended, running.said()]).toEqual([0, expect.stringContaining("try 1 of 3")]);
  expect(running.said()).toContain("its process has been silent for 3 s.");
  expect(stateOf(running.run)).toEqual(undisturbed);
});

test("--restarts bounds how often, and what was lost is told", async () => {
  const running = two("no restarts", "--restarts", "0");
  await steps(running, 30);
  process.kill(workers(running)[1] as number, "SIGKILL");
  expect(await running.ended).toBe(1);
  expect(running.said()).toContain("The newest whole checkpoint is that of step 20.");
  expect(running.said()).not.toContain("    at ");
});

test("Ctrl-C saves, and one process goes on from there", async () => {
  const running = two("interrupted");
  await steps(running, 30);
  running.child.kill("SIGINT");
  expect([await running.ended, running.said()]).toEqual([130, expect.stringContaining("saved")]);
  const saved = readdirSync(join(running.run, "checkpoints")).filter((name) =>
    name.endsWith(".safetensors"),
  );
  expect(saved.length).toBeGreaterThanOrEqual(2);
  const again = two("interrupted", "--resume", "--nproc", "1");
  expect([await again.ended, again.said()]).toEqual([0, expect.stringContaining("from step 3")]);
});

test("no process is left", () => {
  const all = execFileSync("ps", ["-eo", "args="], { encoding: "utf8" });
  expect(all).not.toContain(folder);
});
