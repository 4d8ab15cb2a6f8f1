/**
 * Monitors: each is provoked, is silent on what is healthy, and says the same whether or not a run
 * was killed.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import { right } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { monitorWords } from "../../../src/operators/monitors.js";
import type { TrainingError } from "../../../src/training/files/errors.js";
import { isBend } from "../../../src/training/monitors/jump.js";
import { picturesOf } from "../../../src/training/monitors/look.js";
import type { Monitor, Picture, Step } from "../../../src/training/monitors/monitor.js";
import { readSpoken, type Spoken, writeSpoken } from "../../../src/training/monitors/spoken.js";
import { monitors } from "../../../src/training/monitors/table.js";
import { explodedAt, Watch, type WatchOptions } from "../../../src/training/monitors/watch.js";
import { restore } from "../../../src/training/opening/restore.js";
import { draw, fakeData, fakeProgram, fakeSession, tensor } from "../fake.js";
import { newRun, removeTemporary, success, temporary, trainIn } from "../support.js";

afterAll(removeTemporary);

const players = [
  { networks: ["G"], leads: ["fool"], sense: "min" as const },
  { networks: ["D"], leads: ["judge"], sense: "min" as const, aim: 0 },
];

const setting = (more: object = {}): WatchOptions["setting"] => ({
  program: { ...fakeProgram, players, ...more },
  stepsPerEpoch: 300,
  epochs: 4,
});

interface Scene {
  /** Of step n, from 0. */
  readonly metrics?: (step: number) => Step["metrics"];
  readonly pictures?: (step: number) => readonly Picture[];
  readonly rate?: (step: number) => number;
  readonly setting?: WatchOptions["setting"];
  readonly stopOn?: readonly string[];
  readonly monitors?: readonly Monitor<unknown>[];
  /** Steps after which what is known goes through a file, as in a run that goes on. */
  readonly killedAt?: readonly number[];
}

/** Losses as they swing in a healthy run, by up to half their size. */
const healthy = (step: number): Step["metrics"] => ({
  fool: 0.3 + 0.15 * draw(1, step),
  judge: 0.5 + 0.25 * draw(2, step),
});

const picture: Picture = {
  network: "G",
  from: "X",
  to: "Y",
  count: 8,
  diversity: 0.8,
  distance: 0.4,
  brightness: 0.7,
  probe: [],
};

const moving = (step: number): readonly Picture[] => [
  { ...picture, probe: [0, 1, 2].map((i) => draw(3, step, i)) },
];

const watch = async (steps: number, scene: Scene = {}) => {
  const notices: TrainingError[] = [];
  let now = 0;
  let kept: unknown;
  let written: readonly Spoken[] = [];
  const open = (): Watch =>
    new Watch({
      setting: scene.setting ?? setting(),
      stopOn: scene.stopOn ?? [],
      kept,
      pictures: async () => (scene.pictures ?? moving)(now),
      write: async (lines) => {
        written = lines;
        return right(undefined);
      },
      notice: (error) => notices.push(error),
      ...(scene.monitors === undefined ? {} : { monitors: scene.monitors }),
    });
  let one = open();
  const said = [...(await one.begin({ step: 0, epoch: 0 }))];
  for (let step = 0; step < steps; step++) {
    now = step + 1;
    const place = { epoch: Math.floor(step / 300), stepInEpoch: step % 300, step };
    const metrics = (scene.metrics ?? healthy)(step);
    const files = [`a${step}.png`, `b${step}.png`];
    const rate = scene.rate?.(step) ?? 0.01;
    const after = { step: step + 1, epoch: Math.floor((step + 1) / 300) };
    said.push(...(await one.step({ position: place, rate, metrics, files }, after)));
    if (scene.killedAt?.includes(step + 1)) {
      kept = JSON.parse(JSON.stringify(one.kept()));
      one = open();
      await one.begin(after);
    }
  }
  return { said, written, notices, kept: one.kept() };
};

