/** Orders of computation: sound for any graph, and small where it matters. */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { gradients } from "../../src/graph/differentiate.js";
import { type Graph, type Node, nodesOf, ordered, sizeOf } from "../../src/graph/graph.js";
import { add, mul, sub } from "../../src/graph/operators/arithmetic.js";
import { neg, tanh } from "../../src/graph/operators/functions.js";
import { matmul } from "../../src/graph/operators/linear.js";
import { reshape } from "../../src/graph/operators/shaping.js";
import { constant, input } from "../../src/graph/operators/sources.js";
import { peakOf, type Storage, schedule } from "../../src/graph/schedule.js";
import { pipeline } from "../../src/lowering/pipeline.js";
import { stepProgram } from "../../src/lowering/programs.js";
import { modelOfSpec } from "../support/specs.js";
import { graphs } from "./graphs.js";
import { inner } from "./tensors.js";

const storage: Storage = {
  isView: ({ operator }) => operator === "reshape",
  consumed: (name) => name.startsWith("m"),
};

test("has all nodes that the outputs need, once, each after its inputs", () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const order = schedule(graph, storage);
      const at = new Map(order.map((node, i) => [node, i]));
      expect(at.size).toBe(order.length);
      expect(new Set(order)).toEqual(new Set(ordered(graph.outputs.values())));
      for (const node of order)
        for (const value of node.inputs) expect(at.get(value)).toBeLessThan(at.get(node) as number);
    }),
    { seed: 977, numRuns: 60 },
  );
});

/** What is held, counted anew at every node: by looking at who reads what later. */
const heldAtWorst = (
  graph: Graph,
  order: readonly Node[],
  { isView, consumed }: Storage,
): number => {
  const own = (node: Node): Node => (isView?.(node) === true ? own(node.inputs[0] as Node) : node);
  const kept = new Set([...graph.outputs.values()].map(own));
  let held = 0;
  let worst = 0;
  const isHeld = (root: Node, from: number): boolean =>
    kept.has(root) || order.slice(from).some((later) => later.inputs.some((x) => own(x) === root));
  order.forEach((_, i) => {
    const roots = new Set(order.slice(0, i + 1).map(own));
    held = 0;
    for (const root of roots)
      if (
        root.operator !== "input" &&
        root.operator !== "constant" &&
        (root === order[i] || isHeld(root, i))
      )
        held += sizeOf(root.shape);
    for (const node of graph.inputs)
      if (consumed?.(String(node.attributes.name)) && order.includes(node) && !isHeld(node, i))
        held -= sizeOf(node.shape);
    worst = Math.max(worst, held);
  });
  return worst;
};

test("the peak is what a look at every moment says", () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      for (const order of [ordered(graph.outputs.values()), schedule(graph, storage)])
        expect(peakOf(graph, order, storage)).toBe(heldAtWorst(graph, order, storage));
    }),
    { seed: 978, numRuns: 25 },
  );
});

/**
 * A chain of layers, applied to several images, with the gradients of its weights and their update.
 */
const chain = (layers: number, images: number): Graph => {
  const weights = Array.from({ length: layers }, (_, i) => input(`w${i}`, [8, 8]));
  const xs = Array.from({ length: images }, (_, i) => input(`x${i}`, [64, 8]));
  const value = xs
    .map((x) => weights.reduce((h, w) => tanh(matmul(h, w)), x))
    .map((y) => inner(y, y))
    .reduce(add);
  const found = gradients(value, weights);
  const moments = weights.map((_, i) => input(`m${i}`, [8, 8]));
  const outputs = new Map<string, Node>([["value", value]]);
  weights.forEach((w, i) => {
    const moment = add(moments[i] as Node, mul(found.get(w) as Node, constant(0.1)));
    outputs.set(`next/m${i}`, moment);
    outputs.set(`next/w${i}`, sub(w, moment));
  });
  return { name: "chain", inputs: [...weights, ...xs, ...moments], outputs };
};

test("an application's activations are gone before the next begins", () => {
  const [layers, image] = [6, 64 * 8];
  const one = chain(layers, 1);
  const many = chain(layers, 5);
  const peak = peakOf(many, schedule(many, storage), storage);
  // Five keep little more than one: the gradients so far. As written they keep all that each makes.
  expect(peak).toBeLessThan(peakOf(one, schedule(one, storage), storage) + 2 * layers * 64 + image);
  expect(peakOf(many, ordered(many.outputs.values()), storage)).toBeGreaterThan(5 * layers * image);
});

test("a moment is updated when its gradient is complete, and the old one given up", () => {
  const graph = chain(6, 1);
  const order = schedule(graph, storage);
  for (let i = 0; i < 6; i++) {
    const next = graph.outputs.get(`next/m${i}`) as Node;
    const gradient = (next.inputs[1] as Node).inputs[0] as Node;
    // Between them: the old moment, the factor, the product.
    expect(order.indexOf(next) - order.indexOf(gradient)).toBeLessThanOrEqual(4);
  }
});

test("a view takes nothing", () => {
  const x = input("x", [4, 4]);
  const y = neg(x);
  const graph = { name: "view", inputs: [x], outputs: new Map([["y", tanh(reshape(y, [16]))]]) };
  expect(peakOf(graph, nodesOf(graph), storage)).toBe(32);
  expect(peakOf(graph, nodesOf(graph), {})).toBe(32);
});

test("a step of CycleGAN holds less than half of what it does as written", () => {
  const set = { size: "64", ngf: "8", ndf: "8", blocks: "3" };
  // Batched, the applications of a network are all held at once; ordered, they are written in this
  // order already.
  const only = pipeline
    .filter(({ name }) => name !== "held")
    .flatMap(({ runs }) => runs.map(({ name }) => name));
  const graph = stepProgram(modelOfSpec("specs/cyclegan-lsgan.gan", set), {
    exact: true,
    only: only.filter((name) => name !== "batch" && name !== "memory-scheduling"),
  });
  const step: Storage = { isView: storage.isView as (node: Node) => boolean, consumed: () => true };
  const written = peakOf(graph, ordered(graph.outputs.values()), step);
  expect(peakOf(graph, schedule(graph, step), step)).toBeLessThan(written / 2);
});
