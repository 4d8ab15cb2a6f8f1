/** Every operator on ONNX Runtime against its definition in 64 bits. */

import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Axis, along, type Sides } from "../../../src/base/sides.js";
import { evaluate } from "../../../src/graph/evaluate.js";
import type { Node } from "../../../src/graph/graph.js";
import type { Tensor } from "../../../src/graph/operator.js";
import { sum } from "../../../src/graph/operators/arithmetic.js";
import { conv, convInput, convWeight } from "../../../src/graph/operators/convolution.js";
import * as functions from "../../../src/graph/operators/functions.js";
import { operators } from "../../../src/graph/operators/index.js";
import { inverseDeviation, standardize } from "../../../src/graph/operators/normalisation.js";
import { reflectFold, reflectPad } from "../../../src/graph/operators/padding.js";
import { pad } from "../../../src/graph/operators/shaping.js";
import { constant, input, tensor } from "../../../src/graph/operators/sources.js";
import * as windows from "../../../src/graph/operators/windows.js";
import { type Case, cases } from "../../graph/cases.js";
import { type Domain, expectNear } from "../../graph/tensors.js";
import { drawSingle, runOnnx } from "./run.js";

const TOLERANCE = 1e-5;

/**
 * All cases in one graph, so that a session is made once; each with inputs and an output of its
 * own.
 */
const expectAgreement = async (
  all: readonly Case[],
  seed: number,
  tolerance = TOLERANCE,
): Promise<void> => {
  const feeds = new Map<string, Tensor>();
  const inputs: Node[] = [];
  const outputs = new Map<string, Node>();
  all.forEach(({ operands, build }, i) => {
    const nodes = operands.map(({ shape, domain }, j) => {
      const name = `x${i}.${j}`;
      feeds.set(name, drawSingle(shape, domain, seed, name));
      return input(name, shape);
    });
    inputs.push(...nodes);
    outputs.set(`y${i}`, build(...nodes));
  });
  const graph = { name: "cases", inputs, outputs };
  const expected = evaluate(graph, feeds);
  const actual = await runOnnx(graph, feeds);
  for (const [name, value] of expected) expectNear(actual.get(name) as Tensor, value, tolerance);
};

const one = (shape: readonly number[], build: (x: Node) => Node, domain: Domain = "any"): Case => ({
  operands: [{ shape, domain }],
  build: build as Case["build"],
});

const two = (
  a: readonly number[],
  b: readonly number[],
  build: (a: Node, b: Node) => Node,
): Case => ({
  operands: [
    { shape: a, domain: "any" },
    { shape: b, domain: "any" },
  ],
  build: build as Case["build"],
});

test("there are cases for every operator that computes", () => {
  const sources = ["input", "constant"];
  const computing = [...operators.keys()].filter((name) => !sources.includes(name));
  expect(Object.keys(cases).sort()).toEqual(computing.sort());
});

describe("computes what its definition says:", () => {
  test.each(Object.keys(cases))("%s", async (name) => {
    const drawn = fc.sample(cases[name] as fc.Arbitrary<Case>, { seed: 1703, numRuns: 60 });
    await expectAgreement(drawn, 11);
  });
});

interface Sizes {
  readonly n: number;
  readonly i: number;
  readonly o: number;
  readonly h: number;
  readonly w: number;
  readonly kh: number;
  readonly kw: number;
  readonly stride: Sides;
  readonly pad: Sides;
}

const side = (length: number, kernel: number, { stride, pad }: Sizes, axis: Axis): number =>
  Math.floor((length + 2 * along(pad, axis) - kernel) / along(stride, axis)) + 1;

const convolutionCases = (sizes: Sizes): readonly Case[] => {
  const { n, i, o, h, w, kh, kw, stride, pad } = sizes;
  const image = [n, i, h, w];
  const weight = [o, i, kh, kw];
  const value = [n, o, side(h, kh, sizes, 0), side(w, kw, sizes, 1)];
  return [
    two(image, weight, (x, f) => conv(x, f, { stride, pad })),
    two(value, weight, (dy, f) => convInput(dy, f, { stride, pad, height: h, width: w })),
    two(image, value, (x, dy) =>
      convWeight(x, dy, { stride, pad, kernelHeight: kh, kernelWidth: kw }),
    ),
  ];
};