const names = ({ said }: { readonly said: readonly Spoken[] }): readonly string[] =>
  said.map(({ monitor, step }) => `${monitor} ${step}`);

test("the table and the words of the language are the same monitors", () => {
  expect(monitors.map(({ name }) => name)).toEqual(monitorWords.map(({ name }) => name));
});

test("all are silent on a healthy run", async () => {
  const { said, notices } = await watch(4000);
  expect([said, notices]).toEqual([[], []]);
});

const from = (step: number, before: Partial<Picture>, after: Partial<Picture>) => (at: number) => [
  { ...(moving(at)[0] as Picture), ...(at > step ? after : before) },
];

const provoked: Readonly<Record<string, Scene>> = {
  "explosion 153": {
    metrics: (step) => ({
      ...healthy(step),
      fool: step >= 150 && step < 160 ? 10 ** (step - 145) : 0.4,
    }),
  },
  "dominance 1502": {
    metrics: (step) => ({ ...healthy(step), judge: step < 500 ? 0.5 : 1e-3 }),
  },
  "copying 1200": { pictures: from(200, {}, { distance: 0.01 }) },
  "inversion 1300": { pictures: from(300, {}, { brightness: -0.6 }) },
  "collapse 2000": { pictures: from(0, {}, { diversity: 0.02 }) },
  "standstill 1600": { pictures: from(500, {}, { probe: [0.5, 0.25] }) },
  "jump 700": {
    metrics: (step) => ({ ...healthy(step), fool: (step < 600 ? 0.3 : 1.5) + 0.1 * draw(1, step) }),
  },
};

test.each(Object.entries(provoked))("%s is said once, with what to write", async (name, scene) => {
  const { said, written, notices } = await watch(2400, scene);
  expect(names({ said })).toEqual([name]);
  expect(written).toEqual(said);
  expect(notices).toEqual([]);
  const [line] = said;
  for (const text of [line?.saw, line?.means, line?.write]) expect(text).toMatch(/^.+[.)]$/);
  expect(JSON.stringify(line)).not.toMatch(/NaN|undefined|Infinity/);
});

test.each(Object.entries(provoked))("%s is said in a run that goes on too", async (name, scene) => {
  const straight = await watch(2400, scene);
  const killed = await watch(2400, {
    ...scene,
    killedAt: [1, 149, 151, 599, 601, 650, 1150, 2100],
  });
  expect(names(killed)).toEqual([name]);
  expect(killed.written).toEqual(straight.written);
  expect(JSON.stringify(killed.kept)).toBe(JSON.stringify(straight.kept));
});

test("a checkpoint tells from which step on its weights are spoilt", async () => {
  expect(explodedAt((await watch(140, provoked["explosion 153"])).kept)).toBeUndefined();
  expect(explodedAt((await watch(400, provoked["explosion 153"])).kept)).toBe(150);
  expect(explodedAt((await watch(1700, provoked["standstill 1600"])).kept)).toBeUndefined();
  expect(explodedAt(undefined)).toBeUndefined();
});

test("what lasts shorter than it takes, or stands in a row with what is healthy, is not said", async () => {
  const swings = (bad: Partial<Picture>) => (at: number) => [
    { ...(moving(at)[0] as Picture), ...(at % 1000 < 900 ? bad : {}) },
  ];
  for (const bad of [{ distance: 0.01 }, { brightness: -0.9 }, { diversity: 0.01 }])
    expect(names(await watch(3000, { pictures: swings(bad) }))).toEqual([]);
  // A discriminator that wins for four hundred steps, and a batch that is odd.
  const metrics = (step: number) => ({
    fool: step === 700 || step === 702 ? 1e6 : 0.4,
    judge: step > 100 && step < 500 ? 1e-3 : 0.4,
  });
  expect(names(await watch(3000, { metrics }))).toEqual([]);
});

test("networks stand still where the schedule lets them", async () => {
  const still = () => [{ ...picture, probe: [0.5] }];
  expect(names(await watch(3000, { pictures: still, rate: () => 1e-4 }))).toEqual([]);
});

