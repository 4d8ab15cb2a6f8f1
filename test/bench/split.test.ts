/**
 * Parts that are computed at once: together they are the step, each draw's own work is in its part,
 * the sums are the rest.
 */
import { expect, test } from "@jest/globals";
import { SEED, SPEC } from "../../bench/sides.js";
import { split } from "../../bench/split.js";
import { drawOf, halvesSession } from "../../bench/split-side.js";
import type { State } from "../../src/contracts/tensor.js";
import { openProgram } from "../../src/engines/onnx/runtime.js";
import { onnxSession } from "../../src/engines/onnx/session.js";
import { evaluate } from "../../src/graph/evaluate.js";
import { type Graph, inputName, nodesOf } from "../../src/graph/graph.js";
import type { Tensor } from "../../src/graph/operator.js";
import { add, sum } from "../../src/graph/operators/arithmetic.js";
import { input } from "../../src/graph/operators/sources.js";
import { verify } from "../../src/graph/verify.js";
import { stepProgram } from "../../src/lowering/programs.js";
import { feedsOf, relative } from "../lowering/feeds.js";
import { batchOf } from "../support/batches.js";
import { constructs } from "../support/constructs.js";
import { modelOf, modelOfSpec } from "../support/specs.js";

const inputsOf = (graph: Graph): readonly string[] => graph.inputs.map(inputName);

const expectWhole = (whole: Graph): void => {
  const { parts, rest } = split(whole, drawOf);
  const feeds = feedsOf(whole, 6);
  const found = new Map<string, Tensor>();
  for (const part of parts.values()) {
    expect(verify(part)).toEqual([]);
    for (const [output, value] of evaluate(part, feeds)) found.set(output, value);
  }
  expect(verify(rest)).toEqual([]);
  for (const [output, value] of evaluate(rest, new Map([...feeds, ...found])))
    found.set(output, value);
  for (const [output, { data }] of evaluate(whole, feeds))
    expect([output, relative(found.get(output)?.data ?? new Float64Array(), data)]).toEqual([
      output,
      expect.closeTo(0, 9),
    ]);
};

test.each(Object.keys(constructs))("%s: parts and rest give the numbers of the whole", (name) => {
  const model = modelOf(constructs[name] as string);
  expectWhole(stepProgram(model, { without: ["batch", "memory-scheduling"] }));
});

test("sums with what no draw has, and of unequal shapes, stay whole", () => {
  const [x, y, w] = [input("batch/X", [2, 3]), input("batch/Y", [2, 3]), input("param/w", [2, 3])];
  const number = input("batch/Z", [1, 1]);
  const outputs = { weighted: add(add(x, y), w), all: sum(add(add(x, y), number), [0, 1]) };
  expectWhole({
    name: "sums",
    inputs: [x, y, w, number],
    outputs: new Map(Object.entries(outputs)),
  });
});

const cyclegan = (set: Readonly<Record<string, string>>) =>
  modelOfSpec(SPEC, { size: "32", blocks: "1", ...set });

test("of a CycleGAN the draws of X and of Y are halves, and all that is left are sums and Adam", () => {
  const model = cyclegan({ ngf: "32", ndf: "4" });
  const { parts, rest } = split(
    stepProgram(model, { without: ["batch", "memory-scheduling"] }),
    drawOf,
  );
  expect([...parts.keys()].sort()).toEqual(["batch/X", "batch/Y"]);
  const [x, y] = [parts.get("batch/X"), parts.get("batch/Y")] as [Graph, Graph];
  expect(inputsOf(x)).not.toContain("batch/Y");
  expect(inputsOf(y)).not.toContain("batch/X");
  expect(nodesOf(x)).toHaveLength(nodesOf(y).length);
  const arithmetic = ["add", "sub", "mul", "div", "power", "input", "constant", "reshape"];
  expect(nodesOf(x).map(({ operator }) => operator)).toContain("matmul");
  expect(nodesOf(rest).filter(({ operator }) => !arithmetic.includes(operator))).toEqual([]);
});

/**
 * Of the first moments, which are gradients, and of histories: largest differences, as parts of the
 * largest of their kind.
 */
const distances = (left: State, right: State): ReadonlyMap<string, number> =>
  new Map(
    ["adam.m/", "history/"].map((kind) => {
      const all = [...left].filter(([name]) => name.startsWith(kind));
      const largest = Math.max(...all.flatMap(([, { data }]) => [...data].map(Math.abs)));
      const far = all.flatMap(([name, { data }]) =>
        [...data].map((value, i) => Math.abs(value - (right.get(name)?.data[i] ?? Number.NaN))),
      );
      return [kind, Math.max(...far) / largest];
    }),
  );

test("parts in threads train as the one graph does, and go on from its state, histories among it", async () => {
  const model = cyclegan({ ngf: "4", ndf: "4" });
  const one = await onnxSession(model, { engine: "onnx", seed: SEED, open: openProgram });
  const parts = await halvesSession(model);
  for (let step = 0; step < 4; step++) {
    const input = { batch: batchOf(model, step), rate: 1e-4, step };
    const [expected, found] = [await one.step(input), await parts.step(input)];
    for (const [label, value] of Object.entries(expected))
      expect([label, found[label]]).toEqual([label, expect.closeTo(value, 4)]);
    const [left, right] = [await one.getState(), await parts.getState()];
    expect([...right.keys()]).toEqual([...left.keys()]);
    for (const [name, far] of distances(left, right))
      expect([name, far < 1e-3]).toEqual([name, true]);
    // Adam makes steps of rounding noise: both begin the next one at the same weights.
    await parts.setState(left);
  }
  for (const session of [one, parts]) session.dispose();
});
