import { beforeAll, describe, expect, test } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import * as ganc from "../../src/runtime/index.js";
import { backends, useBackend } from "../support/tensorflow.js";
import { values } from "./agreement.js";

const R = (k: number): ganc.Block =>
  ganc.block(
    "R",
    ganc.residual(
      ...[ganc.reflectPad(1), ganc.conv(3, k), ganc.instanceNorm(), ganc.relu()],
      ...[ganc.reflectPad(1), ganc.conv(3, k), ganc.instanceNorm()],
    ),
  );

/** What convolutional networks are made of, two scopes of one name, a repetition, and merges. */
const everything = (name: string, size: number | null = 8): tf.LayersModel =>
  ganc.network(
    name,
    [size, size, 3],
    ganc.seq(
      ganc.block("d", ganc.conv(3, 4, { stride: 2, pad: 1 }), ganc.instanceNorm(), ganc.relu()),
      ganc.block("d", ganc.zeroPad(1), ganc.conv(3, 4, { bias: false }), ganc.leakyRelu(0.2)),
      ganc.repeat(R(4), 3),
      ganc.identity(),
      (x) => ganc.concat(x, ganc.mul(ganc.sigmoid()(x), ganc.sub(x, ganc.add(x, x)))),
      ganc.convTranspose(3, 4, { stride: 2, pad: 1, outputPad: 1 }),
      ganc.seq(ganc.avgPool(2), ganc.upsample(2), ganc.maxPool(3, { stride: 1, pad: 1 })),
      ganc.conv(1, 3),
      ganc.tanh(),
    ),
  );

const weights = (seed: number) => (_name: string, size: number) => {
  const next = values(seed);
  return Float32Array.from({ length: size }, () => 0.3 * next());
};

/** The model as `tf.loadLayersModel` gives it back. */
async function reload(model: tf.LayersModel): Promise<tf.LayersModel> {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save(
    tf.io.withSaveHandler(async (artifacts) => {
      saved = JSON.parse(JSON.stringify({ ...artifacts, weightData: undefined }));
      Object.assign(saved as object, { weightData: artifacts.weightData });
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
  );
  return tf.loadLayersModel(tf.io.fromMemory(saved as tf.io.ModelArtifacts));
}

const names = [
  ...["d.conv.weight", "d.conv.bias", "d_2.conv.weight"],
  ...["R", "R_2", "R_3"].flatMap((r) =>
    ["conv.weight", "conv.bias", "conv_2.weight", "conv_2.bias"].map((w) => `${r}.${w}`),
  ),
  ...["conv_transpose.weight", "conv_transpose.bias", "conv.weight", "conv.bias"],
];

describe.each(backends)("on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test("parameters are named by their place, also in a second model of the same name", () => {
    for (let i = 0; i < 2; i++) {
      const found = [...ganc.parameters(everything("G")).keys()];
      expect(found).toEqual(names.map((name) => `G.${name}`));
    }
  });

  test("a saved model loads with the same names, weights and output", async () => {
    const model = everything("G");
    ganc.initialise(model, weights(5));
    const loaded = await reload(model);
    expect([...ganc.parameters(loaded).keys()]).toEqual([...ganc.parameters(model).keys()]);
    const x = tf.randomUniform([2, 8, 8, 3], -1, 1, "float32", 1);
    const [expected, actual] = [model, loaded].map((m) => ganc.apply(m, x).dataSync());
    expect(Math.max(...(expected as Float32Array))).toBeGreaterThan(0.01);
    expect(actual).toEqual(expected);
    expect(loaded.name).toBe("G");
  });

  test("so does a model of layers between images and vectors, with their options", async () => {
    const body = ganc.seq(
      ...[ganc.batchNorm({ epsilon: 0.1 }), ganc.layerNorm(), ganc.instanceNorm({ affine: true })],
      ...[ganc.elu(), ganc.swish(), ganc.gelu(), ganc.selfAttention(), ganc.pixelShuffle(2)],
      (x: tf.SymbolicTensor) => ganc.concat(ganc.flatten()(x), ganc.globalAvgPool()(x)),
      ...[ganc.dense(16), ganc.reshape(2, 2, 4), ganc.softmax(), ganc.dense(3, { bias: false })],
      ganc.embedding(5),
    );
    const model = ganc.network("G", [2, 2, 8], body);
    ganc.initialise(model, weights(5));
    for (const [name, v] of ganc.parameters(model))
      if (name.endsWith("gain")) v.assign(tf.ones([1]));
    const loaded = await reload(model);
    expect([...ganc.parameters(loaded).keys()]).toEqual([...ganc.parameters(model).keys()]);
    const x = tf.randomUniform([2, 2, 2, 8], -1, 1, "float32", 1);
    const [expected, actual] = [model, loaded].map((m) => ganc.apply(m, x).dataSync());
    expect(Math.max(...(expected as Float32Array).map(Math.abs))).toBeGreaterThan(0.01);
    expect(actual).toEqual(expected);
  });

  test("slopes at 0 are those of the language: 1 of elu, and 0 of relu", () => {
    const slopeOf = (block: ganc.Block): number => {
      const of = tf.grad((x) => ganc.applyBlock(block, x));
      const at = of(tf.zeros([1, 1, 1, 1]));
      return at.dataSync()[0] ?? Number.NaN;
    };
    expect([ganc.elu(), ganc.relu(), ganc.leakyRelu(0.2)].map(slopeOf)).toEqual([
      1,
      0,
      expect.closeTo(0.2, 6),
    ]);
  });

  test("initialise gives each weight its stream's values and each bias zeros", () => {
    const model = everything("G");
    const asked: string[] = [];
    ganc.initialise(model, (name, size) => {
      asked.push(name);
      return new Float32Array(size).fill(asked.length);
    });
    expect(asked).toEqual(names.filter((n) => n.endsWith("weight")).map((n) => `G.${n}`));
    const held = ganc.parameters(model);
    expect(
      held
        .get("G.d_2.conv.weight")
        ?.dataSync()
        .every((v) => v === 2),
    ).toBe(true);
    expect(
      held
        .get("G.d.conv.bias")
        ?.dataSync()
        .every((v) => v === 0),
    ).toBe(true);
    expect(() => ganc.initialise(model, () => new Float32Array(1))).toThrow(RangeError);
  });

  test("a network of open size takes every size that fits", () => {
    const model = everything("G", null);
    ganc.initialise(model, weights(2));
    for (const size of [8, 12]) {
      expect(ganc.apply(model, tf.ones([1, size, size, 3])).shape).toEqual([1, size, size, 3]);
    }
  });

  test("a network inside another shares its weights and keeps its names", () => {
    const G = ganc.network("G", [4, 4, 3], ganc.conv(1, 3));
    const GG = ganc.network("GG", [4, 4, 3], ganc.seq(ganc.shared(G), ganc.shared(G), ganc.tanh()));
    ganc.initialise(G, weights(4));
    expect([...ganc.parameters(GG).keys()]).toEqual(["G.conv.weight", "G.conv.bias"]);
    const x = tf.ones<tf.Rank.R4>([1, 4, 4, 3]);
    const twice = tf.tanh(ganc.apply(G, ganc.apply(G, x))).dataSync();
    expect(ganc.apply(GG, x).dataSync()).toEqual(twice);
  });

  test("a network that drops inside of another drops for the place it stands at, also when loaded", async () => {
    const G = ganc.network("G", [2, 2, 3], ganc.seq(ganc.conv(1, 3), ganc.dropout(0.25)));
    const outside = ganc.seq(ganc.shared(G), ganc.dropout());
    const once = ganc.network("GG", [2, 2, 3], outside);
    const twice = ganc.network("GGG", [2, 2, 3], ganc.seq(ganc.shared(G), outside));
    ganc.initialise(G, weights(4));
    const loaded = await reload(once);
    expect([...ganc.parameters(loaded).keys()]).toEqual([...ganc.parameters(once).keys()]);
    const x = tf.ones<tf.Rank.R4>([1, 2, 2, 3]);
    const asked: string[] = [];
    const masks = (path: string, count: number) => {
      asked.push(path);
      return Float32Array.from({ length: count }, (_, i) => i / count);
    };
    const made = ganc.dropping(masks, once, x).dataSync();
    expect(ganc.dropping(masks, loaded, x).dataSync()).toEqual(made);
    expect(made).not.toEqual(ganc.apply(once, x).dataSync());
    ganc.dropping(masks, twice, x);
    expect(asked.slice(4)).toEqual(["G.dropout", "G_2.dropout", "dropout"]);
  });
});