test("in a game of one player the loss is to come down", async () => {
  const alone = setting({ players: [{ networks: ["C"], leads: ["loss"], sense: "min" }] });
  const of = (metrics: (step: number) => Step["metrics"]) =>
    watch(4000, { setting: alone, metrics, pictures: () => [] }).then(names);
  expect(await of((step) => ({ loss: 1.1 + 0.1 * draw(4, step) - 0.05 }))).toEqual([
    "standstill 2000",
  ]);
  expect(await of((step) => ({ loss: 0.2 + Math.exp(-step / 300) + 0.1 * draw(4, step) }))).toEqual(
    [],
  );
});

test("an epoch at a rate of 0 is told of before the first step, unless the run ends before it", async () => {
  const schedule = [
    { kind: "constant", epochs: 2, options: { epochs: 2 } },
    { kind: "linear_to_zero", epochs: 2, options: { epochs: 2, reached: true } },
  ];
  const idle = setting({ recipe: { ...fakeProgram.recipe, schedule } });
  const { said } = await watch(0, { setting: idle });
  expect(said).toMatchObject([
    {
      step: 0,
      monitor: "idle_epoch",
      level: "warning",
      saw: expect.stringContaining("Epoch 4 of 4"),
    },
  ]);
  expect((await watch(0, { setting: { ...idle, epochs: 3 } })).said).toEqual([]);
  expect((await watch(0)).said).toEqual([]);
});

test("a bend is where a stage begins, or steps", () => {
  const recipe = (...schedule: { kind: string; epochs: number; options: object }[]) => ({
    optimizer: fakeProgram.recipe.optimizer,
    schedule: schedule as never,
  });
  const bends = (of: ReturnType<typeof recipe>) =>
    [0, 1, 2, 3, 4, 5].filter((epoch) => isBend(of, epoch));
  const constant = (epochs: number) => ({ kind: "constant", epochs, options: { epochs } });
  expect(bends(recipe(constant(2), constant(0), constant(4)))).toEqual([2]);
  const options = { epochs: 6, factor: 0.1, every: 2 };
  expect(bends(recipe({ kind: "step_decay", epochs: 6, options }))).toEqual([2, 4]);
  const cosine = { kind: "cosine", epochs: 6, options: { epochs: 6 } };
  expect(bends(recipe(cosine))).toEqual([]);
});

test("a monitor that fails is off, the others go on, and the training too", async () => {
  const failing: Monitor<unknown> = {
    ...(monitors[0] as Monitor<unknown>),
    name: "failing",
    step: () => {
      throw new Error("a mistake of its own");
    },
  };
  const { said, notices } = await watch(1300, {
    monitors: [failing, ...monitors],
    pictures: from(200, {}, { distance: 0.01 }),
  });
  expect(names({ said })).toEqual(["copying 1200"]);
  expect(notices).toEqual([
    { kind: "engine", reason: "The monitor failing failed, and is off: a mistake of its own" },
  ]);
  const blind = await watch(2400, {
    pictures: () => {
      throw new Error("out of memory");
    },
    metrics: provoked["jump 700"]?.metrics,
  } as Scene);
  expect(names(blind)).toEqual(["jump 700"]);
  expect(blind.notices).toHaveLength(1);
});

test("those that are asked for end the run; what is kept of them survives any damage", async () => {
  const scene = { pictures: from(200, {}, { distance: 0.01 }) };
  const { said } = await watch(1300, { ...scene, stopOn: ["copying"] });
  expect(said).toMatchObject([{ monitor: "copying", level: "stop" }]);
  for (const kept of [null, 3, {}, { spoken: [], states: { copying: "?", jump: 7 } }]) {
    const one = new Watch({
      setting: setting(),
      stopOn: [],
      kept,
      pictures: async () => [],
      write: async () => right(undefined),
      notice: () => undefined,
    });
    expect(await one.begin({ step: 5, epoch: 0 })).toEqual([]);
  }
});

