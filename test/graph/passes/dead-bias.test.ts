/** Which summands a normalisation takes away again, and which it does not. */
import { expect, test } from "@jest/globals";
import { evaluate } from "../../../src/graph/evaluate.js";
import { type Graph, type Node, nodesOf } from "../../../src/graph/graph.js";
import { add } from "../../../src/graph/operators/arithmetic.js";
import { inverseDeviation, standardize } from "../../../src/graph/operators/normalisation.js";
import { input } from "../../../src/graph/operators/sources.js";
import { eliminateDeadBiases } from "../../../src/graph/passes/dead-bias.js";
import { feedsOf, relative } from "../../lowering/feeds.js";

const x = input("x", [2, 3, 4, 5]);

/** The graph of what is made of x + b, and what the pass leaves of it. */
const dropped = (shape: readonly number[], of: (sum: Node) => Node) => {
  const b = input("b", shape);
  const before: Graph = { name: "g", inputs: [x, b], outputs: new Map([["y", of(add(x, b))]]) };
  const after = eliminateDeadBiases(before);
  const feeds = feedsOf(before, 1);
  const [expected, found] = [evaluate(before, feeds), evaluate(after, feeds)].map(
    (values) => values.get("y")?.data as Float64Array,
  ) as [Float64Array, Float64Array];
  expect(relative(found, expected)).toBeLessThan(1e-12);
  return !nodesOf(after).some((node) => node.operator === "add");
};

const perImage = (sum: Node): Node => standardize(sum, [2, 3], 1e-5);

test("a bias of each channel is idle before a normalisation of each image", () => {
  expect(dropped([1, 3, 1, 1], perImage)).toBe(true);
  expect(dropped([2, 3, 1, 1], perImage)).toBe(true);
  expect(dropped([], perImage)).toBe(true);
  expect(dropped([1, 3, 1, 1], (sum) => inverseDeviation(sum, [2, 3], 1e-5))).toBe(true);
});

test("what differs along a normalised axis is not", () => {
  expect(dropped([1, 1, 4, 1], perImage)).toBe(false);
  expect(dropped([5], perImage)).toBe(false);
  expect(dropped([1, 3, 1, 1], (sum) => standardize(sum, [1, 2, 3], 1e-5))).toBe(false);
});

test("nor is what makes the value larger than x", () => {
  const [small, b] = [input("x", [1, 3, 4, 5]), input("b", [2, 3, 1, 1])];
  const sum = standardize(add(small, b), [2, 3], 1e-5);
  const graph = { name: "g", inputs: [small, b], outputs: new Map([["y", sum]]) };
  expect(eliminateDeadBiases(graph)).toEqual(graph);
});
