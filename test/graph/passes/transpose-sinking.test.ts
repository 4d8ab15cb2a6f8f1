/**
 * Transposes that move down: values stay, and a chain of blocks keeps one order from end to end.
 */
import { expect, test } from "@jest/globals";
import { evaluate } from "../../../src/graph/evaluate.js";
import { type Graph, type Node, nodesOf } from "../../../src/graph/graph.js";
import { add, mul, sum } from "../../../src/graph/operators/arithmetic.js";
import { conv } from "../../../src/graph/operators/convolution.js";
import { leakyRelu, tanh } from "../../../src/graph/operators/functions.js";
import { inverseDeviation, standardize } from "../../../src/graph/operators/normalisation.js";
import { reflectPad } from "../../../src/graph/operators/padding.js";
import { transpose } from "../../../src/graph/operators/shaping.js";
import { constant, input } from "../../../src/graph/operators/sources.js";
import { eliminateCommonSubexpressions } from "../../../src/graph/passes/cse.js";
import { sinkTransposes } from "../../../src/graph/passes/transpose-sinking.js";
import { winograd } from "../../../src/graph/passes/winograd.js";
import { feedsOf, relative } from "../../lowering/feeds.js";

const expectSameValues = (before: Graph, after: Graph): void => {
  const feeds = feedsOf(before, 6);
  const [expected, found] = [evaluate(before, feeds), evaluate(after, feeds)];
  for (const [name, { shape, data }] of expected) {
    expect([name, found.get(name)?.shape]).toEqual([name, shape]);
    expect(relative(found.get(name)?.data ?? new Float64Array(), data)).toBeLessThan(1e-11);
  }
};

const transposes = (graph: Graph): readonly Node[] =>
  nodesOf(graph).filter((node) => node.operator === "transpose");

const graphOf = (inputs: readonly Node[], value: Node): Graph => ({
  name: "g",
  inputs,
  outputs: new Map([["value", value]]),
});

const x = input("x", [2, 3, 4, 5]);
/** No order is its own inverse here, so that one taken for the other shows. */
const order = [1, 2, 3, 0];
const turned = transpose(x, order);
const vector = input("vector", [1, 1, 5, 1]);

const through: Readonly<Record<string, Node>> = {
  "an element": tanh(turned),
  "a sum over axes": sum(turned, [0, 2]),
  "a normalisation": standardize(turned, [1, 2], 1e-3),
  "a deviation": inverseDeviation(turned, [0], 1e-3),
  "a pair": mul(turned, tanh(turned)),
  "a scalar": add(turned, constant(2)),
  "a vector of the last axis but one": mul(turned, vector),
};

test.each(Object.entries(through))("through %s", (_, value) => {
  const before = graphOf([x, vector], value);
  const after = sinkTransposes(before);
  expect(after.outputs.get("value")?.operator).toBe("transpose");
  expectSameValues(before, after);
});

test("back again it vanishes", () => {
  const back = transpose(tanh(turned), [3, 0, 1, 2]);
  const after = sinkTransposes(graphOf([x], back));
  expect(transposes(after)).toEqual([]);
  expectSameValues(graphOf([x], back), after);
});

test("a large operand that the graph has in no other order stays where it is", () => {
  const other = input("other", [3, 4, 5, 2]);
  const before = graphOf([x, other], add(turned, other));
  expect(sinkTransposes(before)).toEqual(before);
});

test("residual blocks in the order of fast convolution are entered and left once", () => {
  const weights = ["a", "b", "c", "d"].map((name) => input(name, [4, 4, 3, 3]));
  const image = input("image", [1, 4, 8, 8]);
  const norm = (at: Node, w: Node): Node =>
    standardize(conv(reflectPad(at, 1), w, { stride: 1, pad: 0 }), [2, 3], 1e-5);
  const block = (at: Node, u: Node, v: Node): Node => add(at, norm(leakyRelu(norm(at, u), 0), v));
  const [a, b, c, d] = weights as [Node, Node, Node, Node];
  const value = block(block(tanh(image), a, b), c, d);
  const before = winograd(graphOf([image, ...weights], value), () => true);
  const after = eliminateCommonSubexpressions(sinkTransposes(before));
  const exchanges = (graph: Graph): number =>
    transposes(graph).filter((node) => String(node.attributes.order) === "2,3,0,1").length;
  expect(exchanges(before)).toBe(8);
  expect(exchanges(after)).toBe(2);
  expectSameValues(before, after);
});
