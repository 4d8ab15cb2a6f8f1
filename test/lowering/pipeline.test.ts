/**
 * Every stage of the pipeline keeps what it promises, and each promise can be seen to be broken.
 */
import { expect, test } from "@jest/globals";
import { type Graph, type Node, nodesOf } from "../../src/graph/graph.js";
import {
  everyInputIsRead,
  type Guarantee,
  noTwins,
  nothingWaits,
  noUndoneTransposes,
} from "../../src/graph/guarantees.js";
import { add } from "../../src/graph/operators/arithmetic.js";
import { neg, tanh } from "../../src/graph/operators/functions.js";
import { after } from "../../src/graph/operators/order.js";
import { transpose } from "../../src/graph/operators/shaping.js";
import { constant, input } from "../../src/graph/operators/sources.js";
import { type Pass, type PassContext, passes } from "../../src/graph/passes/index.js";
import { entriesKeepTheirShapes } from "../../src/lowering/entries.js";
import { enter, pipeline, runStage } from "../../src/lowering/pipeline.js";
import { heldStepPrograms } from "../../src/lowering/programs.js";
import { constructs } from "../support/constructs.js";
import { modelOf } from "../support/specs.js";

const graphOf = (inputs: readonly Node[], outputs: Readonly<Record<string, Node>>): Graph => ({
  name: "g",
  inputs,
  outputs: new Map(Object.entries(outputs)),
});

const x = input("x", [2, 3, 4, 4]);
const back = transpose(transpose(x, [0, 2, 3, 1]), [0, 3, 1, 2]);

test.each<[string, Guarantee, Graph, string]>([
  [
    "twins",
    noTwins,
    graphOf([x], { y: add(neg(tanh(x)), neg(tanh(x))) }),
    "tanh of input stands twice",
  ],
  [
    "transposes",
    noUndoneTransposes,
    graphOf([x], { y: neg(back) }),
    "transpose 0,3,1,2 undoes the one before it",
  ],
  [
    "inputs",
    everyInputIsRead,
    graphOf([x, input("z", [1])], { y: neg(x) }),
    "no output depends on z",
  ],
  ["order", nothingWaits, graphOf([x], { y: add(x, after(constant(1), [x])) }), "a value waits"],
  [
    "entries",
    entriesKeepTheirShapes,
    graphOf([x], { "next/x": transpose(x, [0, 2, 3, 1]) }),
    "x is [2,3,4,4], and [2,4,4,3] comes out in its place",
  ],
])("%s: a graph that breaks the promise is told of", (_, guarantee, graph, first) => {
  expect(guarantee.broken(graph)[0]).toBe(first);
});

test("a stage that ends with a broken promise is an internal error, which names the stage", () => {
  const broken = enter("step", graphOf([x], { "next/x": transpose(x, [0, 2, 3, 1]) }));
  expect(() => runStage("step", broken)).toThrow("internal error of ganc: at step: x is [2,3,4,4]");
});

test("a run is numbered by its place in the whole pipeline", () => {
  const names = pipeline.flatMap(({ runs }) => runs.map(({ name }) => name));
  expect(new Set(names).size).toBe(names.length);
  for (const pass of Object.keys(passes)) expect(names).toContain(pass);
});

/** Every graph that the pipeline makes on the way. */
const graphsOf = (spec: string): readonly (readonly [string, Graph])[] => {
  const found: [string, Graph][] = [];
  heldStepPrograms(modelOf(spec), { observe: (run, graph) => found.push([run, graph]) });
  return found;
};

/** What finds nothing more to do in what it has done. */
const settled = ["cse", "dead-bias", "dce"] as const;

const context: PassContext = { isWeight: () => false };

const sizeOf = (graph: Graph): readonly [number, number] => [
  graph.inputs.length,
  nodesOf(graph).length,
];

test.each(Object.entries(constructs))("%s: what elimination leaves, it leaves alone", (_, spec) => {
  for (const [run, graph] of graphsOf(spec)) {
    const name = settled.find((pass) => run === pass || run.startsWith(`${pass}-`));
    if (name === undefined) continue;
    const pass: Pass = passes[name];
    expect([run, sizeOf(pass.run(graph, context))]).toEqual([run, sizeOf(graph)]);
  }
});
