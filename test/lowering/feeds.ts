/** Numbers for the inputs of a step program: seeded, and such that no update divides by nothing. */
import { stream } from "../../src/base/random.js";
import { type Graph, inputName, sizeOf } from "../../src/graph/graph.js";
import type { Tensor } from "../../src/graph/operator.js";

const scales: Readonly<Record<string, number>> = { param: 0.3, batch: 1 };

/**
 * Weights within 0.3 of zero, images within [-1, 1], moments, rates and variances positive;
 * histories are not recalled from.
 */
export const feedsOf = (graph: Graph, seed: number): Map<string, Tensor> =>
  new Map(
    graph.inputs.map((node) => {
      const name = inputName(node);
      const uniform = stream(seed, name);
      const [kind = ""] = name.split("/");
      const value = (i: number): number => {
        if (kind === "recall" || kind === "adam.m") return 0;
        if (kind === "buffer" && name.endsWith(".variance")) return 0.5 + uniform(i);
        if (/^(?:adam|sgd|rmsprop|average)/.test(kind)) return 0.01 + 0.1 * uniform(i);
        return (scales[kind] ?? 1) * (2 * uniform(i) - 1);
      };
      const data = Float64Array.from({ length: sizeOf(node.shape) }, (_, i) => value(i));
      return [name, { shape: node.shape, data }];
    }),
  );

/**
 * |a - b| / |b| in the Euclidean norm; what is smaller than a millionth counts as one: it is zero
 * but for rounding.
 */
export const relative = (a: Float64Array, b: Float64Array): number => {
  let [difference, size] = [0, 0];
  b.forEach((value, i) => {
    difference += ((a[i] as number) - value) ** 2;
    size += value ** 2;
  });
  return Math.sqrt(difference) / Math.max(Math.sqrt(size), 1e-6);
};
