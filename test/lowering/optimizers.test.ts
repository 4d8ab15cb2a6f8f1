/** The optimizers of the table, as graphs, against PyTorch's formulas. */
import { expect, test } from "@jest/globals";
import { evaluate } from "../../src/graph/evaluate.js";
import { type Graph, inputName, type Node, nodesOf } from "../../src/graph/graph.js";
import type { Tensor } from "../../src/graph/operator.js";
import { input, isInput } from "../../src/graph/operators/sources.js";
import { type Optimizer, optimizers } from "../../src/operators/optimizers.js";
import type { Options } from "../../src/operators/signature.js";
import { gradients, optimizerCases, start } from "../support/optimizers.js";

const numbers = (...values: readonly number[]): Tensor => ({
  shape: [values.length, 1],
  data: Float64Array.from(values),
});

/** One update of one parameter: inputs `p`, `g`, the slots and the scalars by their names. */
const updateOf = (optimizer: Optimizer, options: Options): Graph => {
  const kept = optimizer.keeps(options) ? optimizer.slots : [];
  const [parameter, gradient] = [input("p", [1, 1]), input("g", [1, 1])];
  const slots = kept.map((slot) => input(slot, [1, 1]));
  const scalars = optimizer.scalars.map((scalar) => input(scalar, []));
  const after = optimizer.update({ parameter, gradient, slots, scalars }, options);
  return {
    name: "update",
    inputs: [parameter, gradient, ...slots, ...scalars],
    outputs: new Map([
      ["p", after.parameter],
      ...kept.map((slot, i) => [slot, after.slots[i] as typeof parameter] as const),
    ]),
  };
};

test.each(optimizerCases)("$name with $options is PyTorch's", ({ name, rule, options }) => {
  const optimizer = optimizers.get(name) as Optimizer;
  const graph = updateOf(optimizer, options);
  const kept = optimizer.keeps(options) ? optimizer.slots : [];
  const rate = 0.05;
  let state = new Map([["p", numbers(start)], ...kept.map((slot) => [slot, numbers(0)] as const)]);
  const found = gradients.map((g, i) => {
    const values = optimizer.values(options, rate, i + 1);
    const scalars = optimizer.scalars.map(
      (scalar, k) =>
        [scalar, { shape: [], data: Float64Array.of(values[k] ?? Number.NaN) }] as const,
    );
    state = new Map(evaluate(graph, new Map([...state, ["g", numbers(g)], ...scalars])));
    return state.get("p")?.data[0] ?? Number.NaN;
  });
  const expected = rule(start, gradients, rate, options);
  found.forEach((p, i) => {
    expect(p).toBeCloseTo(expected[i] as number, 12);
  });
});

test("weight decay leaves out what has one axis, as biases and scales have", () => {
  const optimizer = optimizers.get("adamw") as Optimizer;
  const options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay: 0.5 };
  const names = ["p", "g", ...optimizer.slots, ...optimizer.scalars];
  const [parameter, gradient, ...kept] = names.map((name, i) => input(name, i < 4 ? [1] : []));
  const after = optimizer.update(
    {
      parameter: parameter as Node,
      gradient: gradient as Node,
      slots: kept.slice(0, 2),
      scalars: kept.slice(2),
    },
    options,
  );
  const read = nodesOf({ name: "", inputs: [], outputs: new Map([["p", after.parameter]]) });
  expect(read.some((node) => isInput(node) && inputName(node) === "adamw.decay")).toBe(false);
});

test("every optimizer of the table is held to PyTorch", () => {
  expect(new Set(optimizerCases.map(({ name }) => name))).toEqual(new Set(optimizers.keys()));
});
