/**
 * Fast convolution against plain convolution: the same numbers, forward and backward, whatever size
 * and padding.
 */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Sides } from "../../../src/base/sides.js";
import { gradients } from "../../../src/graph/differentiate.js";
import { evaluate } from "../../../src/graph/evaluate.js";
import { type Graph, type Node, nodesOf } from "../../../src/graph/graph.js";
import { mul, sum } from "../../../src/graph/operators/arithmetic.js";
import { conv } from "../../../src/graph/operators/convolution.js";
import { reflectPad } from "../../../src/graph/operators/padding.js";
import { reshape } from "../../../src/graph/operators/shaping.js";
import { input } from "../../../src/graph/operators/sources.js";
import { fastConvolution, fourOfThree } from "../../../src/graph/passes/toom-cook.js";
import { winograd } from "../../../src/graph/passes/winograd.js";
import { stepProgram } from "../../../src/lowering/programs.js";
import { feedsOf, relative } from "../../lowering/feeds.js";
import { modelOfSpec } from "../../support/specs.js";

const always = (): boolean => true;

/** sum(y * c) of a convolution y, y itself, and the gradients for image and weight. */
const program = (y: Node, x: Node, w: Node, rewrite: (graph: Graph) => Graph): Graph => {
  const c = input("c", y.shape);
  const value = reshape(sum(mul(y, c), [0, 1, 2, 3]), []);
  const forward = rewrite({
    name: "p",
    inputs: [x, w, c],
    outputs: new Map([
      ["y", y],
      ["value", value],
    ]),
  });
  const [newX, newW] = forward.inputs as [Node, Node];
  const found = gradients(forward.outputs.get("value") as Node, [newX, newW]);
  return {
    ...forward,
    outputs: new Map([
      ...forward.outputs,
      ["dx", found.get(newX) as Node],
      ["dw", found.get(newW) as Node],
    ]),
  };
};

const paddings = {
  "by reflection": (x: Node, w: Node, p: Sides) => conv(reflectPad(x, p), w, { stride: 1, pad: 0 }),
  "by zeros": (x: Node, w: Node, p: Sides) => conv(x, w, { stride: 1, pad: p }),
};

test.each(Object.entries(paddings))("padded %s it is the same convolution", (_, convolve) => {
  const padding = fc.integer({ min: 0, max: 2 });
  const sizes = fc.record({
    n: fc.integer({ min: 1, max: 2 }),
    i: fc.integer({ min: 1, max: 3 }),
    o: fc.integer({ min: 1, max: 3 }),
    h: fc.integer({ min: 3, max: 11 }),
    w: fc.integer({ min: 3, max: 11 }),
    pad: fc.oneof(padding, fc.tuple(padding, padding)),
    seed: fc.nat(1000),
  });
  fc.assert(
    fc.property(sizes, ({ n, i, o, h, w, pad, seed }) => {
      const [x, weight] = [input("x", [n, i, h, w]), input("w", [o, i, 3, 3])];
      const y = convolve(x, weight, pad);
      const plain = program(y, x, weight, (graph) => graph);
      const fast = program(y, x, weight, (graph) => winograd(graph, always));
      expect(nodesOf(fast).some((node) => node.operator.startsWith("conv"))).toBe(false);
      const feeds = feedsOf(plain, seed);
      const [expected, found] = [evaluate(plain, feeds), evaluate(fast, feeds)];
      for (const [name, { data }] of expected)
        expect(relative(found.get(name)?.data ?? new Float64Array(), data)).toBeLessThan(1e-12);
    }),
    { seed: 7, numRuns: 40 },
  );
});

test("the transforms of Lavin and Gray's F(2, 3) come out of their points", () => {
  const { a, g, b } = fastConvolution(2, 3, [0, 1, -1]);
  expect(a).toEqual([1, 1, 1, 0, 0, 1, -1, 1]);
  expect(g.map(Math.abs)).toEqual([1, 0, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0, 0, 1]);
  expect(b.map(Math.abs)).toEqual([1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1]);
});

test("it takes a quarter of a convolution's products, and refuses points that do not fit", () => {
  const { products, outputs, taps } = fourOfThree;
  expect(products ** 2 / (outputs ** 2 * taps ** 2)).toBeCloseTo(1 / 4);
  expect(() => fastConvolution(4, 3, [0, 1])).toThrow("5 points");
});

test("the residual blocks of the paper's generator take it, forward and backward; --exact leaves it out", () => {
  const model = modelOfSpec("specs/cyclegan-lsgan.gan");
  const convolutions = (exact: boolean): number =>
    nodesOf(stepProgram(model, { exact })).filter((node) => /^conv/.test(node.operator)).length;
  // Nine blocks of two convolutions, each for value, image and weight, in three applications of G
  // and of F.
  const [fast, plain] = [convolutions(false), convolutions(true)];
  expect(plain - fast).toBe((3 + 3) * 9 * 2 * 3);
});

/** Multiplications of all matrix products of a graph, [..., m, k] by [..., k, n]. */
const multiplications = (graph: Graph): number =>
  nodesOf(graph)
    .filter(({ operator }) => operator === "matmul")
    .map(
      ({ shape, inputs: [a] }) => shape.reduce((p, side) => p * side, 1) * (a?.shape.at(-1) ?? 0),
    )
    .reduce((total, each) => total + each, 0);

const single = (channels: readonly [number, number], side: number): Graph => {
  const [o, i] = channels;
  const x = input("x", [1, i, side, side]);
  const w = input("w", [o, i, 3, 3]);
  const y = conv(x, w, { stride: 1, pad: 1 });
  return { name: "g", inputs: [x, w], outputs: new Map([["y", y]]) };
};

/**
 * Multiplications of the plain convolution for one of the fast one, the weight's transform left
 * out.
 */
const gain = (channels: readonly [number, number], side: number): number => {
  const [o, i] = channels;
  const ofWeight = 36 * 9 * o * i;
  const fast = multiplications(winograd(single(channels, side), always)) - ofWeight;
  return (9 * o * i * side * side) / fast;
};

test.each<[readonly [number, number], number]>([
  [[4, 4], 16],
  [[40, 40], 32],
  [[104, 104], 64],
  [[28, 28], 16],
  [[16, 16], 16],
  [[16, 16], 64],
  [[256, 4], 32],
  [[4, 256], 32],
  [[64, 64], 16],
  [[64, 64], 32],
  [[128, 32], 32],
  [[256, 256], 64],
  [[256, 256], 128],
  [[32, 32], 128],
])(
  "%j channels at %i: it is taken where it saves multiplications, with a fifth to spare",
  (channels, side) => {
    const after = winograd(single(channels, side));
    const taken = nodesOf(after).every(({ operator }) => operator !== "conv");
    const saved = gain(channels, side);
    // Nearer than a twentieth to the border the estimate may go either way.
    expect(Math.abs(saved / 1.2 - 1)).toBeGreaterThan(0.05);
    expect([saved, taken]).toEqual([saved, saved > 1.2]);
  },
);
