/** Which inputs an output may be written over: none that someone may read later. */
import { expect, test } from "@jest/globals";
import type { Graph, Node } from "../../src/graph/graph.js";
import { add, mul, sub, sum } from "../../src/graph/operators/arithmetic.js";
import { exp, stop, tanh } from "../../src/graph/operators/functions.js";
import { matmul } from "../../src/graph/operators/linear.js";
import { transpose } from "../../src/graph/operators/shaping.js";
import { constant, input } from "../../src/graph/operators/sources.js";
import { overwritten } from "../../src/graph/overwrite.js";

const [m, g] = [input("m", [3, 3]), input("g", [3, 3])] as const;
/** m + (g - m) / 10. */
const moved = add(m, mul(sub(g, m), constant(0.1)));

const may = (next: Node, others: Readonly<Record<string, Node>> = {}): boolean => {
  const outputs = new Map([["next/m", next], ...Object.entries(others)]);
  const graph: Graph = { name: "g", inputs: [m, g], outputs };
  return overwritten(graph, [["m", "next/m"]]).has("m");
};

test("what only its own update reads", () => {
  expect(may(moved)).toBe(true);
  expect(may(moved, { "next/p": sub(g, exp(moved)) })).toBe(true);
});

test("not what others read, who may come later", () => {
  expect(may(moved, { other: tanh(m) })).toBe(false);
  expect(may(moved, { "next/p": mul(moved, m) })).toBe(false);
  expect(may(moved, { same: m })).toBe(false);
});

test("not where a number is written before all that need it have read it", () => {
  expect(may(matmul(m, g))).toBe(false);
  expect(may(mul(transpose(m, [1, 0]), g))).toBe(false);
  expect(may(add(m, sum(m, [0])))).toBe(false);
});

test("not where the output has no memory of its own, or another shape", () => {
  expect(may(m)).toBe(false);
  expect(may(stop(m))).toBe(false);
  expect(may(moved, { twice: moved })).toBe(false);
  expect(may(sum(m, [0]))).toBe(false);
});

test("pairs that the graph does not have are none", () => {
  const graph: Graph = { name: "g", inputs: [m, g], outputs: new Map([["next/m", moved]]) };
  expect(overwritten(graph, [["m", "next/q"]]).size).toBe(0);
  expect(overwritten(graph, [["q", "next/m"]]).size).toBe(0);
});
