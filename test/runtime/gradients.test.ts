/** Gradients as values: of any order, of every layer, and leaving nothing behind. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import { layers } from "../../src/operators/layers.js";
import * as ganc from "../../src/runtime/index.js";
import { layerExamples } from "../support/layers.js";
import { backends, useBackend } from "../support/tensorflow.js";
import { apart, random, toTensor, values } from "./agreement.js";
import { blockOf } from "./blocks.js";

type Function = (v: tf.Tensor4D) => tf.Tensor;

const numbers = (t: tf.Tensor): readonly number[] => [...t.dataSync()];
const at = (x: number): tf.Tensor4D => tf.tensor4d([x], [1, 1, 1, 1]);

/** f, its derivative, and the two derivatives of that. */
const derivatives = (f: Function): readonly Function[] => {
  const all: Function[] = [f];
  for (let order = 1; order <= 3; order++) {
    const last = all[order - 1] as Function;
    all.push((v) => ganc.gradient(last, v));
  }
  return all;
};

const x = 0.6;
const [t, s] = [Math.tanh(x), 1 / (1 + Math.exp(-x))];
const known: Readonly<Record<string, readonly [Function, readonly number[]]>> = {
  tanh: [tf.tanh, [t, 1 - t ** 2, -2 * t * (1 - t ** 2), (6 * t ** 2 - 2) * (1 - t ** 2)]],
  sigmoid: [
    tf.sigmoid,
    [s, s * (1 - s), s * (1 - s) * (1 - 2 * s), s * (1 - s) * (1 - 6 * s + 6 * s ** 2)],
  ],
  exp: [tf.exp, [0, 1, 2, 3].map(() => Math.exp(x))],
  square: [(v) => tf.mul(v, v), [x ** 2, 2 * x, 2, 0]],
};

/** What draws is another matter. */
const examples = layerExamples.filter(({ name }) => layers.get(name)?.isRandom !== true);

describe.each(backends)("on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test.each(Object.entries(known))("derivatives of %s up to the third", (_, [f, expected]) => {
    const found = tf.tidy(() => derivatives(f).map((g) => numbers(g(at(x)))[0]));
    found.forEach((value, order) => {
      expect([order, value]).toEqual([order, expect.closeTo(expected[order] ?? Number.NaN, 4)]);
    });
  });

  test("tfjs's own second derivative of x tanh(x) is wrong where ours is right", () => {
    const f = (v: tf.Tensor): tf.Tensor => tf.mul(v, tf.tanh(v));
    const expected = 2 * (1 - t ** 2) * (1 - x * t);
    tf.tidy(() => {
      expect(numbers(derivatives(f)[2]?.(at(x)) as tf.Tensor)[0]).toBeCloseTo(expected, 5);
      const theirs = numbers(tf.grad(tf.grad(f))(at(x)))[0] ?? 0;
      expect(Math.abs(theirs - expected)).toBeGreaterThan(0.1);
    });
  });

  test.each(examples.map((example) => [example.text, example] as const))(
    "%s: the derivative of its gradient is that gradient's difference",
    (_, example) => {
      tf.tidy(() => {
        const next = values(5);
        const beside = example.beside.map((one) => one.shape);
        const model = ganc.network("N", [example.input, ...beside], blockOf(example));
        ganc.initialise(model, (_name, size) => Float32Array.from({ length: size }, next));
        const shape = [2, ...example.input];
        const others = beside.map((side) => toTensor(random([2, ...side], next)));
        const image = toTensor(apart(shape, next)).div(10) as tf.Tensor4D;
        const direction = toTensor(random(shape, next));
        const apply = (v: tf.Tensor): tf.Tensor => ganc.apply(model, v, ...others);
        const weights = toTensor(random(apply(image).shape, next));
        const slope: Function = (v) =>
          ganc.gradient((w) => tf.mul(tf.square(apply(w)), weights), v);
        const along: Function = (v) => tf.sum(tf.mul(slope(v), direction));
        const found = numbers(ganc.gradient(along, image));
        const step = 2e-3;
        const [after, before] = [step, -step].map((by) =>
          numbers(slope(tf.add(image, tf.mul(direction, by)))),
        ) as [readonly number[], readonly number[]];
        const differences = after.map((value, i) => (value - (before[i] ?? 0)) / (2 * step));
        const largest = Math.max(0.1, ...differences.map(Math.abs));
        const worst = Math.max(...found.map((v, i) => Math.abs(v - (differences[i] ?? 0))));
        expect(worst / largest).toBeLessThan(1e-2);
      });
    },
  );

  test("what else a function reads is constant, were it the same value", () => {
    tf.tidy(() => {
      const v = at(3);
      expect(numbers(ganc.gradient((w) => tf.mul(w, v), v))).toEqual([3]);
      expect(numbers(ganc.gradient(() => tf.square(v), v))).toEqual([0]);
      expect(numbers(ganc.gradient((w) => tf.mul(w, ganc.detach(w)), v))).toEqual([3]);
    });
  });

  test("nothing is left behind, also when it throws", () => {
    const v = at(3);
    const { numTensors } = tf.memory();
    const flat = ganc.gradient((w) => ganc.gradient((u) => tf.tanh(u), w), v);
    expect(tf.memory().numTensors).toBe(numTensors + 1);
    flat.dispose();
    const failing = () => {
      throw new Error("stopped");
    };
    expect(() => ganc.gradient((w) => tf.add(tf.tanh(w), ganc.gradient(failing, w)), v)).toThrow(
      "stopped",
    );
    expect(tf.memory().numTensors).toBe(numTensors);
    v.dispose();
  });
});
