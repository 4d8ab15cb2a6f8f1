import { expect, test } from "@jest/globals";
import { evaluate } from "../../src/graph/evaluate.js";
import type { Graph, Node } from "../../src/graph/graph.js";
import { add, mul } from "../../src/graph/operators/arithmetic.js";
import { exp } from "../../src/graph/operators/functions.js";
import { constant, input } from "../../src/graph/operators/sources.js";
import { tensorOf } from "./tensors.js";

const [x, y] = [input("x", [2]), input("y", [])];
const graph = (outputs: Readonly<Record<string, Node>>, inputs = [x, y]): Graph => ({
  name: "test",
  inputs,
  outputs: new Map(Object.entries(outputs)),
});
const fed = new Map([
  ["x", tensorOf([2], [1, 2])],
  ["y", tensorOf([], [10])],
]);

test("outputs come by name and in their order, inputs and repeated nodes among them", () => {
  const sum = add(x, y);
  const outputs = { late: mul(sum, sum), sum, again: sum, x, known: constant(7) };
  expect([...evaluate(graph(outputs), fed)]).toEqual([
    ["late", tensorOf([2], [121, 144])],
    ["sum", tensorOf([2], [11, 12])],
    ["again", tensorOf([2], [11, 12])],
    ["x", tensorOf([2], [1, 2])],
    ["known", tensorOf([], [7])],
  ]);
});

test("what is fed stays as it was, and may hold more than the graph asks for", () => {
  const more = new Map([...fed, ["z", tensorOf([], [0])] as const]);
  evaluate(graph({ y: exp(add(x, x)) }), more);
  expect([...(more.get("x")?.data ?? [])]).toEqual([1, 2]);
});

test("a chain longer than the stack", () => {
  let value: Node = y;
  for (let i = 0; i < 20_000; i++) value = add(value, constant(1));
  expect(evaluate(graph({ value }), fed).get("value")).toEqual(tensorOf([], [20_010]));
});

test("a missing or misshapen input is named, used or not", () => {
  const none = graph({});
  expect(() => evaluate(none, new Map([...fed].slice(0, 1)))).toThrow("the input y is missing");
  const wrong = (x: ReturnType<typeof tensorOf>) => () =>
    evaluate(none, new Map([...fed, ["x", x]]));
  expect(wrong(tensorOf([2, 1], [1, 2]))).toThrow("the input x has the shape [2, 1], not [2]");
  expect(wrong(tensorOf([2], [1, 2, 3]))).toThrow("the input x holds 3 numbers, not 2");
});

test("an input that the graph does not list is an error", () => {
  expect(() => evaluate(graph({ y }, [x]), fed)).toThrow("the input y is fed, not computed");
});