const sizes = (changed: Partial<Sizes>): Sizes => ({
  ...{ n: 2, i: 9, o: 10, h: 7, w: 9, kh: 3, kw: 3, stride: 1, pad: 1 },
  ...changed,
});

// The lowering chooses by channels, kernel and stride: each choice, with several samples and images
// that are not square. ONNX Runtime makes one operator of both: of a maximum a wrong one, and one
// that it refuses where the zeros are many.
test.each([
  [0, 1],
  [1, 1],
  [0, 3],
  [2, 3],
])("pooling, with a pad of %d, of an image with %d zeros around it", async (own, zeros) => {
  const sides = [0, 0, zeros, zeros];
  const pools = [windows.windowSum, windows.maxPool].map((pool) =>
    one([2, 2, 4, 5], (x) => pool(pad(x, sides, sides), { kernel: 3, stride: 2, pad: own })),
  );
  await expectAgreement(pools, 3);
});

describe("convolution and its two gradients with", () => {
  test.each<[string, Sizes]>([
    ["many channels", sizes({})],
    ["one sample", sizes({ n: 1 })],
    ["more channels in than out", sizes({ i: 12, o: 9 })],
    ["few channels in, a large kernel", sizes({ i: 2, kh: 5, kw: 5, pad: 0 })],
    ["few channels out, a large kernel", sizes({ o: 2, kh: 5, kw: 5, pad: 0 })],
    ["one channel out", sizes({ o: 1, kh: 4, kw: 4 })],
    ["a kernel of one pixel", sizes({ kh: 1, kw: 1, pad: 0 })],
    ["a padded kernel of one pixel", sizes({ kh: 1, kw: 1, pad: 1 })],
    ["a flat kernel", sizes({ kh: 1, kw: 4, pad: 0 })],
    ["a high kernel", sizes({ kh: 4, kw: 1, pad: 0 })],
    ["more padding than kernel", sizes({ pad: 4 })],
    ["stride 2", sizes({ stride: 2 })],
    ["stride 2 and few channels out", sizes({ stride: 2, o: 2, kh: 4, kw: 4 })],
    ["stride 2 that leaves a rest", sizes({ stride: 2, pad: 0, h: 8, w: 10 })],
    ["a stride of the width alone", sizes({ kh: 1, kw: 4, stride: [1, 2], pad: [0, 1] })],
    ["a stride of the height alone", sizes({ kh: 5, stride: [3, 1], pad: [2, 1] })],
    ["a pad of the width alone", sizes({ o: 2, kh: 5, kw: 4, pad: [0, 3] })],
    ["a stride beyond the kernel", sizes({ stride: 4, pad: 0, h: 10, w: 13 })],
  ])("%s", async (_, chosen) => {
    await expectAgreement(convolutionCases(chosen), 13);
  });
});

test("reflection padding and its adjoint, of wide, high and almost wholly padded images", async () => {
  const shapes = [
    { shape: [2, 3, 5, 64], pad: 3 },
    { shape: [1, 2, 64, 6], pad: 5 },
    { shape: [1, 1, 50, 50], pad: 24 },
    { shape: [1, 1, 50, 50], pad: 25 },
    { shape: [1, 1, 60, 60], pad: 59 },
    { shape: [2, 2, 7, 6], pad: 2 },
  ];
  const all = shapes.flatMap(({ shape, pad }) => {
    const [n, c, h, w] = shape as [number, number, number, number];
    return [
      one(shape, (x) => reflectPad(x, pad)),
      one([n, c, h + 2 * pad, w + 2 * pad], (x) => reflectFold(x, pad)),
    ];
  });
  await expectAgreement(all, 17);
});

