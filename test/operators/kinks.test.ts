/** The derivatives that are chosen where there is none; test/torch holds them to PyTorch. */
import { expect, test } from "@jest/globals";
import { impossible } from "../../src/base/impossible.js";
import { gradients } from "../../src/graph/differentiate.js";
import type { Node } from "../../src/graph/graph.js";
import { constant } from "../../src/graph/operators/sources.js";
import { lossFunctions } from "../../src/operators/functions.js";
import { layers } from "../../src/operators/layers.js";
import { apply, inner, tensorOf } from "../graph/tensors.js";

const layer = (name: string, options: Readonly<Record<string, number>>) => (x: Node) =>
  (layers.get(name) ?? impossible(name)).graph(x, {}, options, [1, 1, 1]);

const loss = (name: string, numbers: readonly number[]) => (x: Node) =>
  (lossFunctions.get(name) ?? impossible(name)).graph([x], numbers, {
    places: () => impossible("places"),
  });

const slopeAt = (at: number, f: (x: Node) => Node): number | undefined =>
  apply(
    (x) => gradients(inner(f(x), constant(1)), [x]).get(x) as Node,
    tensorOf([1, 1, 1, 1], [at]),
  ).data[0];

test.each<[string, number, (x: Node) => Node, number]>([
  ["relu", 0, layer("relu", {}), 0],
  ["relu6", 0, layer("relu6", {}), 0],
  ["relu6", 3, layer("relu6", {}), 1],
  ["relu6", 6, layer("relu6", {}), 0],
  ["relu6", 7, layer("relu6", {}), 0],
  ["leaky_relu", 0, layer("leaky_relu", { slope: 0.2 }), 0.2],
  // Both sides agree.
  ["elu", 0, layer("elu", {}), 1],
  ["abs", 0, loss("abs", []), 0],
  ["clamp", -1, loss("clamp", [-1, 2]), 0],
  ["clamp", 2, loss("clamp", [-1, 2]), 0],
  ["norm", 0, loss("norm", []), 0],
])("%s at %d has the least of the slopes on both sides, or the slope", (_, at, f, slope) => {
  expect(slopeAt(at, f)).toBe(slope);
});
