/**
 * Joining independent applications: which are, which are not, and that nothing changes but the
 * number of products.
 */
import { expect, test } from "@jest/globals";
import { evaluate } from "../../../src/graph/evaluate.js";
import { type Graph, type Node, nodesOf } from "../../../src/graph/graph.js";
import { add } from "../../../src/graph/operators/arithmetic.js";
import { conv } from "../../../src/graph/operators/convolution.js";
import { leakyRelu } from "../../../src/graph/operators/functions.js";
import { standardize } from "../../../src/graph/operators/normalisation.js";
import { reflectPad } from "../../../src/graph/operators/padding.js";
import { input } from "../../../src/graph/operators/sources.js";
import { batchApplications } from "../../../src/graph/passes/batch.js";
import { eliminateCommonSubexpressions } from "../../../src/graph/passes/cse.js";
import { feedsOf, relative } from "../../lowering/feeds.js";

/** Channels and side at which fast convolution pays. */
const [channels, side] = [48, 8];

const weight = (name: string): Node => input(name, [channels, channels, 3, 3]);
const image = (name: string): Node => input(name, [1, channels, side, side]);

/** A residual block with the weights u and v. */
const block = (x: Node, u: Node, v: Node): Node => {
  const layer = (at: Node, w: Node): Node =>
    standardize(conv(reflectPad(at, 1), w, { stride: 1, pad: 0 }), [2, 3], 1e-5);
  return add(x, layer(leakyRelu(layer(x, u), 0), v));
};

const graphOf = (inputs: readonly Node[], outputs: Readonly<Record<string, Node>>): Graph =>
  eliminateCommonSubexpressions({ name: "g", inputs, outputs: new Map(Object.entries(outputs)) });

const convolutions = (graph: Graph): readonly Node[] =>
  nodesOf(graph).filter((node) => node.operator === "conv");

const expectSameValues = (before: Graph, after: Graph): void => {
  const feeds = feedsOf(before, 4);
  const [expected, found] = [evaluate(before, feeds), evaluate(after, feeds)];
  for (const [name, { data }] of expected)
    expect(relative(found.get(name)?.data ?? new Float64Array(), data)).toBeLessThan(1e-12);
};

const [u, v, x, y] = [weight("u"), weight("v"), image("x"), image("y")] as const;

test("two applications to unrelated images are one of twice the batch, through the whole chain", () => {
  const twice = (at: Node): Node => block(block(at, u, v), u, v);
  const before = graphOf([u, v, x, y], { gx: twice(x), gy: twice(y) });
  const after = batchApplications(before);
  expect(convolutions(before)).toHaveLength(8);
  expect(convolutions(after).map((node) => node.shape[0])).toEqual([2, 2, 2, 2]);
  const moves = nodesOf(after).map((node) => node.operator);
  expect(moves.filter((operator) => operator === "concat")).toHaveLength(1);
  expect(moves.filter((operator) => operator === "slice")).toHaveLength(2);
  expectSameValues(before, after);
});

test("an application to what another made waits for it; a third goes with whichever it does not depend on", () => {
  const gx = block(x, u, v);
  const before = graphOf([u, v, x, y], { ggx: block(gx, u, v), gy: block(y, u, v) });
  const after = batchApplications(before);
  expect(convolutions(after).map((node) => node.shape[0])).toEqual([2, 2, 1, 1]);
  expectSameValues(before, after);
});

test("applications of other weights are another network's", () => {
  const [s, t] = [weight("s"), weight("t")];
  const before = graphOf([u, v, s, t, x, y], { gx: block(x, u, v), fy: block(y, s, t) });
  expect(batchApplications(before)).toEqual(before);
});

test("a normalisation over the batch is not per sample: it sees its own application's images alone", () => {
  const overBatch = (at: Node): Node =>
    standardize(conv(reflectPad(at, 1), u, { stride: 1, pad: 0 }), [0, 2, 3], 1e-5);
  const before = graphOf([u, x, y], { gx: overBatch(x), gy: overBatch(y) });
  const after = batchApplications(before);
  expect(nodesOf(after).filter((node) => node.operator === "standardize")).toHaveLength(2);
  expectSameValues(before, after);
});

test("among more networks than a word has bits, each waits for what it depends on and no other", () => {
  const count = 40;
  const weights = Array.from({ length: count }, (_, k) => weight(`w${k}`));
  const applied = (at: Node, w: Node): Node => conv(at, w, { stride: 1, pad: 1 });
  // Every network sees x and y; the last of them also what it made of x itself.
  const outputs = weights.flatMap((w, k) => [
    [`x${k}`, applied(x, w)] as const,
    [`y${k}`, applied(y, w)] as const,
  ]);
  const last = weights[count - 1] as Node;
  const inner = leakyRelu(applied(x, last), 0);
  const before: Graph = eliminateCommonSubexpressions({
    name: "g",
    inputs: [...weights, x, y],
    outputs: new Map<string, Node>([...outputs, ["again", applied(inner, last)]]),
  });
  const batches = convolutions(batchApplications(before)).map((node) => node.shape[0]);
  expect(batches.filter((size) => size === 2)).toHaveLength(count);
  expect(batches.filter((size) => size === 1)).toHaveLength(1);
  expect(batches).toHaveLength(count + 1);
});

test("images of several samples stay whole: each application gets its own back", () => {
  const [many, more] = ["many", "more"].map((name) => input(name, [3, channels, 4, 4])) as [
    Node,
    Node,
  ];
  const before = graphOf([u, v, many, more], { a: block(many, u, v), b: block(more, u, v) });
  const after = batchApplications(before);
  expect(convolutions(after).map((node) => node.shape[0])).toEqual([6, 6]);
  expectSameValues(before, after);
});

test("an operand of one sample is shared: what differs from sample to sample is not", () => {
  const shared = input("shared", [1, channels, side, side]);
  const layer = (at: Node): Node => add(conv(at, u, { stride: 1, pad: 1 }), shared);
  const before = graphOf([u, shared, x, y], { a: layer(layer(x)), b: layer(layer(y)) });
  const after = batchApplications(before);
  expect(convolutions(after).map((node) => node.shape[0])).toEqual([2, 2]);
  expect(nodesOf(after).filter(({ operator }) => operator === "concat")).toHaveLength(1);
  expectSameValues(before, after);
});

test("among more networks than a word has bits, none is joined with what it depends on", () => {
  const weights = Array.from({ length: 40 }, (_, k) => weight(`w${k}`));
  const applied = (at: Node, w: Node): Node => leakyRelu(conv(at, w, { stride: 1, pad: 1 }), 0);
  const before: Graph = eliminateCommonSubexpressions({
    name: "g",
    inputs: [...weights, x, y],
    // No network of the first 32 sees what the last ones see.
    outputs: new Map(weights.map((w, k) => [`made${k}`, applied(applied(k < 36 ? x : y, w), w)])),
  });
  expect(convolutions(batchApplications(before)).map((node) => node.shape[0])).toEqual(
    Array(80).fill(1),
  );
});
