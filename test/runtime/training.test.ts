import { beforeAll, describe, expect, test } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import * as ganc from "../../src/runtime/index.js";
import { type Dense, dense, map, softplus } from "../support/dense.js";
import { backends, useBackend } from "../support/tensorflow.js";
import { expectAgreement, expectClose, gradientOf, random, toTensor, values } from "./agreement.js";

const weights = (name: string, size: number): Float32Array => {
  const next = values(size + name.length);
  return Float32Array.from({ length: size }, () => 0.3 * next());
};

const generator = (name: string): tf.LayersModel => {
  const model = ganc.network(
    name,
    [8, 8, 3],
    ganc.seq(
      ganc.block("d", ganc.conv(3, 4, { stride: 2, pad: 1 }), ganc.instanceNorm(), ganc.relu()),
      ganc.residual(ganc.reflectPad(1), ganc.conv(3, 4), ganc.instanceNorm()),
      ganc.convTranspose(3, 3, { stride: 2, pad: 1, outputPad: 1 }),
      ganc.tanh(),
    ),
  );
  ganc.initialise(model, weights);
  return model;
};

const discriminator = (name: string): tf.LayersModel => {
  const body = [ganc.conv(4, 4, { stride: 2, pad: 1 }), ganc.leakyRelu(0.2), ganc.conv(4, 1)];
  const model = ganc.network(name, [8, 8, 3], ganc.seq(...body));
  ganc.initialise(model, weights);
  return model;
};

const image = (seed: number, n = 1): tf.Tensor4D => toTensor(random([n, 8, 8, 3], values(seed)));
const numbers = (t: tf.Tensor | undefined): number[] => Array.from((t as tf.Tensor).dataSync());

