/** Layers with weights of their own kinds and pointwise functions, against plain loops and central differences. */
import { beforeAll, describe, expect, test } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import * as ganc from "../../src/runtime/index.js";
import { backends, useBackend } from "../support/tensorflow.js";
import { apart, expectAgreement, expectClose, random, toTensor, values } from "./agreement.js";
import { at, build, type Dense, differences, map } from "./reference.js";

type Index = readonly [number, number, number, number];

const sides = ({ shape }: Dense): Index => shape as unknown as Index;
const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);
const sum = (terms: readonly number[]): number => terms.reduce((a, b) => a + b, 0);

/** The places of each sample and their channels, [n, h w, c], as nested lists. */
const rowsOf = (x: Dense): readonly (readonly (readonly number[])[])[] => {
  const [n, h, w, c] = sides(x);
  return range(n).map((i) =>
    range(h * w).map((p) => range(c).map((k) => at(x, [i, Math.floor(p / w), p % w, k]))),
  );
};

const weigh = (row: readonly number[], weight: Dense): readonly number[] => {
  const columns = weight.shape[1] as number;
  return range(columns).map((u) =>
    sum(row.map((v, i) => v * (weight.data[i * columns + u] as number))),
  );
};

const vector = (n: number, units: number, value: (i: number, u: number) => number): Dense =>
  build([n, 1, 1, units], ([i, , , u]) => value(i, u));

const denseLayer = (x: Dense, weight: Dense, bias?: Dense): Dense => {
  const samples = rowsOf(x).map((places) => weigh(places.flat(), weight));
  return vector(
    samples.length,
    weight.shape[1] as number,
    (i, u) => (samples[i]?.[u] as number) + (bias?.data[u] ?? 0),
  );
};

/** Numbers of one group to mean 0 and variance 1; then of each channel scaled and shifted. */
const norm =
  (group: (index: Index) => string, epsilon: number) =>
  (x: Dense, scale?: Dense, shift?: Dense): Dense => {
    const groups = new Map<string, number[]>();
    build(x.shape, (index) => {
      const value = at(x, index);
      groups.set(group(index), [...(groups.get(group(index)) ?? []), value]);
      return value;
    });
    return build(x.shape, (index) => {
      const all = groups.get(group(index)) as number[];
      const mean = sum(all) / all.length;
      const variance = sum(all.map((v) => (v - mean) ** 2)) / all.length;
      const y = (at(x, index) - mean) / Math.sqrt(variance + epsilon);
      return y * (scale?.data[index[3]] ?? 1) + (shift?.data[index[3]] ?? 0);
    });
  };

const softmaxOf = (row: readonly number[]): readonly number[] => {
  const all = sum(row.map(Math.exp));
  return row.map((v) => Math.exp(v) / all);
};

const attention = (x: Dense, query: Dense, key: Dense, value: Dense, gain: Dense): Dense => {
  const [, , w] = sides(x);
  const seen = rowsOf(x).map((places) => {
    const [q, k, v] = [query, key, value].map((m) => places.map((row) => weigh(row, m))) as [
      number[][],
      number[][],
      number[][],
    ];
    return q.map((of) => {
      const weights = softmaxOf(k.map((row) => sum(row.map((a, i) => a * (of[i] as number)))));
      return range(v[0]?.length ?? 0).map((c) =>
        sum(weights.map((a, p) => a * (v[p]?.[c] as number))),
      );
    });
  });
  return build(
    x.shape,
    ([i, y, z, c]) =>
      at(x, [i, y, z, c]) + (gain.data[0] as number) * (seen[i]?.[y * w + z]?.[c] as number),
  );
};

const inside = [2, 3, 2, 4] as const;

