/** Every layer of the runtime and its gradients, against plain loops and central differences. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import { layers } from "../../src/operators/layers.js";
import * as ganc from "../../src/runtime/index.js";
import { buffers } from "../../src/runtime/parameters.js";
import { type Dense, differences } from "../support/dense.js";
import { given, layerExamples } from "../support/layers.js";
import { backends, useBackend } from "../support/tensorflow.js";
import { apart, expectAgreement, expectClose, random, toTensor, values } from "./agreement.js";
import { blockOf } from "./blocks.js";

const examples = layerExamples.filter(({ value }) => value !== undefined);

describe.each(backends)("on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  /** Of a batch of one, normalisation may be a kernel of its own. */
  const batches = examples.flatMap((example) =>
    (layers.get(example.name)?.normalises === undefined ? [2] : [1, 2]).map(
      (n) => [example.text, n, example] as const,
    ),
  );

  test.each(batches)("%s, batch of %d", (_text, n, example) => {
    const { input, options, value: reference = (x) => x, isSteep } = example;
    const next = values(31);
    const shape = [n, ...input];
    const beside = example.beside.map((one) => one.shape);
    const besideNames = layers.get(example.name)?.beside ?? [];
    const model = ganc.network("N", [input, ...beside], blockOf(example));
    const held = ganc.parameters(model);
    const names = [...held.keys()].map((name) => name.split(".").at(-1) ?? "");
    const parameters = layers.get(example.name)?.parameters(input, given(example), beside) ?? [];
    expect([...held.values()].map(({ shape }, i) => [names[i], shape])).toEqual(
      parameters.map((parameter) => [parameter.name, [...parameter.shape]]),
    );
    const weights = [...held.values()].map((v) => random(v.shape, next));
    [...held.values()].forEach((v, i) => {
      v.assign(tf.tensor(Float32Array.from((weights[i] as Dense).data), v.shape));
    });
    const kept = [...buffers(model)].map(([name, v]) => {
      const { shape, data } = random(v.shape, next);
      const positive = data.map((value) => 0.5 + Math.abs(value));
      v.assign(tf.tensor(Float32Array.from(positive), v.shape));
      return [name.split(".").at(-1), { shape, data: positive }] as const;
    });
    const by = (x: Dense, ...of: Dense[]): Dense =>
      reference(
        x,
        options,
        Object.fromEntries([
          ...of.map((weight, i) => [[...besideNames, ...names][i], weight]),
          ...kept,
        ]),
      );
    const others = beside.map((side) => random([n, ...side], next));
    const x = isSteep === true ? random(shape, next) : apart(shape, next);
    expectAgreement(
      (y, ...rest) => ganc.apply(model, y as tf.Tensor4D, ...rest),
      (y, ...rest) => by(y as Dense, ...rest, ...weights),
      [x, ...others],
      next,
    );
    if (names.length === 0) return;
    const cotangent = random(by(x, ...others, ...weights).shape, next);
    const slopes = differences((...of) => by(x, ...others, ...of), weights, cotangent);
    tf.tidy(() => {
      const { gradients } = ganc.differentiate([model], () => ({
        value: tf.sum(
          tf.mul(ganc.apply(model, toTensor(x), ...others.map(toTensor)), toTensor(cotangent)),
        ) as tf.Scalar,
      }));
      [...gradients.values()].forEach((gradient, i) => {
        expectClose(gradient, slopes[i] as Dense);
      });
    });
  });

  test("what scales begins as ones, what is added as zeros, and all else is drawn", () => {
    const body = ganc.seq(ganc.batchNorm(), ganc.selfAttention(), ganc.dense(2));
    const model = ganc.network("N", [2, 2, 3], body);
    ganc.initialise(model, (_name, size) => new Float32Array(size).fill(7));
    const found = [...ganc.parameters(model)].map(([name, v]) => [name, v.dataSync()[0]]);
    expect(Object.fromEntries(found)).toEqual({
      "N.batch_norm.scale": 1,
      "N.batch_norm.shift": 0,
      "N.self_attention.query": 7,
      "N.self_attention.key": 7,
      "N.self_attention.value": 7,
      "N.self_attention.gain": 0,
      "N.dense.weight": 7,
      "N.dense.bias": 0,
    });
  });
});

test.each<[string, ganc.Block]>([
  ["reshape to another number", ganc.reshape(2, 2, 2)],
  ["square of pixels out of too few channels", ganc.pixelShuffle(2)],
  ["half a unit", ganc.dense(0.5)],
  ["negative epsilon", ganc.layerNorm({ epsilon: -1 })],
])("refuses a %s", (_what, body) => {
  expect(() => ganc.network("N", [4, 4, 1], body)).toThrow(RangeError);
});

test("a dense layer over an image of open size says so", () => {
  expect(() => ganc.network("N", [null, 4, 1], ganc.dense(2))).toThrow("the height is open");
});
