/** The optimizers that generated code imports, against PyTorch's formulas, and their state. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import * as ganc from "../../src/runtime/index.js";
import { gradients, type OptimizerCase, optimizerCases, start } from "../support/optimizers.js";
import { backends, useBackend } from "../support/tensorflow.js";

const made = ({ name, options }: OptimizerCase): ganc.Optimizer => {
  if (name === "adam") return new ganc.Adam(options);
  if (name === "adamw") return new ganc.AdamW(options);
  return name === "sgd" ? new ganc.Sgd(options) : new ganc.RmsProp(options);
};

/** A network of one weight and no bias. */
const one = (): tf.LayersModel => {
  const model = ganc.network("W", [1, 1, 1], ganc.conv(1, 1, { bias: false }));
  ganc.initialise(model, () => Float32Array.of(start));
  return model;
};

const weightOf = (model: tf.LayersModel): number =>
  [...ganc.parameters(model).values()][0]?.dataSync()[0] ?? Number.NaN;

const update = (
  model: tf.LayersModel,
  optimizer: ganc.Optimizer,
  g: number,
  rate: number,
): number => {
  const [name = ""] = ganc.parameters(model).keys();
  tf.tidy(() => optimizer.update([model], new Map([[name, tf.tensor([[[[g]]]])]]), rate));
  return weightOf(model);
};

describe.each(backends)("on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(optimizerCases)("$name with $options is PyTorch's", (each) => {
    const [model, optimizer] = [one(), made(each)];
    const expected = each.rule(start, gradients, 0.05, each.options);
    gradients.forEach((g, i) => {
      expect(update(model, optimizer, g, 0.05)).toBeCloseTo(expected[i] as number, 5);
    });
  });

  test.each(optimizerCases)(
    "$name with $options goes on from its state, bit for bit",
    async (each) => {
      const [straight, first] = [one(), one()];
      const [all, before, after] = [made(each), made(each), made(each)];
      const reached = gradients.map((g) => update(straight, all, g, 0.05));
      for (const g of gradients.slice(0, 3)) update(first, before, g, 0.05);
      after.setState(await before.getState());
      const rest = gradients.slice(3).map((g) => update(first, after, g, 0.05));
      expect(rest).toEqual(reached.slice(3));
      const leaks = tf.memory().numTensors;
      update(first, after, 1, 0.05);
      expect(tf.memory().numTensors).toBe(leaks);
    },
  );

  test("weight decay leaves biases alone", () => {
    const model = ganc.network("W", [1, 1, 1], ganc.conv(1, 1));
    ganc.initialise(model, () => Float32Array.of(start));
    const zero = new Map([...ganc.parameters(model)].map(([name, p]) => [name, tf.zerosLike(p)]));
    const all = () => [...ganc.parameters(model).values()].map((p) => p.dataSync()[0]);
    new ganc.AdamW({ decay: 0.5 }).update([model], zero, 0.1);
    expect(all()).toEqual([expect.closeTo(0.95 * start, 6), 0]);
    [...ganc.parameters(model).values()][1]?.assign(tf.tensor([2]));
    new ganc.AdamW({ decay: 0.5 }).update([model], zero, 0.1);
    expect(all()).toEqual([expect.closeTo(0.95 ** 2 * start, 6), 2]);
  });

  test("clip keeps every parameter within its bound", () => {
    const model = one();
    ganc.clip([model], 0.25);
    expect(weightOf(model)).toBe(0.25);
    ganc.clip([model], 0.5);
    expect(weightOf(model)).toBe(0.25);
  });
});
