/** Algebra, rule by rule: what becomes of an expression, and that its value is the same. */
import { expect, test } from "@jest/globals";
import { evaluate } from "../../../src/graph/evaluate.js";
import { type Graph, type Node, nodesOf } from "../../../src/graph/graph.js";
import { add, broadcast, div, mul, sub, sum } from "../../../src/graph/operators/arithmetic.js";
import { neg } from "../../../src/graph/operators/functions.js";
import { concat, pad, reshape, slice, transpose } from "../../../src/graph/operators/shaping.js";
import { constant, input } from "../../../src/graph/operators/sources.js";
import { simplify } from "../../../src/graph/passes/simplify.js";
import { feedsOf, relative } from "../../lowering/feeds.js";

const [x, y] = [input("x", [2, 3, 4]), input("y", [2, 3, 4])] as const;
const small = input("small", [1, 3, 1]);

/** The operators that are left of an expression of x, y and small, inputs and constants aside. */
const left = (value: Node): readonly string[] => {
  const before: Graph = { name: "g", inputs: [x, y, small], outputs: new Map([["value", value]]) };
  const after = simplify(before);
  const feeds = feedsOf(before, 2);
  const [expected, found] = [before, after].map((g) => evaluate(g, feeds).get("value"));
  expect(found?.shape).toEqual(expected?.shape);
  expect(relative(found?.data as Float64Array, expected?.data as Float64Array)).toBeLessThan(1e-12);
  return nodesOf(after)
    .map((node) => node.operator)
    .filter((operator) => operator !== "input" && operator !== "constant");
};

const zeros = (axis: number, value: number): readonly number[] =>
  [0, 1, 2].map((i) => (i === axis ? value : 0));
/** x's and y's rows in a value of more rows, from row `low` of `total` on. */
const placed = (value: Node, low: number, total: number): Node =>
  pad(value, zeros(1, low), zeros(1, total - low - 3));

const cases: Readonly<Record<string, readonly [Node, readonly string[]]>> = {
  "x + 0": [add(x, constant(0)), []],
  "0 + x": [add(constant(0), x), []],
  "x - 0": [sub(x, constant(0)), []],
  "0 - x stays": [sub(constant(0), x), ["sub"]],
  "1 x": [mul(constant(1), x), []],
  "x / 1": [div(x, constant(1)), []],
  "1 / x stays": [div(constant(1), x), ["div"]],
  "small times ones of x's shape is repeated": [mul(small, constant(1, [2, 3, 4])), ["mul"]],
  "known numbers": [mul(x, sub(constant(5), div(constant(6), constant(2)))), ["mul"]],
  "factors in a row": [mul(mul(x, constant(3)), constant(4)), ["mul"]],
  "a sign is a factor": [neg(mul(x, constant(3))), ["mul"]],
  "transposed twice": [transpose(transpose(x, [1, 2, 0]), [2, 0, 1]), []],
  "transposed twice, otherwise": [transpose(transpose(x, [1, 2, 0]), [1, 2, 0]), ["transpose"]],
  "reshaped twice": [reshape(reshape(x, [6, 4]), [4, 6]), ["reshape"]],
  "reshaped back": [reshape(reshape(x, [6, 4]), [2, 3, 4]), []],
  "a sum over one element": [sum(small, [0, 2]), []],
  "repeated by hand in arithmetic": [mul(x, broadcast(small, [2, 3, 4])), ["mul"]],
  "repeated by hand on both sides": [
    mul(broadcast(small, [2, 3, 4]), broadcast(small, [2, 3, 4])),
    ["broadcast", "mul"],
  ],
  "a number in every place": [add(x, constant(7, [2, 3, 4])), ["add"]],
  "parts that fill each other's zeros": [add(placed(x, 0, 6), placed(y, 3, 6)), ["concat"]],
  "the other way round": [add(placed(x, 3, 6), placed(y, 0, 6)), ["concat"]],
  "parts with zeros around both": [add(placed(x, 1, 9), placed(y, 4, 9)), ["concat", "pad"]],
  "parts that overlap stay": [add(placed(x, 0, 5), placed(y, 2, 5)), ["pad", "pad", "add"]],
  "parts with a gap stay": [add(placed(x, 0, 7), placed(y, 4, 7)), ["pad", "pad", "add"]],
  "parts along other axes stay": [
    add(
      pad(x, zeros(1, 0), zeros(1, 1)),
      pad(slice(y, [0, 0, 0], [2, 3, 3]), [0, 1, 0], [0, 0, 1]),
    ),
    ["pad", "slice", "pad", "add"],
  ],
  "pieces of pieces": [concat([concat([x, y], 1), x], 1), ["concat"]],
  "pieces of pieces along another axis": [
    concat([concat([x, y], 1), concat([y, x], 1)], 0),
    ["concat", "concat", "concat"],
  ],
};

test.each(Object.entries(cases))("%s", (_, [value, operators]) => {
  expect(left(value)).toEqual(operators);
});
