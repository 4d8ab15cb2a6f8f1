/**
 * What tfjs computes for each operator is what the float64 evaluator says, however its inputs are
 * held.
 */
import { beforeAll, describe, expect, test } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { executable } from "../../../src/engines/tfjs/execute.js";
import { graphKernels } from "../../../src/engines/tfjs/kernels/index.js";
import { gradients } from "../../../src/graph/differentiate.js";
import { evaluate } from "../../../src/graph/evaluate.js";
import type { Graph, Node, Shape } from "../../../src/graph/graph.js";
import type { Tensor } from "../../../src/graph/operator.js";
import { add, mul } from "../../../src/graph/operators/arithmetic.js";
import { conv, convInput, convWeight } from "../../../src/graph/operators/convolution.js";
import { leakyRelu } from "../../../src/graph/operators/functions.js";
import { operators } from "../../../src/graph/operators/index.js";
import { standardize } from "../../../src/graph/operators/normalisation.js";
import { reshape, transpose } from "../../../src/graph/operators/shaping.js";
import { input } from "../../../src/graph/operators/sources.js";
import { cases } from "../../graph/cases.js";
import { draw, expectNear, inner } from "../../graph/tensors.js";
import { backends, useBackend } from "../../support/tensorflow.js";

test("every operator that computes has a kernel, and no other but what is fused and views", () => {
  const all = [...operators.values()];
  const computing = all.filter(({ arity, view }) => arity !== 0 && view === undefined);
  const kernels = [...graphKernels.keys()].filter((name) => !name.startsWith("fused."));
  expect(computing.map(({ name }) => name).filter((name) => !kernels.includes(name))).toEqual([]);
  const views = all.filter(({ view }) => view !== undefined);
  expect(kernels.filter((name) => ![...computing, ...views].some((o) => o.name === name))).toEqual(
    [],
  );
});

const inverse = (order: readonly number[]): number[] => order.map((_, axis) => order.indexOf(axis));

/** An input that memory holds in an order of its own, and the value that the graph sees. */
const heldIn = (name: string, shape: Shape, order: readonly number[]) => {
  const memory = input(
    name,
    order.map((axis) => shape[axis] as number),
  );
  return { memory, value: transpose(memory, inverse(order)) };
};

/** The graph's outputs on tfjs and by definition; leaves no tensor behind. */
const expectSame = (graph: Graph, feeds: ReadonlyMap<string, Tensor>, tolerance: number): void => {
  const before = tf.memory().numTensors;
  const program = executable(graph, () => true);
  const outputs = program.run(
    new Map([...feeds].map(([name, t]) => [name, tf.tensor([...t.data], [...t.shape], "float32")])),
  );
  program.dispose();
  const expected = evaluate(graph, feeds);
  expect([...outputs.keys()]).toEqual([...expected.keys()]);
  expect(tf.memory().numTensors).toBe(before + outputs.size);
  for (const [name, value] of expected) {
    const tensor = outputs.get(name) as tf.Tensor;
    expect(tensor.shape).toEqual(value.shape);
    const actual = { shape: value.shape, data: Float64Array.from(tensor.dataSync()) };
    tensor.dispose();
    expectNear(actual, value, tolerance);
  }
};

const seeds = fc.integer({ min: 1, max: 1e6 });
const orderOf = (rank: number) =>
  fc.shuffledSubarray([...Array(rank).keys()], { minLength: rank, maxLength: rank });

