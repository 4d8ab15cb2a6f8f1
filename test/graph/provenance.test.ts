/** What nodes are part of: said once, and carried through derivatives and passes. */
import { expect, test } from "@jest/globals";
import { gradients } from "../../src/graph/differentiate.js";
import { type Graph, type Node, nodesOf, ordered } from "../../src/graph/graph.js";
import { add, mul, sum } from "../../src/graph/operators/arithmetic.js";
import { conv } from "../../src/graph/operators/convolution.js";
import { leakyRelu, neg, tanh } from "../../src/graph/operators/functions.js";
import { reflectPad } from "../../src/graph/operators/padding.js";
import { transpose } from "../../src/graph/operators/shaping.js";
import { constant, input } from "../../src/graph/operators/sources.js";
import { batchApplications } from "../../src/graph/passes/batch.js";
import { eliminateCommonSubexpressions } from "../../src/graph/passes/cse.js";
import { simplify } from "../../src/graph/passes/simplify.js";
import { winograd } from "../../src/graph/passes/winograd.js";
import { withProvenance } from "../../src/graph/provenance.js";

const part = (name: string): ((node: Node) => Node) => withProvenance({ of: [name] });
const partOf = ({ provenance }: Node): string => (provenance?.of ?? []).join();

const graphOf = (inputs: readonly Node[], outputs: readonly Node[]): Graph => ({
  name: "g",
  inputs,
  outputs: new Map(outputs.map((node, i) => [`${i}`, node])),
});

/** Of all that is computed, sources aside. */
const partsOf = (graph: Graph): readonly string[] =>
  nodesOf(graph)
    .filter(({ inputs }) => inputs.length > 0)
    .map((node) => `${node.operator} ${partOf(node)}`);

const x = input("x", [2, 3]);

test("it reaches down to what has one, and leaves sources alone", () => {
  const inner = part("F")(tanh(x));
  const outer = part("G")(mul(neg(inner), constant(2)));
  expect(partsOf(graphOf([x], [outer]))).toEqual(["tanh F", "neg G", "mul G"]);
  expect(ordered([outer])).toContain(x);
});

test("what two nodes share stays one where one function is asked of both", () => {
  const common = tanh(x);
  const mark = part("F");
  const [a, b] = [mark(neg(common)), mark(mul(common, common))];
  expect(a.inputs[0]).toBe(b.inputs[0]);
});

test("a derivative is part of what it differentiates, to any order", () => {
  const value = part("loss")(sum(part("F")(mul(tanh(x), x)), [0, 1]));
  const dx = gradients(value, [x], "once").get(x) as Node;
  const squared = sum(mul(dx, dx), [0, 1]);
  const ddx = gradients(squared, [x], "twice").get(x) as Node;
  const orders = new Set(
    ordered([ddx]).map(({ provenance }) => `${provenance?.of} ${provenance?.derivatives ?? ""}`),
  );
  for (const order of ["F ", "F once", "F twice", "F once,twice"]) expect(orders).toContain(order);
  expect([...orders].filter((order) => order.startsWith("loss"))).toEqual(["loss once"]);
});

test("a derivative without a name has no provenance", () => {
  const value = sum(part("F")(tanh(x)), [0, 1]);
  const dx = gradients(value, [x]).get(x) as Node;
  const made = ordered([dx]).filter((node) => !ordered([value]).includes(node));
  expect(made.map(partOf).filter((name) => name !== "")).toEqual([]);
});

test("what a pass makes is part of what it stands for", () => {
  const image = input("image", [1, 48, 8, 8]);
  const weight = input("weight", [48, 48, 3, 3]);
  const before = graphOf(
    [image, weight],
    [part("F")(tanh(conv(image, weight, { stride: 1, pad: 1 })))],
  );
  const after = winograd(before);
  expect(nodesOf(after).length).toBeGreaterThan(10);
  expect(new Set(nodesOf(after).map(partOf))).toEqual(new Set(["", "F"]));
  expect(partsOf(after).filter((text) => !text.endsWith(" F"))).toEqual([]);
});

test("rules that leave a part of what they were given leave its provenance", () => {
  const inner = part("F")(tanh(x));
  const scaled = part("G")(mul(mul(inner, constant(2)), constant(3)));
  expect(partsOf(simplify(graphOf([x], [scaled])))).toEqual(["tanh F", "mul G"]);
});

test("what two begin with is part of what they read, and not of either", () => {
  const image = input("image", [1, 1, 4, 4]);
  const drawn = part("draw")(transpose(image, [0, 1, 3, 2]));
  const [v, w] = [input("v", [1, 1, 3, 3]), input("w", [1, 1, 3, 3])];
  const apply = (name: string, weight: Node): Node =>
    part(name)(conv(reflectPad(drawn, 1), weight, { stride: 1, pad: 0 }));
  expect(
    partsOf(eliminateCommonSubexpressions(graphOf([image, v, w], [apply("F", v), apply("G", w)]))),
  ).toEqual(["transpose draw", "reflect_pad draw", "conv F", "conv G"]);
  // With weights it is computed for the first.
  expect(
    partsOf(
      eliminateCommonSubexpressions(graphOf([image, v], [apply("F", v), neg(apply("G", v))])),
    ),
  ).toEqual(["transpose draw", "reflect_pad draw", "conv F", "neg "]);
});

test("a batch is part of all that it is a batch of", () => {
  const [v, w] = [input("v", [48, 48, 3, 3]), input("w", [48, 48, 3, 3])];
  const images = ["x", "y"].map((name) => input(name, [1, 48, 8, 8]));
  const outputs = images.map((image, i) => {
    const layer = (at: Node, weight: Node) => conv(at, weight, { stride: 1, pad: 1 });
    return part(`F${i}`)(layer(leakyRelu(layer(image, v), 0), w));
  });
  expect(partsOf(batchApplications(graphOf([v, w, ...images], outputs)))).toEqual([
    "concat F0,F1",
    "conv F0,F1",
    "leaky_relu F0,F1",
    "conv F0,F1",
    "slice F0",
    "slice F1",
  ]);
});

test("a sum of gradients is part of what they are the gradients of", () => {
  const w = { ...input("w", [2, 3]), provenance: { of: ["weights"] } };
  const [a, b] = [part("F")(mul(w, x)), part("G")(mul(w, tanh(x)))];
  const dw = gradients(sum(add(a, b), [0, 1]), [w], "d").get(w) as Node;
  expect([dw, ...dw.inputs].map(partOf)).toEqual(["weights", "G", "F"]);
});
