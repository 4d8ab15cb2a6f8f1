/**
 * Every layer as a graph: its shape, its numbers and its gradients of first and second order, in
 * float64 and on ONNX Runtime.
 */
import { describe, expect, test } from "@jest/globals";
import { evaluate } from "../../src/graph/evaluate.js";
import type { Tensor } from "../../src/graph/operator.js";
import { expectNear } from "../graph/tensors.js";
import { type Dense, differences } from "../support/dense.js";
import { layerExamples, unknownLayers } from "../support/layers.js";
import { runOnnx } from "../targets/onnx/run.js";
import { BACK, drawn, fedTo, permuted, programOf, shapeOf } from "./layer-programs.js";

test("every layer of the table has a case, and every case a layer", () => {
  expect(unknownLayers()).toEqual([]);
});

const known = layerExamples.filter(({ value }) => value !== undefined);

describe.each(known.map((example) => [example.text, example] as const))("%s", (_, example) => {
  const { value: reference = (x) => x, options } = example;
  const feeds = fedTo(example);
  const program = programOf(example);
  const found = evaluate(program, feeds);
  const of = (name: string): Tensor => found.get(name) as Tensor;
  const { x, weights, kept } = drawn(example);
  const byDefinition = (image: Dense, ...others: Dense[]): Dense =>
    reference(
      image,
      options,
      Object.fromEntries([...others.map((each, i) => [weights[i]?.[0] ?? "", each]), ...kept]),
    );
  const all = [x, ...weights.map(([, tensor]) => tensor)] as [Dense, ...Dense[]];

  test("has the shape of its case", () => {
    expect(shapeOf(example)).toEqual(example.shape(example.input, options));
  });

  test("gives the numbers of its definition", () => {
    expectNear(permuted(of("y"), BACK), byDefinition(...all), 1e-9);
  });

  test("has the slopes of its definition", () => {
    const cotangent = permuted(feeds.get("dy") as Tensor, BACK);
    const [dx, ...others] = differences(
      (...inputs) => byDefinition(...(inputs as [Dense, ...Dense[]])),
      all,
      cotangent,
    );
    expectNear(permuted(of("d x"), BACK), dx as Dense, 1e-5);
    weights.forEach(([name], i) => {
      expectNear(of(`d ${name}`), others[i] as Dense, 1e-5);
    });
  });

  test("has the slopes of its slopes", () => {
    const direction = feeds.get("along") as Tensor;
    const image = feeds.get("x") as Tensor;
    const step = 1e-5;
    // The second derivative is symmetric: along a direction it is the change of the slope along it.
    const [after, before] = [step, -step].map((by) => {
      const data = image.data.map((v, i) => v + by * (direction.data[i] as number));
      return evaluate(program, new Map([...feeds, ["x", { ...image, data }]])).get("d x");
    }) as [Tensor, Tensor];
    const expected = after.data.map((v, i) => (v - (before.data[i] as number)) / (2 * step));
    expectNear(of("second"), { shape: image.shape, data: expected }, 1e-4);
  });

  test("is the same on ONNX Runtime", async () => {
    for (const [name, tensor] of await runOnnx(program, feeds)) expectNear(tensor, of(name), 2e-4);
  });
});
