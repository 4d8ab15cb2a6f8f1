/**
 * `accumulate: n` is one batch of n times as many samples, taken piece by piece: on every engine.
 */

import { rmSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Session, StepInput } from "../../src/contracts/session.js";
import type { Draws, HostTensor, State } from "../../src/contracts/tensor.js";
import { openProgram } from "../../src/engines/onnx/runtime.js";
import { onnxSession } from "../../src/engines/onnx/session.js";
import { startsIn } from "../../src/engines/sessions/starts.js";
import { tfjsExplicitSession } from "../../src/engines/tfjs/explicit.js";
import { type GeneratedModule, tfjsSession } from "../../src/engines/tfjs/generated-session.js";
import { type Model, repetitionsOf } from "../../src/program/model.js";
import { averaging, batchOf, inputOf } from "../support/batches.js";
import { constructs } from "../support/constructs.js";
import { emptyFolder, load } from "../support/generated.js";
import { compileSpec, modelOf } from "../support/specs.js";
import { useBackend } from "../support/tensorflow.js";

const folder = emptyFolder("accumulate");
beforeAll(() => useBackend("cpu"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const seed = 5;
const PARTS = 3;
const SAMPLES = 2;

const withRecipe = (text: string, batch: number, accumulate: number): string =>
  averaging(text)
    .replace(/batch: +\d+/, "")
    .replace("train {", `train {\n  batch: ${batch}\n  accumulate: ${accumulate}\n`);

const onnx = (model: Model): Promise<Session> =>
  onnxSession(model, { engine: "onnx", seed, open: openProgram });
const explicit = (model: Model): Promise<Session> =>
  tfjsExplicitSession(model, { engine: "explicit", seed });
const tfjs = async (model: Model, text: string, name: string): Promise<Session> => {
  const module = (await load(folder, name, text)) as unknown as GeneratedModule;
  const { average } = model.recipe;
  return tfjsSession(module, { engine: "tfjs", seed, starts: startsIn(model), average });
};

/** The samples of one of the parts. */
const partOf = ({ shape: [all = 0, ...rest], data }: HostTensor, part: number): HostTensor => {
  const count = all / PARTS;
  const size = data.length / PARTS;
  return { shape: [count, ...rest], data: data.slice(part * size, (part + 1) * size) };
};

const inParts = (draws: Draws): readonly Draws[] =>
  Array.from({ length: PARTS }, (_, part) =>
    Object.fromEntries(Object.entries(draws).map(([key, tensor]) => [key, partOf(tensor, part)])),
  );

/** The same samples, a part of them for each draw. */
const apart = ({ batch, again = [], ...rest }: StepInput): StepInput => {
  const [first = {}, ...others] = [batch, ...again].flatMap(inParts);
  return { ...rest, batch: first, again: others };
};

const wholeInput = (model: Model, step: number): StepInput => ({
  ...inputOf(model, step),
  again: Array.from({ length: repetitionsOf(model) - 1 }, (_, k) => batchOf(model, step, 6 + k)),
});

const largestOf = (state: State): number =>
  Math.max(...[...state.values()].flatMap(({ data }) => [...data].map(Math.abs)));

/** The largest difference of what sums gradients, as a part of the largest of them. */
const gap = (a: State, b: State): number => {
  const isSum = (name: string): boolean =>
    /^(?:adam\.m|sgd\.b|rmsprop\.v|buffer|history)\//.test(name);
  const differences = [...a]
    .filter(([name]) => isSum(name))
    .map(([name, { data }]) => {
      const group = new Map([...a].filter(([other]) => other.split("/")[0] === name.split("/")[0]));
      const largest = Math.max(1e-9, largestOf(group));
      const other = b.get(name)?.data ?? new Float32Array();
      return Math.max(0, ...data.map((x, i) => Math.abs(x - (other[i] ?? Number.NaN)))) / largest;
    });
  return Math.max(0, ...differences);
};

/**
 * Between them whatever a step draws, keeps, repeats and moves; none looks at a whole batch at
 * once.
 */
const names = [
  "functions-handed-on",
  "histories",
  "histories-of-two-players",
  "three-domains",
  "noise",
  "labels",
  "pairs",
  "phases",
  "repeated-phases",
  "optimizers",
  "frozen",
  "dropout",
  "attention",
  "places",
];

test.each(names)("%s: parts of a batch are the batch", async (name) => {
  const [one, several] = [[PARTS * SAMPLES, 1] as const, [SAMPLES, PARTS] as const].map(
    ([batch, accumulate]) => withRecipe(constructs[name] as string, batch, accumulate),
  ) as [string, string];
  const [model, split] = [modelOf(one), modelOf(several)];
  const reference = await onnx(model);
  const text = await compileSpec("test.gan", { "test.gan": several });
  const engines = [await onnx(split), await explicit(split), await tfjs(split, text, name)];
  for (let step = 0; step < 4; step++) {
    // All begin each step where the reference is.
    const from = await reference.getState();
    const input = wholeInput(model, step);
    const a = await reference.step(input);
    const left = await reference.getState();
    for (const engine of engines) {
      await engine.setState(from);
      const b = await engine.step(apart(input));
      for (const [label, value] of Object.entries(b)) expect(value).toBeCloseTo(a[label] ?? 0, 4);
      const right = await engine.getState();
      expect([...right.keys()].sort()).toEqual([...left.keys()].sort());
      expect(gap(left, right)).toBeLessThan(2e-3);
    }
  }
  for (const engine of [reference, ...engines]) engine.dispose();
});

test.each(["histories", "dropout", "repeated-phases", "running-statistics"])(
  "%s: a run that goes on from its state is the straight run, bit for bit",
  async (name) => {
    const model = modelOf(withRecipe(constructs[name] as string, 1, PARTS));
    const run = async (session: Session, from: number, to: number): Promise<void> => {
      for (let step = from; step < to; step++) await session.step(inputOf(model, step));
    };
    const [straight, first, second] = [await onnx(model), await onnx(model), await onnx(model)];
    await run(straight, 0, 6);
    await run(first, 0, 3);
    await second.setState(await first.getState());
    await run(second, 3, 6);
    const [a, b] = [await straight.getState(), await second.getState()];
    expect([...b.keys()].sort()).toEqual([...a.keys()].sort());
    for (const [key, { data }] of a) expect([key, b.get(key)?.data]).toEqual([key, data]);
    for (const each of [straight, first, second]) each.dispose();
  },
);
