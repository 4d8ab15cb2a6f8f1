/**
 * Curves as TensorBoard itself reads them: while a run trains, after it has gone on, and made of
 * its folder later.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { torchPython } from "../../bench/torch/python.js";
import { ganc } from "../support/ganc.js";
import { smallRun } from "../support/small-run.js";
import { root } from "../support/specs.js";

const folder = mkdtempSync(join(tmpdir(), "ganc-tensorboard-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Events {
  /** By tag: time, step, value. */
  readonly scalars: Readonly<Record<string, readonly (readonly [number, number, number])[]>>;
  /** By tag: step, width, height, the first bytes. */
  readonly images: Readonly<Record<string, readonly (readonly [number, number, number, string])[]>>;
}

const read = (run: string): Events => {
  const script = join(root, "test/torch/events.py");
  const text = execFileSync(torchPython(), [script, join(run, "tensorboard")], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return JSON.parse(text) as Events;
};

interface Line {
  readonly step: number;
  readonly elapsed: number;
  readonly rate: number;
  readonly metrics: Readonly<Record<string, number>>;
}

const logOf = (run: string): readonly Line[] =>
  readFileSync(join(run, "metrics.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);

const asLogged = (run: string): Events["scalars"] => {
  const { created } = JSON.parse(readFileSync(join(run, "manifest.json"), "utf8")) as {
    created: string;
  };
  const begin = Date.parse(created) / 1000;
  const log = logOf(run);
  const each = (of: (line: Line) => number) =>
    log.map((line): [number, number, number] => [
      begin + line.elapsed / 1000,
      line.step,
      Math.fround(of(line)),
    ]);
  const names = Object.keys(log[0]?.metrics ?? {});
  const tag = (name: string) => `${name.startsWith("min[") ? "players" : "losses"}/${name}`;
  return Object.fromEntries([
    ...names.map((name) => [tag(name), each(({ metrics }) => metrics[name] ?? Number.NaN)]),
    ["schedule/learning rate", each(({ rate }) => rate)],
  ]);
};

test("TensorBoard reads every step once, of a run that has gone on too, with its samples", async () => {
  const run = await smallRun(folder, 5, ["--tensorboard", "--checkpoint-every", "3 steps"]);
  expect(read(run).scalars).toEqual(asLogged(run));
  const go = ["run", run, "--resume", "--steps", "9", "--tensorboard"];
  expect(ganc(go, { cwd: folder }).status).toBe(0);
  expect(read(run).scalars).toEqual(asLogged(run));
  expect(asLogged(run)["losses/cycle(G, F)"]).toHaveLength(9);
  expect(ganc(["run", run, "--resume", "--steps", "11"], { cwd: folder }).status).toBe(0);
  const { status, stdout } = ganc(["report", run, "--tensorboard"], { cwd: folder });
  expect([status, stdout]).toEqual([0, expect.stringContaining("tensorboard --logdir")]);
  expect(readdirSync(join(run, "tensorboard"))).toHaveLength(1);
  const { scalars, images } = read(run);
  expect(scalars).toEqual(asLogged(run));
  expect(asLogged(run)["losses/cycle(G, F)"]).toHaveLength(11);
  expect(images.samples?.map(([step]) => step)).toEqual([2, 4, 5, 6, 8, 9, 10, 11]);
  expect(images.samples?.[0]?.slice(1)).toEqual([934, 640, expect.stringMatching("89504e47")]);
});
