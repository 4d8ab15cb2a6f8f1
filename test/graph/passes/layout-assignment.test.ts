/**
 * Which entries of a state are held transposed, and that the graph then gives the same, transposed.
 */
import { expect, test } from "@jest/globals";
import { evaluate } from "../../../src/graph/evaluate.js";
import { type Graph, type Node, nodesOf } from "../../../src/graph/graph.js";
import type { Tensor } from "../../../src/graph/operator.js";
import { mul, sub } from "../../../src/graph/operators/arithmetic.js";
import { tanh } from "../../../src/graph/operators/functions.js";
import { reshape, transpose } from "../../../src/graph/operators/shaping.js";
import { constant, input } from "../../../src/graph/operators/sources.js";
import { assignLayouts, chooseLayouts } from "../../../src/graph/passes/layout-assignment.js";
import { sinkTransposes } from "../../../src/graph/passes/transpose-sinking.js";
import { feedsOf, relative } from "../../lowering/feeds.js";

const [w, m] = [input("param/w", [2, 3, 4, 5]), input("m/w", [2, 3, 4, 5])] as const;
const order = [3, 2, 0, 1];
const used = transpose(w, order);

/** A step that reads w as told and moves it by its moment. */
const step = (...values: readonly Node[]): Graph => ({
  name: "g",
  inputs: [w, m],
  outputs: new Map([
    ...values.map((value, i) => [`value ${i}`, value] as const),
    ["next/param/w", sub(w, mul(m, constant(0.1)))],
  ]),
});

const heldIn = (graph: Graph): readonly string[] =>
  [
    ...chooseLayouts(
      graph,
      (name) => name.split("/")[1],
      (name) => name.startsWith("param/"),
    ),
  ].map(([name, axes]) => `${name} ${axes}`);

test("what every use transposes alike is held so, and what belongs to it too", () => {
  expect(heldIn(step(tanh(used)))).toEqual(["param/w 3,2,0,1", "m/w 3,2,0,1"]);
});

test("not so where a use takes it otherwise, or as it is, or nothing transposes it", () => {
  expect(heldIn(step(used, transpose(w, [0, 1, 3, 2])))).toEqual([]);
  expect(heldIn(step(used, reshape(w, [6, 20])))).toEqual([]);
  expect(heldIn(step(used, tanh(w)))).toEqual([]);
  expect(heldIn(step())).toEqual([]);
});

const permuted = ({ shape, data }: Tensor, axes: readonly number[]): Tensor => {
  const x = input("x", shape);
  const graph = { name: "p", inputs: [x], outputs: new Map([["y", transpose(x, axes)]]) };
  return evaluate(graph, new Map([["x", { shape, data }]])).get("y") as Tensor;
};

test("held so, it comes in and goes out transposed, and no transpose is left", () => {
  const before = step(tanh(used));
  const held = new Map([
    ["param/w", order],
    ["m/w", order],
  ]);
  const after = sinkTransposes(assignLayouts(before, held, (name) => `next/${name}`));
  expect(nodesOf(after).filter((node) => node.operator === "transpose")).toEqual([]);
  const feeds = feedsOf(before, 8);
  const turned = new Map([...feeds].map(([name, value]) => [name, permuted(value, order)]));
  const [expected, found] = [evaluate(before, feeds), evaluate(after, turned)];
  const next = permuted(expected.get("next/param/w") as Tensor, order);
  expect(found.get("next/param/w")?.shape).toEqual(next.shape);
  expect(relative(found.get("next/param/w")?.data as Float64Array, next.data)).toBeLessThan(1e-15);
  const value = expected.get("value 0")?.data as Float64Array;
  expect(relative(found.get("value 0")?.data as Float64Array, value)).toBeLessThan(1e-15);
});