test("repeating 0 times, and nothing in sequence, are the identity", () => {
  const model = ganc.network(
    "N",
    [4, 4, 1],
    ganc.seq(ganc.repeat(R(1), 0), ganc.seq(), ganc.relu()),
  );
  expect(model.layers.map((layer) => layer.name)).toEqual(["input", "relu"]);
});

test("names start anew after a build that failed", () => {
  const failing = ganc.block("a", ganc.block("b", ganc.conv(9, 1)));
  expect(() => ganc.network("N", [4, 4, 1], failing)).toThrow(/^a\.b\.conv: /);
  const model = ganc.network("N", [4, 4, 1], ganc.conv(1, 1));
  expect([...ganc.parameters(model).keys()]).toEqual(["N.conv.weight", "N.conv.bias"]);
});

test("a block outside of a network says so", () => {
  expect(() => ganc.relu()(tf.input({ shape: [4, 4, 1] }))).toThrow("inside network(…)");
});

test.each<[string, ganc.Block]>([
  ["reflection of 4 in 4 rows", ganc.reflectPad(4)],
  ["residual branch that shrinks", ganc.residual(ganc.conv(3, 1))],
  ["window larger than the image", ganc.avgPool(5)],
  ["maximum of nothing but padding", ganc.maxPool(2, { pad: 2 })],
  ["stride 0", ganc.conv(1, 1, { stride: 0 })],
  ["half a filter", ganc.conv(1, 0.5)],
  ["output padding of the stride", ganc.convTranspose(3, 1, { stride: 2, outputPad: 2 })],
  ["negative slope", ganc.leakyRelu(-1)],
  ["epsilon of 0", ganc.instanceNorm({ epsilon: 0 })],
])("refuses a %s", (_what, body) => {
  expect(() => ganc.network("N", [4, 4, 1], body)).toThrow(RangeError);
});