describe.each(backends)("on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test("l1, l2 and mean are means over all elements", () => {
    const next = values(1);
    const pair = () => [random([2, 3, 4, 2], next), random([2, 3, 4, 2], next)];
    const over = (f: (a: number, b: number) => number) => (a: Dense, b: Dense) =>
      dense([], () => a.data.reduce((s, v, i) => s + f(v, b.data[i] as number), 0) / a.data.length);
    const check = (
      f: (a: tf.Tensor, b: tf.Tensor) => tf.Scalar,
      g: (a: number, b: number) => number,
    ) =>
      expectAgreement(
        f as (...x: tf.Tensor4D[]) => tf.Tensor,
        over(g) as (...x: Dense[]) => Dense,
        pair(),
        next,
      );
    check(ganc.l1, (a, b) => Math.abs(a - b));
    check(ganc.l2, (a, b) => (a - b) ** 2);
    expect(
      numbers(
        ganc.mean(
          tf.tensor2d([
            [1, 2],
            [3, 6],
          ]),
        ),
      ),
    ).toEqual([3]);
    expect(numbers(ganc.l2(tf.tensor1d([1, 3]), 1))).toEqual([2]);
  });

  test("the derivative of l1 at equal images is 0", () => {
    const x = image(2);
    expect(numbers(gradientOf((y) => ganc.l1(y, x), x)).every((v) => v === 0)).toBe(true);
  });

  test("log-sigmoids and their gradients are finite and right at scores of ±200", () => {
    const next = values(5);
    const scores = dense([1, 2, 4, 1], (i) => [-200, -90, -20, -1, 0, 1, 90, 200][i] as number);
    const check = (f: (z: tf.Tensor4D) => tf.Tensor, g: (z: number) => number) =>
      expectAgreement(f, (z) => map(z as Dense, g), [scores], next, 1e-6);
    check(ganc.logSigmoid, (z) => -softplus(-z));
    check(ganc.logOneMinusSigmoid, (z) => -softplus(z));
  });

  test("differentiate agrees with tfjs's own tape", () => {
    const [G, D] = [generator("G"), discriminator("D")];
    const x = image(3, 2);
    const value = () =>
      tf.add(ganc.l2(ganc.apply(D, ganc.apply(G, x)), 1), ganc.l1(ganc.apply(G, x), x));
    const own = ganc.differentiate([G], () => ({ value: value() as tf.Scalar }));
    const variables = [...ganc.parameters(G)];
    const tape = tf.variableGrads(
      () => value() as tf.Scalar,
      variables.map(([, v]) => v),
    );
    expect([...own.gradients.keys()]).toEqual(variables.map(([name]) => name));
    for (const [name, variable] of variables) {
      const expected = tape.grads[variable.name] as tf.Tensor;
      expectClose(
        own.gradients.get(name) as tf.Tensor,
        { shape: expected.shape, data: Float64Array.from(expected.dataSync()) },
        1e-6,
      );
    }
    expect(numbers(own.value)).toEqual(numbers(tape.value));
  });

  test("maximise turns the gradients, not the value", () => {
    const D = discriminator("D");
    const f = () => ({ value: ganc.mean(ganc.apply(D, image(4))) });
    const [down, up] = [ganc.differentiate([D], f), ganc.differentiate([D], f, { maximise: true })];
    expect(numbers(up.value)).toEqual(numbers(down.value));
    for (const [name, gradient] of down.gradients) {
      expect(numbers(tf.neg(up.gradients.get(name) as tf.Tensor))).toEqual(numbers(gradient));
    }
  });

  test("differentiate leaves what it returns and nothing else, also when it throws", () => {
    const [G, D] = [generator("G"), discriminator("D")];
    const x = image(3);
    const { numTensors } = tf.memory();
    const result = ganc.differentiate([G], () => {
      const y = ganc.apply(G, x);
      const value = ganc.l2(ganc.apply(D, y), 1);
      return { value, terms: { value }, kept: { y, detached: ganc.detach(y) } };
    });
    expect(numbers(result.kept.y)).toEqual(numbers(ganc.apply(G, x)).slice());
    tf.dispose(result.kept.y as tf.Tensor);
    tf.dispose([...result.gradients.values(), result.value, result.kept.detached as tf.Tensor]);
    expect(tf.memory().numTensors).toBe(numTensors + 1);
    const failures: [() => ganc.Objective, string][] = [
      [
        () => ({ value: ganc.mean(ganc.apply(D, ganc.detach(ganc.apply(G, x)))) }),
        "no parameter of G",
      ],
      [
        () => ({ value: tf.sum(tf.topk(tf.reshape(ganc.apply(G, x), [-1])).values) }),
        "TopK has no gradient",
      ],
      [
        () => {
          ganc.apply(G, x);
          throw new Error("stopped");
        },
        "stopped",
      ],
    ];
    const before = tf.memory().numTensors;
    for (const [f, message] of failures) {
      expect(() => ganc.differentiate([G], f)).toThrow(message);
      expect(tf.memory().numTensors).toBe(before);
    }
  });

  test("a gradient may be the one it was given, and one for two inputs", () => {
    const D = discriminator("D");
    const pass = tf.customGrad((a, b) => ({
      value: tf.add(a as tf.Tensor, b as tf.Tensor),
      gradFunc: (dy: tf.Tensor) => [dy, dy],
    }));
    const value = (f: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor) => () => {
      const y = ganc.apply(D, image(6));
      return { value: ganc.mean(tf.mul(y, f(tf.square(y), y))) };
    };
    const [own, expected] = [pass, tf.add].map((f) => ganc.differentiate([D], value(f)));
    for (const [name, gradient] of (expected as ganc.Differentiated).gradients) {
      expect(numbers(own?.gradients.get(name))).toEqual(numbers(gradient));
    }
  });

  test("nothing that generated code runs is differentiated by tfjs's mirrorPad", () => {
    const recorded: string[] = [];
    const engine = tf.engine() as unknown as {
      addTapeNode: (kernel: string, ...rest: unknown[]) => void;
    };
    const add = engine.addTapeNode;
    engine.addTapeNode = function (kernel, ...rest) {
      recorded.push(kernel);
      add.call(this, kernel, ...rest);
    };
    try {
      const G = generator("G");
      ganc.differentiate([G], () => ({ value: ganc.mean(ganc.apply(G, image(3))) }));
    } finally {
      engine.addTapeNode = add;
    }
    expect(recorded).toContain("GancReflectPad");
    expect(recorded).not.toContain("MirrorPad");
  });

  test("Adam is PyTorch's, in float64, for five steps of two networks updated in turn", () => {
    const models = [
      ganc.network("A", [2, 2, 2], ganc.conv(2, 3)),
      ganc.network("B", [2, 2, 2], ganc.conv(1, 1)),
    ];
    const adam = new ganc.Adam({ beta1: 0.5 });
    const expected = new Map<string, { p: Float64Array; m: Float64Array; v: Float64Array }>();
    for (const model of models) ganc.initialise(model, weights);
    const parameters = () => models.flatMap((model) => [...ganc.parameters(model)]);
    for (const [name, p] of parameters()) {
      const zeros = () => new Float64Array(p.size);
      expected.set(name, { p: Float64Array.from(p.dataSync()), m: zeros(), v: zeros() });
    }
    for (let step = 1; step <= 5; step++) {
      // B waits for every other step, so that its count is its own.
      const updated = step % 2 === 1 ? models : models.slice(0, 1);
      const gradients = new Map(
        parameters().map(([name, p], i) => [
          name,
          toTensor(random(p.shape, values(100 * step + i))),
        ]),
      );
      adam.update(updated, gradients, 0.01);
      for (const [name, gradient] of gradients) {
        const model = updated.find((m) => name.startsWith(`${m.name}.`));
        if (model === undefined) continue;
        const t = model.name === "A" ? step : (step + 1) / 2;
        const { p, m, v } = expected.get(name) as {
          p: Float64Array;
          m: Float64Array;
          v: Float64Array;
        };
        gradient.dataSync().forEach((g, i) => {
          m[i] = 0.5 * (m[i] as number) + 0.5 * g;
          v[i] = 0.999 * (v[i] as number) + 0.001 * g * g;
          const [mHat, vHat] = [
            (m[i] as number) / (1 - 0.5 ** t),
            (v[i] as number) / (1 - 0.999 ** t),
          ];
          (p[i] as number) -= (0.01 * mHat) / (Math.sqrt(vHat) + 1e-8);
        });
      }
    }
    for (const [name, p] of parameters()) {
      expectClose(p, { shape: p.shape, data: (expected.get(name) as { p: Float64Array }).p }, 1e-6);
    }
  });

  test("Adam goes on from its state as if it had not stopped, bit for bit", async () => {
    const [straight, resumed] = [discriminator("D"), discriminator("D")];
    const gradients = (step: number) =>
      new Map(
        [...ganc.parameters(straight)].map(([name, p], i) => [
          name,
          toTensor(random(p.shape, values(10 * step + i))),
        ]),
      );
    const [first, second] = [new ganc.Adam(), new ganc.Adam()];
    for (let step = 0; step < 4; step++) first.update([straight], gradients(step), 0.01);
    for (let step = 0; step < 2; step++) second.update([resumed], gradients(step), 0.01);
    const state = await second.getState();
    expect([...state.keys()].slice(0, 2)).toEqual(["adam.m/D.conv.weight", "adam.v/D.conv.weight"]);
    expect(state.get("adam.t/D")).toEqual({ shape: [], data: Float32Array.of(2) });
    second.dispose();
    const third = new ganc.Adam();
    third.setState(state);
    for (let step = 2; step < 4; step++) third.update([resumed], gradients(step), 0.01);
    const [a, b] = [ganc.parameters(straight), ganc.parameters(resumed)];
    for (const [name, p] of a) expect(numbers(b.get(name))).toEqual(numbers(p));
  });

  test("twenty steps of a small GAN hold the same tensors and bytes", () => {
    const [G, D] = [generator("G"), discriminator("D")];
    const adam = new ganc.Adam({ beta1: 0.5 });
    const history = new ganc.ImageHistory(5);
    const next = values(9);
    const step = () =>
      tf.tidy(() => {
        const y = image(1);
        const g = ganc.differentiate([G], () => {
          const Gx = ganc.apply(G, y);
          return { value: ganc.l2(ganc.apply(D, Gx), 1), kept: { Gx } };
        });
        const fake = history.recall(g.kept.Gx as tf.Tensor4D, () => [
          (next() + 1) / 2,
          (next() + 1) / 2,
        ]);
        const d = ganc.differentiate(
          [D],
          () => ({
            value: tf.add(
              ganc.mean(ganc.logSigmoid(ganc.apply(D, y))),
              ganc.mean(ganc.logOneMinusSigmoid(ganc.apply(D, fake))),
            ) as tf.Scalar,
          }),
          { maximise: true },
        );
        adam.update([G], g.gradients, 2e-3);
        adam.update([D], d.gradients, 2e-3);
        return numbers(d.value)[0] as number;
      });
    const first = step();
    const { numTensors, numBytes } = tf.memory();
    let last = first;
    for (let i = 1; i < 20; i++) {
      last = step();
      expect(tf.memory()).toMatchObject({ numTensors, numBytes });
    }
    expect(last).toBeGreaterThan(first); // the discriminator climbs
  });
});
