/**
 * `ganc runs`: what there is, how each stands, what to type next; of any number, in any state, on
 * any width.
 */
import { cpSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { right } from "fp-ts/lib/Either.js";
import { runsCommand } from "../../src/cli/commands/runs/runs.js";
import { createRun, holdRun, openRun } from "../../src/training/run-directory/run-directory.js";
import {
  noteSession,
  type SessionBegin,
  type SessionEnd,
} from "../../src/training/run-directory/sessions.js";
import { ganc } from "../support/ganc.js";
import { fakeData, fakeSession } from "../training/fake.js";
import { fakeManifest, removeTemporary, success, temporary, trainIn } from "../training/support.js";

let folder = "";
const at = (...names: readonly string[]): string => join(folder, ...names);

const now = Date.parse("2020-01-02T00:00:00.000Z");

const begin: SessionBegin = {
  kind: "begin",
  at: "2020-01-01T00:00:00.000Z",
  pid: 1,
  command: ["ganc"],
  versions: { ganc: "0.1.0", node: "22.0.0" },
  engine: "fake",
  threads: null,
  platform: "linux x64",
  cpu: "none",
  cores: 2,
  memory: 2 ** 34,
  step: 0,
};

/** Each an hour after the one before. */
let hours = 0;
const end = (ending: string, reason?: string): SessionEnd => ({
  kind: "end",
  at: new Date(Date.parse(begin.at) + 3_600_000 * ++hours).toISOString(),
  ending,
  step: 3,
  epoch: 0,
  ...(reason === undefined ? {} : { reason }),
});

/** A run of some steps, and how its process ended; of before, where nothing is said. */
const made = async (name: string, steps: number, ...lines: readonly SessionEnd[]) => {
  const run = success(await createRun(at(name), fakeManifest(name)));
  if (lines.length > 0) success(await noteSession(run, begin));
  const measured = { measure: "G L1", better: "lower" } as const;
  const setting = {
    limits: { steps },
    measureEvery: { steps: 2 },
    measure: async ({ step }: { readonly step: number }) => right({ ...measured, value: step / 8 }),
  };
  if (steps > 0) success((await trainIn(run, fakeSession(), fakeData(), setting)).result);
  for (const line of lines) success(await noteSession(run, line));
  return run;
};

beforeAll(async () => {
  folder = temporary();
  await made("family/a", 16, end("schedule"));
  await made("stopped", 5, end("steps"));
  await made("interrupted", 5, end("interrupted"));
  await made("astray", 5, end("failed", "gan became NaN at step 5 (epoch 2).\nTraining stopped."));
  await made("full", 5, end("failed", "The disk is full"));
  success(await noteSession(await made("killed", 5, end("steps")), begin));
  await made("old and over", 16);
  await made("old", 3);
  await made("begun", 0);
  for (const name of ["broken", "strange"]) await made(name, 0);
  writeFileSync(at("broken/manifest.json"), "{");
  rmSync(at("strange/manifest.json"));
  mkdirSync(at("strange/manifest.json"));
  mkdirSync(at("none"));
  symlinkSync(at("none"), at("none/round"));
  mkdirSync(at("links"));
  for (const name of ["1", "2"]) symlinkSync(at("full"), at("links", name));
  writeFileSync(
    at("stopped/measures.jsonl"),
    '{"step":4,"epoch":1,"measures":[{"network":"G","name":"L1","value":0.25,"low":0,"high":1,"count":4,"better":"lower"}]}\n{"st',
  );
});
afterAll(removeTemporary);

const list = async (folders: readonly string[], options: object = {}, columns?: number) => {
  let [out, err] = ["", ""];
  const code = await runsCommand(
    folders,
    options,
    {
      out: { write: (text) => (out += text), ...(columns === undefined ? {} : { columns }) },
      err: { write: (text) => (err += text) },
      env: {},
    },
    now,
  );
  return { code, out: out.replaceAll(`${folder}/`, ""), err };
};

interface Told {
  readonly path: string;
  readonly state: string;
  readonly because?: string;
  readonly next?: string;
  readonly epoch?: number;
}

const told = async (): Promise<readonly Told[]> => {
  const { out } = await list([folder], { json: true });
  return (JSON.parse(out) as { readonly runs: readonly Told[] }).runs;
};

test("each run is told with its state, why, and what to type next", async () => {
  const runs = new Map((await told()).map((run) => [run.path, run]));
  const states = [...runs].map(([path, { state, because }]) => [path, state, because ?? ""]);
  expect(states.sort()).toEqual([
    ["astray", "failed", "gan became NaN at step 5 (epoch 2)."],
    ["begun", "begun", ""],
    ["broken", "unreadable", ""],
    ["family/a", "finished", ""],
    ["full", "failed", "The disk is full"],
    ["interrupted", "interrupted", ""],
    ["killed", "interrupted", "killed, or the machine went down"],
    ["old and over", "finished", ""],
    ["old", "interrupted", ""],
    ["stopped", "stopped", "as --steps asked"],
    ["strange", "unreadable", ""],
  ]);
  const next = (path: string) => runs.get(path)?.next?.replace(`${folder}/`, "");
  expect(next("family/a")).toMatch(/ganc translate family\/a IMAGE$/);
  expect(next("killed")).toMatch(/ganc run killed --resume$/);
  expect(next("astray")).toMatch(/ganc run SPEC --out astray --resume --carry-over$/);
  expect(next("old and over")).toMatch(/ganc translate '.*old and over' IMAGE$/);
  expect(runs.get("stopped")).toMatchObject({
    steps: 5,
    epoch: 2,
    epochs: 4,
    saved: 5,
    losses: { gan: expect.any(Number), cycle: expect.any(Number) },
    measured: { step: 4, measures: [{ network: "G", name: "L1", value: 0.25 }] },
    best: { step: 2, measure: "G L1", value: 0.25 },
    bytes: expect.any(Number),
  });
});

test("a process with nothing left to do does not hide how the run ended", async () => {
  const run = success(await createRun(join(temporary(), "spoilt"), fakeManifest("spoilt")));
  for (const line of [begin, end("monitor"), { ...begin, step: 3 }, end("steps")])
    success(await noteSession(run, line));
  const { out } = await list([run.path], { json: true });
  expect(JSON.parse(out).runs).toMatchObject([{ state: "stopped", because: "by a monitor" }]);
});

test("a run that trains is told by its lock", async () => {
  const run = success(await openRun(at("stopped")));
  const lock = success(await holdRun(run));
  const [found] = (await told()).filter(({ path }) => path === "stopped");
  await lock.release();
  expect(found).toMatchObject({ state: "training", because: `process ${process.pid}` });
  expect(found?.next).toMatch(/ganc report .*stopped$/);
});

test("the newest comes first, and a run that cannot be read takes a line", async () => {
  const { code, out } = await list([at("family"), at("stopped"), at("broken")]);
  expect([code, out]).toEqual([
    0,
    expect.stringMatching(/^broken {2}unreadable: manifest\.json is/m),
  ]);
  const places = out.split("\n").filter((line) => /^(stopped|family)/.test(line));
  expect(places).toEqual([
    expect.stringMatching(/^stopped +fake +stopped +2\/4 +[\d.]+ kB +22 h ago$/),
    expect.stringMatching(/^family\/a +fake +finished +4\/4 +[\d.]+ kB +23 h ago$/),
  ]);
  expect(out).toContain("G L1 0.250");
  expect(out).toMatch(/3 runs, [\d.]+ kB in all\.\n$/);
});

test.each([20, 40, 60, 79, 120])(
  "in %i columns only names and commands are longer",
  async (columns) => {
    const { out } = await list([folder], {}, columns);
    const long = out.split("\n").filter((line) => line.length > columns);
    for (const line of long)
      expect(line).toMatch(/next: |unreadable: |^\S+$|^ {2}\S+( \S+)*$|in all/);
    expect(out.match(/next: /g)).toHaveLength(9);
  },
);

test("a run that several links lead to is told once", async () => {
  const { out } = await list([at("links"), at("full")]);
  expect(out).toMatch(/^full .*\n(?: .*\n)+1 run, /m);
});

test("of two hundred runs each is told once", async () => {
  const many = temporary();
  for (let k = 0; k < 200; k++)
    cpSync(at("interrupted"), join(many, `run-${k}`), { recursive: true });
  const { out } = await list([many, join(many, "run-7")], { json: true });
  const { runs } = JSON.parse(out) as { readonly runs: readonly Told[] };
  expect(new Set(runs.map(({ path }) => path)).size).toBe(200);
  expect(runs).toHaveLength(200);
});

test("where there is none, and where there is no such folder", async () => {
  const none = await list([at("none")]);
  expect([none.code, none.out]).toEqual([0, expect.stringContaining("There is no run in")]);
  const nowhere = await list([at("nowhere"), at("begun")]);
  expect([nowhere.code, nowhere.err, nowhere.out]).toEqual([
    1,
    expect.stringContaining("nowhere: there is no such folder"),
    expect.stringMatching(/^begun +fake +begun +0\/4/m),
  ]);
  const { status, stdout } = ganc(["runs", at("none")]);
  expect([status, stdout]).toEqual([0, expect.stringContaining("Begin with:")]);
});