test("pictures are told apart: a copy, its negative, one grey for all, and a translation", async () => {
  const count = 8;
  const shape = [count, 2, 2, 3] as const;
  const of = (seed: number) => tensor(shape, (i) => 2 * draw(seed, i) - 1);
  const watched = { X: of(1), Y: of(2) };
  const seen = (f: (value: number, i: number) => number) =>
    picturesOf({
      program: fakeProgram,
      watched,
      session: {
        translate: async (_, [images]) =>
          tensor(images?.shape ?? [], (i) => f(images?.data[i] ?? 0, i)),
      },
    }).then(([g]) => g as Picture);
  const [copy, negative, grey, other] = await Promise.all([
    seen((x) => x),
    seen((x) => -x),
    seen(() => 0.1),
    seen((x, i) => 0.5 * x + 0.5 * (2 * draw(7, i) - 1)),
  ]);
  expect(copy.distance).toBe(0);
  expect(copy.brightness).toBeCloseTo(1, 5);
  expect(negative.brightness).toBeCloseTo(-1, 5);
  expect(grey.diversity).toBe(0);
  expect(grey.brightness).toBeUndefined();
  expect(other.distance).toBeGreaterThan(0.2);
  expect(other.diversity).toBeGreaterThan(0.5);
  expect([copy.network, copy.from, copy.to, copy.count]).toEqual(["G", "X", "Y", count]);
});

test("the run's folder holds what was said; a run that was killed ends with the same", async () => {
  const early: Monitor<number> = {
    name: "early",
    start: 0,
    step: (state) => ({
      state: 1,
      ...(state === 0 ? {} : { word: { saw: "It saw.", means: "It means.", write: "Write." } }),
    }),
    codec: t.number,
  };
  const watching = (run: { monitors: string }, kept?: unknown) =>
    new Watch({
      setting: setting(),
      stopOn: ["early"],
      kept,
      pictures: async () => [],
      write: (lines) => writeSpoken(run.monitors, lines),
      notice: () => undefined,
      monitors: [early as Monitor<unknown>],
    });
  const run = await newRun();
  const session = fakeSession();
  const events: string[] = [];
  const { result } = await trainIn(run, session, fakeData(), {
    watch: watching(run),
    listener: (event) => events.push(event.kind),
  });
  expect(success(result)).toMatchObject({ ending: "monitor", position: { step: 2 } });
  expect(events).toContain("monitor");
  expect(success(await readSpokenOf(run))).toMatchObject([
    { step: 2, monitor: "early", level: "stop" },
  ]);
  const text = readFileSync(run.monitors, "utf8");
  // What stands in the file since, or instead, gives way to what the checkpoint knows.
  await writeSpoken(run.monitors, []);
  expect(existsSync(run.monitors)).toBe(false);
  const again = fakeSession();
  const { start, monitors: kept } = success(await restore(run, again));
  const more = await trainIn(run, again, fakeData(), { start, watch: watching(run, kept) });
  expect(success(more.result)).toMatchObject({ ending: "schedule" });
  expect(readFileSync(run.monitors, "utf8")).toBe(text);
});

const readSpokenOf = async (run: { readonly monitors: string }) => {
  const lines = await readSpoken(run);
  return lines._tag === "Left"
    ? ({ _tag: "Left", left: { kind: "state", reason: lines.left } } as const)
    : lines;
};

test("a line that was cut off is passed over, and a step without numbers is told with its files", async () => {
  const path = join(temporary(), "monitors.jsonl");
  const one = new Watch({
    setting: setting(),
    stopOn: [],
    pictures: async () => [],
    write: (lines) => writeSpoken(path, lines),
    notice: () => undefined,
  });
  await one.broken(
    { what: "fool", value: Number.NaN, files: ["a.png", "b\n.png"] },
    { step: 7, epoch: 0 },
  );
  const lines = success(await readSpokenOf({ monitors: path }));
  expect(lines).toMatchObject([{ step: 7, monitor: "explosion", level: "stop" }]);
  expect(lines[0]?.saw).toBe("fool became NaN. The batch: a.png, b\\x0a.png.");
});
