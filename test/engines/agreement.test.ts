/**
 * Every engine trains the same program: from one state, on one batch, over every construct of the
 * language, tfjs with its tape, tfjs with explicit code and ONNX Runtime report the same values and
 * come to the same state, histories and averages among it.
 */

import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import type { Session } from "../../src/contracts/session.js";
import type { HostTensor, State } from "../../src/contracts/tensor.js";
import { openProgram } from "../../src/engines/onnx/runtime.js";
import { onnxSession } from "../../src/engines/onnx/session.js";
import { startsIn } from "../../src/engines/sessions/starts.js";
import { tfjsExplicitSession } from "../../src/engines/tfjs/explicit.js";
import { type GeneratedModule, tfjsSession } from "../../src/engines/tfjs/generated-session.js";
import type { Model } from "../../src/program/model.js";
import { averaging, batchOf, inputOf, samplesOf } from "../support/batches.js";
import { constructs } from "../support/constructs.js";
import { emptyFolder, load } from "../support/generated.js";
import { compileSpec, modelOf } from "../support/specs.js";
import { useBackend } from "../support/tensorflow.js";

const folder = emptyFolder("agreement");
beforeAll(() => useBackend("tensorflow"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const seed = 5;

const onnx = (model: Model): Promise<Session> =>
  onnxSession(model, { engine: "onnx", seed, open: openProgram });

const tfjs = async (model: Model, text: string, name: string): Promise<Session> => {
  const module = (await load(folder, name, text)) as unknown as GeneratedModule;
  const { average } = model.recipe;
  return tfjsSession(module, { engine: "tfjs", seed, starts: startsIn(model), average });
};

const explicit = (model: Model): Promise<Session> =>
  tfjsExplicitSession(model, { engine: "explicit", seed });

/**
 * The largest difference, as a part of the largest value of either, or of `least` where they are
 * smaller still.
 */
const difference = (a: Float32Array, b: Float32Array, least = 1e-6): number => {
  const largest = Math.max(least, ...a.map(Math.abs), ...b.map(Math.abs));
  return Math.max(0, ...a.map((x, i) => Math.abs(x - (b[i] ?? Number.NaN)))) / largest;
};

const largestOf = (state: State): number =>
  Math.max(...[...state.values()].flatMap(({ data }) => [...data].map(Math.abs)));

const expectSame = (a: State, b: State, tolerance: number, least?: number): void => {
  expect([...a.keys()].sort()).toEqual([...b.keys()].sort());
  for (const [name, { shape, data }] of a) {
    const other = b.get(name) as HostTensor;
    expect([name, other.shape]).toEqual([name, shape]);
    const found = difference(data, other.data, least);
    expect([name, found < tolerance ? "same" : found]).toEqual([name, "same"]);
  }
};

/**
 * Moments are sums of gradients; parameters and what is made of them carry an optimizer's amplified
 * rounding.
 */
const gradients = (state: State): State =>
  new Map([...state].filter(([name]) => /^(?:adam\.m|sgd\.b)\//.test(name)));

test.each(Object.keys(constructs))("%s: engines agree, step by step", async (name) => {
  const text = averaging(constructs[name] as string);
  const file = { "test.gan": text };
  const model = modelOf(text);
  const first = await tfjs(model, await compileSpec("test.gan", file), name);
  const others = [await onnx(model), await explicit(model)];
  const start = await first.getState();
  for (const other of others) {
    const own = await other.getState();
    // No engine has moments before its first update, and all average the same weights.
    expect([...own.keys()].sort()).toEqual([...start.keys()].sort());
    for (const [key, { data }] of start)
      if (key.startsWith("param/")) expect(own.get(key)?.data).toEqual(data);
  }
  for (let step = 0; step < 6; step++) {
    // Teacher-forced: all begin each step where the first engine is.
    const from = await first.getState();
    const input = inputOf(model, step);
    const held = tf.memory().numTensors;
    const a = await first.step(input);
    // The first step begins moments and histories; from then on a step leaves as many tensors as it
    // found.
    if (step > 0) expect(tf.memory().numTensors).toBe(held);
    const left = await first.getState();
    for (const other of others) {
      await other.setState(from);
      const b = await other.step(input);
      expect(Object.keys(b).sort()).toEqual(Object.keys(a).sort());
      for (const [label, value] of Object.entries(a)) expect(b[label]).toBeCloseTo(value, 4);
      const right = await other.getState();
      // The bias before an instance norm has the gradient zero by algebra, and rounding in its
      // place.
      const least = 1e-2 * largestOf(gradients(left));
      expectSame(gradients(left), gradients(right), 2e-3, least);
      // A parameter moves by the rate at most, whatever becomes of a gradient that is nothing but
      // rounding.
      expectSame(left, right, 2.1e-3 / 0.02, 0.02);
    }
  }
  const several = model.networks.find(({ from }) => from.length > 1);
  const network = several ?? model.networks[0];
  const images = (network?.from ?? []).map((domain) => samplesOf(model, domain));
  const made = await first.translate(network?.name ?? "", images);
  for (const other of others) {
    await other.setState(await first.getState());
    const same = await other.translate(network?.name ?? "", images);
    expect(same.shape).toEqual(made.shape);
    expect(difference(made.data, same.data)).toBeLessThan(1e-4);
  }
  for (const engine of [first, ...others]) engine.dispose();
});

test.each([
  "histories",
  "repeated-phases",
  "optimizers",
  "optimizer-of-one-network",
  "running-statistics",
])(
  "%s: a run on ONNX Runtime that stops and goes on from its state is the straight run, bit for bit",
  async (name) => {
    const text = averaging(constructs[name] as string);
    const model = modelOf(text);
    const run = async (session: Session, from: number, to: number): Promise<void> => {
      for (let step = from; step < to; step++) await session.step(inputOf(model, step));
    };
    const [straight, first, second] = [await onnx(model), await onnx(model), await onnx(model)];
    await run(straight, 0, 9);
    await run(first, 0, 5);
    await second.setState(await first.getState());
    await run(second, 5, 9);
    const [a, b] = [await straight.getState(), await second.getState()];
    expect([...b.keys()]).toEqual([...a.keys()]);
    for (const [name, { data }] of a) expect([name, b.get(name)?.data]).toEqual([name, data]);
    for (const session of [straight, first, second]) session.dispose();
  },
);

test("a state that lacks a weight, or has a history beyond its capacity, is refused", async () => {
  const model = modelOf(constructs.histories as string);
  const session = await onnx(model);
  await session.step({ batch: batchOf(model, 0), rate: 1e-3, step: 0 });
  const state = new Map(await session.getState());
  const weight = [...state.keys()].find((name) => name.startsWith("param/")) as string;
  const without = new Map(state);
  without.delete(weight);
  await expect(session.setState(without)).rejects.toThrow(weight);
  const history = [...state.keys()].find((name) => name.startsWith("history/")) as string;
  const image = state.get(history) as HostTensor;
  const [, ...sides] = image.shape;
  const many = { shape: [9, ...sides], data: new Float32Array(9 * image.data.length) };
  await expect(session.setState(new Map([...state, [history, many]]))).rejects.toThrow("history");
  session.dispose();
});
