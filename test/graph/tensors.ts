/** Tensors for tests of the graph: drawn from named domains, fed, compared. */
import { expect } from "@jest/globals";
import { permutation, stream } from "../../src/base/random.js";
import { evaluate } from "../../src/graph/evaluate.js";
import { type Node, type Shape, sizeOf } from "../../src/graph/graph.js";
import type { Tensor } from "../../src/graph/operator.js";
import { mul, sum } from "../../src/graph/operators/arithmetic.js";
import { reshape } from "../../src/graph/operators/shaping.js";
import { input } from "../../src/graph/operators/sources.js";

/**
 * `any`: in [-1.5, 1.5); `positive`: in [0.5, 2); `apart`: at least 0.05 from each other and from
 * 0, away from the kinks of |.|, relu and max, where a difference quotient is not the derivative.
 */
export type Domain = "any" | "positive" | "apart";

/** Reproducible numbers of the domain. */
export const draw = (shape: Shape, domain: Domain, seed: number, name: string): Tensor => {
  const uniform = stream(seed, name);
  const size = sizeOf(shape);
  const ranks = permutation(uniform, size);
  const value = (i: number): number => {
    if (domain === "any") return 3 * uniform(i) - 1.5;
    if (domain === "positive") return 0.5 + 1.5 * uniform(i);
    return ((ranks[i] as number) - Math.floor(size / 2) + 0.5) * 0.1;
  };
  return { shape, data: Float64Array.from({ length: size }, (_, i) => value(i)) };
};

export const tensorOf = (shape: Shape, data: readonly number[]): Tensor => ({
  shape,
  data: Float64Array.from(data),
});

/** An input for each tensor, named after its place. */
export const inputsFor = (tensors: readonly { readonly shape: Shape }[]): readonly Node[] =>
  tensors.map(({ shape }, i) => input(`x${i}`, shape));

/** The values of nodes for the values of the inputs from `inputsFor`. */
export const compute = (
  nodes: readonly Node[],
  inputs: readonly Node[],
  values: readonly Tensor[],
): readonly Tensor[] => {
  const outputs = new Map(nodes.map((node, i) => [`y${i}`, node]));
  const fed = new Map(values.map((value, i) => [`x${i}`, value]));
  return [...evaluate({ name: "test", inputs, outputs }, fed).values()];
};

/** The value of one node, built on inputs of the tensors' shapes. */
export const apply = (build: (...inputs: Node[]) => Node, ...values: Tensor[]): Tensor => {
  const inputs = inputsFor(values);
  return compute([build(...inputs)], inputs, values)[0] as Tensor;
};

export const dot = (a: Tensor, b: Tensor): number => {
  expect(a.shape).toEqual(b.shape);
  return a.data.reduce((sum, value, i) => sum + value * (b.data[i] as number), 0);
};

/** <a, b> as a scalar node. */
export const inner = (a: Node, b: Node): Node => {
  const product = mul(a, b);
  return reshape(
    sum(
      product,
      product.shape.map((_, axis) => axis),
    ),
    [],
  );
};

/** Each number within the tolerance of the largest expected (or of 1, where that is less). */
export const expectNear = (actual: Tensor, expected: Tensor, tolerance: number): void => {
  expect(actual.shape).toEqual(expected.shape);
  const scale = expected.data.reduce((a, b) => Math.max(a, Math.abs(b)), 1);
  // Math.max passes NaN on, and NaN is within no tolerance
  const worst = expected.data.reduce(
    (a, b, i) => Math.max(a, Math.abs(b - (actual.data[i] as number))),
    0,
  );
  expect(worst).toBeLessThanOrEqual(tolerance * scale);
};