test("windows as pooling layers have them", async () => {
  const [image, value] = [
    [2, 3, 12, 18],
    [2, 3, 6, 9],
  ];
  const two2 = { kernel: 2, stride: 2, pad: 0 };
  await expectAgreement(
    [
      one(image, (x) => windows.windowSum(x, two2)),
      one(value, (dy) => windows.windowSpread(dy, { ...two2, height: 12, width: 18 })),
      one(value, (dy) => windows.windowSpread(dy, { ...two2, height: 13, width: 19 })),
      one(image, (x) => windows.maxPool(x, { kernel: 3, stride: 2, pad: 1 })),
    ],
    19,
  );
});

test("equal numbers in a window: the first one is the maximum", async () => {
  const x = tensor([1, 1, 1, 1, 0, 1, 1, 0, 1], [1, 1, 3, 3]);
  const window = { kernel: 2, stride: 1, pad: 0 };
  const dy = input("dy", [1, 1, 2, 2]);
  const outputs = new Map([["dx", windows.maxPut(x, dy, window)]]);
  const feeds = new Map([["dy", { shape: dy.shape, data: Float64Array.of(1, 2, 4, 8) }]]);
  const found = await runOnnx({ name: "ties", inputs: [dy], outputs }, feeds);
  expect([...(found.get("dx")?.data ?? [])]).toEqual([1, 2, 0, 4, 0, 8, 0, 0, 0]);
});

test("functions at their edges: far from 0, at 0 and next to it", async () => {
  const x = [-100, -30, -1, -1e-30, 0, 1e-30, 1, 30, 100].map(Math.fround);
  const source = input("x", [x.length]);
  const outputs = new Map<string, Node>([
    ["softplus", functions.softplus(source)],
    ["sigmoid", functions.sigmoid(source)],
    ["tanh", functions.tanh(source)],
    ["sign", functions.sign(source)],
    ["abs", functions.abs(source)],
    ["step", functions.leakyStep(source, 0)],
    ["leaky step", functions.leakyStep(source, 0.2)],
    ["steep step", functions.leakyStep(source, 1.5)],
    ["relu", functions.leakyRelu(source, 0)],
  ]);
  const graph = { name: "edges", inputs: [source], outputs };
  const feeds = new Map([["x", { shape: [x.length], data: Float64Array.from(x) }]]);
  const found = await runOnnx(graph, feeds);
  for (const [name, value] of evaluate(graph, feeds))
    expectNear(found.get(name) as Tensor, value, 1e-6);
});

test("normalisation keeps its digits where the mean is a hundred deviations", async () => {
  const shape = [2, 3, 16, 24];
  const { data } = drawSingle(shape, "any", 5, "x");
  const x = input("x", shape);
  const feeds = new Map([["x", { shape, data: data.map((v) => Math.fround(100 + v)) }]]);
  const axesOf: readonly (readonly number[])[] = [
    [2, 3],
    [1, 2, 3],
    [0, 2, 3],
    [0, 3],
  ];
  const outputs = new Map(
    axesOf.flatMap((axes) => [
      [`y ${axes}`, standardize(x, axes, 1e-5)] as const,
      [`r ${axes}`, inverseDeviation(x, axes, 1e-5)] as const,
    ]),
  );
  const graph = { name: "far", inputs: [x], outputs };
  const found = await runOnnx(graph, feeds);
  // 100 has a spacing of 8e-6 in 32 bits
  for (const [name, value] of evaluate(graph, feeds))
    expectNear(found.get(name) as Tensor, value, 2e-5);
});

test("constants, small and large, of one number and of many", async () => {
  const many = Array.from({ length: 24 }, (_, i) => i / 7);
  await expectAgreement(
    [
      one([2, 3, 4], (x) => sum(functions.stop(x), [])),
      one([], () => constant(2.5)),
      one([], () => constant(-1, [2, 3])),
      one([], () => constant(0.25, [40, 50])),
      one([], () => tensor(many, [2, 3, 4])),
    ],
    23,
  );
});