describe.each(backends)("on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  /** Holds a layer, its gradient and those of its parameters to the reference, which takes these in their order. */
  const hold = (
    body: ganc.Block,
    reference: (x: Dense, ...weights: Dense[]) => Dense,
    names: readonly string[] = [],
    shape: readonly number[] = inside,
    input = apart,
  ): void => {
    const next = values(31);
    const model = ganc.network("N", shape.slice(1) as unknown as [number, number, number], body);
    const held = ganc.parameters(model);
    expect([...held.keys()].map((name) => name.split(".").at(-1))).toEqual(names);
    const weights = [...held.values()].map((v) => random(v.shape, next));
    [...held.values()].forEach((v, i) => {
      v.assign(tf.tensor(Float32Array.from((weights[i] as Dense).data), v.shape));
    });
    const x = input(shape, next);
    expectAgreement(
      (y) => ganc.apply(model, y),
      (y) => reference(y, ...weights),
      [x],
      next,
    );
    if (names.length === 0) return;
    const cotangent = random(reference(x, ...weights).shape, next);
    const slopes = differences((...of) => reference(x, ...of), weights, cotangent);
    tf.tidy(() => {
      const { gradients } = ganc.differentiate([model], () => ({
        value: tf.sum(tf.mul(ganc.apply(model, toTensor(x)), toTensor(cotangent))) as tf.Scalar,
      }));
      [...gradients.values()].forEach((gradient, i) => {
        expectClose(gradient, slopes[i] as Dense);
      });
    });
  };

  test("dense and embedding weigh every number of a sample", () => {
    hold(ganc.dense(3), denseLayer, ["weight", "bias"]);
    hold(ganc.dense(3, { bias: false }), denseLayer, ["weight"]);
    hold(ganc.embedding(3), denseLayer, ["weight"], [3, 1, 1, 5]);
  });

  test("flatten and reshape keep the order of the numbers", () => {
    hold(ganc.flatten(), ({ data }) => ({ shape: [2, 1, 1, 24], data }));
    hold(ganc.reshape(2, 1, 12), ({ data }) => ({ shape: [2, 2, 1, 12], data }));
  });

  test("global_avg_pool is the mean of each channel", () => {
    hold(ganc.globalAvgPool(), (x) => {
      const samples = rowsOf(x);
      return vector(
        2,
        4,
        (i, c) =>
          sum((samples[i] ?? []).map((row) => row[c] as number)) / (samples[i]?.length ?? 0),
      );
    });
  });

  test("pixel_shuffle is PyTorch's PixelShuffle", () => {
    hold(
      ganc.pixelShuffle(2),
      (x) =>
        build([2, 6, 4, 2], ([i, y, z, c]) =>
          at(x, [i, Math.floor(y / 2), Math.floor(z / 2), 4 * c + 2 * (y % 2) + (z % 2)]),
        ),
      [],
      [2, 3, 2, 8],
    );
  });

  test("softmax, elu, swish and gelu are those of their definitions", () => {
    hold(ganc.softmax(), (x) => {
      const samples = rowsOf(x).map((places) => places.map(softmaxOf));
      return build(x.shape, ([i, y, z, c]) => samples[i]?.[2 * y + z]?.[c] as number);
    });
    hold(ganc.elu(), (x) => map(x, (v) => (v > 0 ? v : Math.expm1(v))));
    hold(ganc.swish(), (x) => map(x, (v) => v / (1 + Math.exp(-v))));
    const gelu = (v: number): number =>
      0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)));
    hold(ganc.gelu(), (x) => map(x, gelu));
  });

  test.each([1, 2])("normalisations take the mean of what they are named for, batch of %d", (n) => {
    const shape = [n, 3, 2, 4];
    const both = ["scale", "shift"];
    const instance = norm(([i, , , c]) => `${i} ${c}`, 0.1);
    hold(ganc.instanceNorm({ epsilon: 0.1, affine: true }), instance, both, shape);
    hold(ganc.instanceNorm({ epsilon: 0.1 }), instance, [], shape);
    const layer = norm(([i]) => `${i}`, 0.1);
    hold(ganc.layerNorm({ epsilon: 0.1, affine: true }), layer, both, shape);
    hold(ganc.layerNorm({ epsilon: 0.1 }), layer, [], shape);
    const batch = norm(([, , , c]) => `${c}`, 0.1);
    hold(ganc.batchNorm({ epsilon: 0.1 }), batch, both, shape);
    hold(ganc.batchNorm({ epsilon: 0.1, affine: false }), batch, [], shape);
  });

  test("self-attention is that of SAGAN", () => {
    const names = ["query", "key", "value", "gain"];
    // Of numbers as great as `apart` gives, a softmax is 0 and 1 and has no gradient.
    hold(ganc.selfAttention(), attention, names, [2, 2, 3, 16], random);
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
