/** Equal operators on equal inputs are one node, and what differs in anything stays two. */
import { expect, test } from "@jest/globals";
import { type Graph, type Node, nodesOf } from "../../../src/graph/graph.js";
import { add, sub, sum } from "../../../src/graph/operators/arithmetic.js";
import { exp, leakyRelu, tanh } from "../../../src/graph/operators/functions.js";
import { constant, input } from "../../../src/graph/operators/sources.js";
import { eliminateCommonSubexpressions } from "../../../src/graph/passes/cse.js";

const [x, y] = [input("x", [2, 3]), input("y", [2, 3])] as const;

/** Whether the two are one node afterwards. */
const become = (a: Node, b: Node): boolean => {
  const graph: Graph = { name: "g", inputs: [x, y], outputs: new Map(Object.entries({ a, b })) };
  const { outputs } = eliminateCommonSubexpressions(graph);
  return outputs.get("a") === outputs.get("b");
};

test("equal operators, attributes and inputs, all the way down", () => {
  expect(become(tanh(exp(x)), tanh(exp(x)))).toBe(true);
  expect(become(add(exp(x), constant(2)), add(exp(x), constant(2)))).toBe(true);
});

test("the label does not count, and that of the first stays", () => {
  const named = (label: string): Node => ({ ...exp(x), label });
  const outputs = new Map([
    ["a", named("F")],
    ["b", named("G")],
  ]);
  expect(
    nodesOf(eliminateCommonSubexpressions({ name: "g", inputs: [x], outputs })).map(
      ({ label }) => label,
    ),
  ).toEqual([undefined, "F"]);
});

test.each([
  ["operators", exp(x), tanh(x)],
  ["inputs", exp(x), exp(y)],
  ["their order", sub(x, y), sub(y, x)],
  ["attributes", leakyRelu(x, 0.1), leakyRelu(x, 0.2)],
  ["axes", sum(x, [0]), sum(x, [1])],
  ["constants", constant(1, [2]), constant(2, [2])],
  ["shapes of constants", constant(1, [2]), constant(1, [3])],
])("two where they differ in %s", (_, a, b) => {
  expect(become(a, b)).toBe(false);
});
