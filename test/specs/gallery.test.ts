/**
 * The gallery: short, without a diagnostic, and every model trains: on each engine, and on all
 * alike.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import { analyse } from "../../src/compiler/frontend.js";
import type { Session } from "../../src/contracts/session.js";
import type { State } from "../../src/contracts/tensor.js";
import { openProgram } from "../../src/engines/onnx/runtime.js";
import { onnxSession } from "../../src/engines/onnx/session.js";
import { tfjsExplicitSession } from "../../src/engines/tfjs/explicit.js";
import type { Model } from "../../src/program/model.js";
import type { InitChoice } from "../../src/program/recipe.js";
import { inputOf } from "../support/batches.js";
import { modelOfSpec, readProject, root, sources } from "../support/specs.js";
import { useBackend } from "../support/tensorflow.js";

const gallery = readdirSync(join(root, "specs/gallery"))
  .map((name) => name.replace(/\.gan$/, ""))
  .sort();

test.each(gallery)("%s is sound, and no longer than forty lines", (name) => {
  const entry = `specs/gallery/${name}.gan`;
  expect(analyse(entry, sources()).diagnostics).toEqual([]);
  expect(readProject(entry).trimEnd().split("\n").length).toBeLessThanOrEqual(40);
});

/** Sizes at which a step takes no time; params that a spec does not have are left out. */
const small: Readonly<Record<string, string>> = {
  size: "32",
  ngf: "2",
  ndf: "2",
  dim: "2",
  // Of 32 groups none is a single channel, whose normalisation would undo what is added before it.
  ch: "64",
  blocks: "1",
  width: "3",
  code: "4",
  critics: "2",
  classes: "2",
};

/** What a network of many levels needs. */
const sizes: Readonly<Record<string, string>> = {
  pix2pix: "256",
  stargan: "64",
  cut: "64",
  munit: "64",
  ddpm: "16",
  ugatit: "128",
};

/** First weights of networks that are too narrow here for those of the recipe to pass much on. */
const wider: Readonly<Record<string, InitChoice>> = {
  uvcgan2: { kind: "kaiming_normal", options: { slope: 0, fan_out: false } },
};

/**
 * The model with small networks and two samples a step. Each phase runs once: Adam turns rounding
 * into steps of the learning rate, so what a second run begins with is not the same on any two
 * engines.
 */
const smallModel = (name: string): Model => {
  const entry = `specs/gallery/${name}.gan`;
  const params = modelOfSpec(entry).params.map((param) => param.name);
  const wanted = { ...small, ...(sizes[name] === undefined ? {} : { size: sizes[name] }) };
  const set = Object.fromEntries(
    Object.entries(wanted).filter(([param]) => params.includes(param)),
  );
  const model = modelOfSpec(entry, set);
  const phases = model.phases.map((phase) => ({ ...phase, times: 1 }));
  const init = wider[name] ?? model.recipe.init;
  return { ...model, phases, recipe: { ...model.recipe, init, batch: 2 } };
};

const seed = 3;
const engines = {
  onnx: (model: Model): Promise<Session> =>
    onnxSession(model, { engine: "onnx", seed, open: openProgram }),
  explicit: (model: Model): Promise<Session> =>
    tfjsExplicitSession(model, { engine: "explicit", seed }),
};

beforeAll(() => useBackend("tensorflow"));

const numbersOf = (state: State, prefix: string): ReadonlyMap<string, Float32Array> =>
  new Map(
    [...state].flatMap(([name, { data }]) => (name.startsWith(prefix) ? [[name, data]] : [])),
  );

const length = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));

/** Relative L2, as in the table of parity. */
const relative = (a: Float32Array, b: Float32Array): number =>
  length(a.map((x, i) => x - (b[i] ?? Number.NaN))) / Math.max(1e-6, length(a));

/**
 * The state with weights of frozen networks as wide as those of a file: what passes through keeps
 * its scale (He et al. 2015). As narrow as the recipe draws them, a deep one gives nothing.
 */
const lively = ({ networks }: Model, state: State): State =>
  new Map(
    [...state].map(([name, { shape, data }]) => {
      const isFrozen = networks.some((n) => n.isFrozen && name.startsWith(`param/${n.name}.`));
      if (!isFrozen || shape.length < 4) return [name, { shape, data }];
      const seen = shape.slice(0, 3).reduce((a, b) => a * b, 1);
      const width = Math.sqrt(2 / seen) / (length(data) / Math.sqrt(data.length));
      return [name, { shape, data: data.map((x) => x * width) }];
    }),
  );

test.each(gallery)(
  "%s trains: all that is trained moves, finite, on all engines alike",
  async (name) => {
    const model = smallModel(name);
    const trained = model.players.flatMap(({ networks }) => networks);
    const [onnx, explicit] = [await engines.onnx(model), await engines.explicit(model)];
    await onnx.setState(lively(model, await onnx.getState()));
    const start = numbersOf(await onnx.getState(), "param/");
    let reported: Record<string, number> = {};
    for (let step = 0; step < 2; step++) {
      await explicit.setState(await onnx.getState());
      const input = inputOf(model, step);
      const [a, b] = [await onnx.step(input), await explicit.step(input)];
      expect(Object.keys(b)).toEqual(Object.keys(a));
      for (const [label, value] of Object.entries(a)) {
        expect([label, Number.isFinite(value)]).toEqual([label, true]);
        expect(Math.abs(value - (b[label] ?? Number.NaN))).toBeLessThan(
          1e-3 * Math.max(1, Math.abs(value)),
        );
        // Draws are new, so a loss that stays to the last bit depends on none.
        if (step > 0) expect([label, value]).not.toEqual([label, reported[label]]);
      }
      reported = { ...a };
    }
    const [end, other] = [await onnx.getState(), await explicit.getState()].map((state) =>
      numbersOf(state, "param/"),
    ) as [ReadonlyMap<string, Float32Array>, ReadonlyMap<string, Float32Array>];
    for (const [key, data] of end) {
      expect([key, data.every(Number.isFinite)]).toEqual([key, true]);
      const before = start.get(key) as Float32Array;
      const network = key.slice("param/".length).split(".")[0] ?? "";
      const moved = length(data.map((x, i) => x - (before[i] ?? 0))) > 0;
      // The bias before a normalisation is dropped: nothing depends on it.
      if (!key.endsWith(".bias")) expect([key, moved]).toEqual([key, trained.includes(network)]);
      expect(relative(data, other.get(key) as Float32Array)).toBeLessThan(0.05);
    }
    for (const session of [onnx, explicit]) session.dispose();
  },
  // Networks of hundreds of layers take a while on a machine that does other things.
  600_000,
);
