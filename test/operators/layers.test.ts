/** Every layer as a graph: its shape, its numbers and its gradients of first and second order, in float64 and on ONNX Runtime. */
import { describe, expect, test } from "@jest/globals";
import { isLeft } from "fp-ts/lib/Either.js";
import { gradients } from "../../src/graph/differentiate.js";
import { evaluate } from "../../src/graph/evaluate.js";
import type { Graph, Node } from "../../src/graph/graph.js";
import type { Tensor } from "../../src/graph/operator.js";
import { input } from "../../src/graph/operators/sources.js";
import type { Shape } from "../../src/operators/layer.js";
import { layers } from "../../src/operators/layers.js";
import { expectNear, inner } from "../graph/tensors.js";
import { type Dense, differences } from "../support/dense.js";
import { given, type LayerExample, layerExamples, unknownLayers } from "../support/layers.js";
import { drawSingle, runOnnx } from "../targets/onnx/run.js";

test("every layer of the table has a case, and every case a layer", () => {
  expect(unknownLayers()).toEqual([]);
});

const entryOf = ({ name }: LayerExample) => {
  const entry = layers.get(name);
  if (entry === undefined) throw new Error(`there is no layer ${name}`);
  return entry;
};

/** [n, h, w, c] as [n, c, h, w], and back by [0, 2, 3, 1]. */
const permuted = ({ shape, data }: Tensor, order: readonly number[]): Tensor => {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const sides = order.map((axis) => shape[axis] as number);
  const out: number[] = [];
  const visit = (axis: number, offset: number): void => {
    if (axis === order.length) out.push(data[offset] as number);
    else
      for (let i = 0; i < (sides[axis] as number); i++)
        visit(axis + 1, offset + i * (strides[order[axis] as number] as number));
  };
  visit(0, 0);
  return { shape: sides, data: Float64Array.from(out) };
};

const IMAGE = [0, 3, 1, 2];
const BACK = [0, 2, 3, 1];
const samples = 2;

const shapeOf = (example: LayerExample): Shape => {
  const found = entryOf(example).shape(example.input, given(example));
  if (isLeft(found)) throw new Error(`${example.text}: ${found.left}`);
  return found.right;
};

/** x [n, h, w, c], and the weights by name. */
const drawn = (example: LayerExample) => {
  const domain = example.isSteep === true ? "any" : "apart";
  const x = drawSingle([samples, ...example.input], domain, 3, "x");
  const weights = entryOf(example)
    .parameters(example.input, given(example))
    .map(({ name, shape }) => [name, drawSingle(shape, "any", 5, name)] as const);
  return { x, weights };
};

/** y = f(x), the gradient of <y, dy> for x and the weights, and how that of x changes along `along`. */
const programOf = (example: LayerExample): Graph => {
  const { x: image, weights } = drawn(example);
  const x = input("x", permuted(image, IMAGE).shape);
  const parameters = weights.map(([name, { shape }]) => input(name, shape));
  const named = Object.fromEntries(weights.map(([name], i) => [name, parameters[i] as Node]));
  const shape = shapeOf(example);
  const y = entryOf(example).graph(x, named, given(example), shape);
  const dy = input("dy", y.shape);
  const along = input("along", x.shape);
  const first = gradients(inner(y, dy), [x, ...parameters]);
  const slope = first.get(x) as Node;
  const second = gradients(inner(slope, along), [x]).get(x) as Node;
  const outputs = new Map([
    ["y", y],
    ["slope", slope],
    ["second", second],
    ...parameters.map((node, i) => [`d ${weights[i]?.[0]}`, first.get(node) as Node] as const),
  ]);
  return { name: example.name, inputs: [x, dy, along, ...parameters], outputs };
};

const fedTo = (example: LayerExample): ReadonlyMap<string, Tensor> => {
  const { x, weights } = drawn(example);
  const image = permuted(x, IMAGE);
  const [h, w, c] = shapeOf(example);
  return new Map([
    ["x", image],
    ["dy", drawSingle([samples, c, h, w], "any", 7, "dy")],
    ["along", drawSingle(image.shape, "any", 9, "along")],
    ...weights,
  ]);
};

const known = layerExamples.filter(({ value }) => value !== undefined);

describe.each(known.map((example) => [example.text, example] as const))("%s", (_, example) => {
  const { value: reference = (x) => x, options } = example;
  const feeds = fedTo(example);
  const program = programOf(example);
  const found = evaluate(program, feeds);
  const of = (name: string): Tensor => found.get(name) as Tensor;
  const { x, weights } = drawn(example);
  const byDefinition = (image: Dense, ...others: Dense[]): Dense =>
    reference(
      image,
      options,
      Object.fromEntries(others.map((each, i) => [weights[i]?.[0] ?? "", each])),
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
    expectNear(permuted(of("slope"), BACK), dx as Dense, 1e-5);
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
      return evaluate(program, new Map([...feeds, ["x", { ...image, data }]])).get("slope");
    }) as [Tensor, Tensor];
    const expected = after.data.map((v, i) => (v - (before.data[i] as number)) / (2 * step));
    expectNear(of("second"), { shape: image.shape, data: expected }, 1e-4);
  });

  test("is the same on ONNX Runtime", async () => {
    for (const [name, tensor] of await runOnnx(program, feeds)) expectNear(tensor, of(name), 2e-4);
  });
});