describe.each(backends)("on %s", (backend) => {
  beforeAll(() => useBackend(backend));
  const settings = { seed: 4127, numRuns: backend === "cpu" ? 15 : 30 };

  test.each(Object.keys(cases))("%s", (name) => {
    const operator = (cases[name] as (typeof cases)[string]).chain((made) =>
      fc.tuple(fc.constant(made), fc.tuple(...made.operands.map((o) => orderOf(o.shape.length)))),
    );
    fc.assert(
      fc.property(operator, seeds, fc.boolean(), ([{ operands, build }, orders], seed, any) => {
        const placed = operands.map(({ shape }, i) =>
          heldIn(`x${i}`, shape, any ? (orders[i] as number[]) : shape.map((_, axis) => axis)),
        );
        const graph = {
          name,
          inputs: placed.map(({ memory }) => memory),
          outputs: new Map([["y", build(...placed.map(({ value }) => value))]]),
        };
        const feeds = new Map(
          operands.map(({ domain }, i) => [
            `x${i}`,
            draw((placed[i] as (typeof placed)[0]).memory.shape, domain, seed, `x${i}`),
          ]),
        );
        expectSame(graph, feeds, 1e-5);
      }),
      settings,
    );
  });

  const side = fc.integer({ min: 2, max: 7 });
  const wide = fc.record({
    h: side,
    w: side,
    kh: side,
    kw: side,
    pad: fc.integer({ min: 0, max: 1 }),
  });

  test("convolutions from many channels to few", () => {
    fc.assert(
      fc.property(wide, seeds, ({ h, w, kh, kw, pad }, seed) => {
        fc.pre(h + 2 * pad >= kh && w + 2 * pad >= kw);
        const x = heldIn("x", [2, 8, h, w], [0, 2, 3, 1]);
        const weight = heldIn("w", [2, 8, kh, kw], [2, 3, 1, 0]);
        const y = conv(x.value, weight.value, { stride: 1, pad });
        const dy = heldIn("dy", y.shape, [0, 2, 3, 1]);
        const sizes = { height: h, width: w, kernelHeight: kh, kernelWidth: kw };
        const outputs = new Map([
          ["y", y],
          ["dx", convInput(dy.value, weight.value, { stride: 1, pad, ...sizes })],
          ["dw", convWeight(x.value, dy.value, { stride: 1, pad, ...sizes })],
        ]);
        const inputs = [x.memory, weight.memory, dy.memory];
        const feeds = new Map(
          ["x", "w", "dy"].map((name, i) => [
            name,
            draw((inputs[i] as Node).shape, "any", seed, name),
          ]),
        );
        expectSame({ name: "few", inputs, outputs }, feeds, 1e-5);
      }),
      { ...settings, numRuns: 15 },
    );
  });

  test.each([1, 2])("a block of a network and its gradients, of %s images", (n) => {
    const x = heldIn("x", [n, 3, 6, 5], [0, 2, 3, 1]);
    const weight = heldIn("w", [4, 3, 3, 3], [2, 3, 1, 0]);
    const bias = input("b", [4]);
    const convolved = conv(x.value, weight.value, { stride: 1, pad: 1 });
    const biased = add(convolved, reshape(bias, [1, 4, 1, 1]));
    const y = leakyRelu(standardize(biased, [2, 3], 1e-2), 0.2);
    const probe = heldIn("p", y.shape, [0, 2, 3, 1]);
    const inputs = [x.memory, weight.memory, bias, probe.memory];
    const found = gradients(inner(mul(y, y), probe.value), inputs);
    const outputs = new Map([
      ["y", y],
      ...inputs.map((node, i) => [`d${i}`, found.get(node) as Node] as const),
    ]);
    for (let seed = 1; seed <= 5; seed++) {
      const feeds = new Map(
        ["x", "w", "b", "p"].map((name, i) => [
          name,
          draw((inputs[i] as Node).shape, "any", seed, name),
        ]),
      );
      expectSame({ name: "block", inputs, outputs }, feeds, 2e-5);
    }
  });
});

test("convolutions of as many channels and filters as are computed otherwise on libtensorflow", async () => {
  await useBackend("tensorflow");
  for (const pad of [0, 1]) {
    const x = heldIn("x", [1, 256, 3, 3], [0, 2, 3, 1]);
    const weight = heldIn("w", [256, 256, 2, 2], [2, 3, 1, 0]);
    const y = conv(x.value, weight.value, { stride: 1, pad });
    const dy = heldIn("dy", y.shape, [0, 2, 3, 1]);
    const sizes = { height: 3, width: 3, kernelHeight: 2, kernelWidth: 2 };
    const outputs = new Map([
      ["dx", convInput(dy.value, weight.value, { stride: 1, pad, ...sizes })],
      ["dw", convWeight(x.value, dy.value, { stride: 1, pad, ...sizes })],
    ]);
    const inputs = [x.memory, weight.memory, dy.memory];
    const feeds = new Map(
      ["x", "w", "dy"].map((name, i) => [name, draw((inputs[i] as Node).shape, "any", 1, name)]),
    );
    expectSame({ name: "large", inputs, outputs }, feeds, 1e-5);
  }
});
