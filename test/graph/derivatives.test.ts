/**
 * The derivative of every operator against central differences in float64, at random shapes and
 * attributes, and again the derivative of that derivative.
 */
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { gradients } from "../../src/graph/differentiate.js";
import type { Node } from "../../src/graph/graph.js";
import type { Tensor } from "../../src/graph/operator.js";
import { add } from "../../src/graph/operators/arithmetic.js";
import { operators } from "../../src/graph/operators/index.js";
import { constant, tensor } from "../../src/graph/operators/sources.js";
import { cases } from "./cases.js";
import { compute, draw, expectNear, inner, inputsFor } from "./tensors.js";

const STEP = 1e-5;
const TOLERANCE = 1e-6;

/** A random linear functional of the nodes, as a scalar node. */
const functional = (nodes: Iterable<Node>, seed: number, name: string): Node =>
  [...nodes]
    .map((node, i) => {
      const weights = draw(node.shape, "any", seed, `${name} ${i}`);
      return inner(node, tensor(weights.data, weights.shape));
    })
    .reduce(add, constant(0));

const moved = (values: readonly Tensor[], which: number, at: number, by: number) =>
  values.map((value, i) =>
    i === which ? { ...value, data: value.data.map((x, j) => (j === at ? x + by : x)) } : value,
  );

/** The gradients of `value` that its values say. */
const differences = (value: Node, inputs: readonly Node[], values: readonly Tensor[]) => {
  const scalarAt = (point: readonly Tensor[]): number =>
    compute([value], inputs, point)[0]?.data[0] as number;
  return values.map(({ shape, data }, which) => ({
    shape,
    data: data.map(
      (_, at) =>
        (scalarAt(moved(values, which, at, STEP)) - scalarAt(moved(values, which, at, -STEP))) /
        (2 * STEP),
    ),
  }));
};

/** Holds the gradients that are built to those that are measured; returns them. */
const expectGradients = (value: Node, inputs: readonly Node[], values: readonly Tensor[]) => {
  const built = [...gradients(value, inputs).values()];
  const expected = differences(value, inputs, values);
  compute(built, inputs, values).forEach((gradient, i) => {
    expectNear(gradient, expected[i] as Tensor, TOLERANCE);
  });
  return built;
};

// `stop` is meant to differ from the derivative of its value, and is tested on its own
const differentiable = Object.entries(cases).filter(([name]) => name !== "stop");

test("every operator that computes has cases to be tested on", () => {
  const sources = ["input", "constant"];
  expect(Object.keys(cases)).toEqual([...operators.keys()].filter((n) => !sources.includes(n)));
});

describe.each(differentiable)("%s", (name, arbitrary) => {
  test("has the first and second derivative that its values say", () => {
    fc.assert(
      fc.property(arbitrary, fc.integer({ min: 1, max: 1e6 }), ({ operands, build }, seed) => {
        const inputs = inputsFor(operands);
        const node = build(...inputs);
        expect(node.operator).toBe(name);
        const values = operands.map((o, i) => draw(o.shape, o.domain, seed, `x ${i}`));
        const first = functional([node], seed, "first");
        const built = expectGradients(first, inputs, values);
        expectGradients(functional(built, seed, "second"), inputs, values);
      }),
      { seed: 1703, numRuns: 25 },
    );
  });
});
