/** Layers as programs of the graph, for tests: the value, its slopes, and how these change. */
import { isLeft } from "fp-ts/lib/Either.js";
import { gradients } from "../../src/graph/differentiate.js";
import type { Graph, Node } from "../../src/graph/graph.js";
import type { Tensor } from "../../src/graph/operator.js";
import { transpose } from "../../src/graph/operators/shaping.js";
import { input } from "../../src/graph/operators/sources.js";
import type { Shape } from "../../src/operators/layer.js";
import { layers } from "../../src/operators/layers.js";
import { inner } from "../graph/tensors.js";
import { given, type LayerExample } from "../support/layers.js";
import { drawSingle } from "../targets/onnx/run.js";

const entryOf = ({ name }: LayerExample) => {
  const entry = layers.get(name);
  if (entry === undefined) throw new Error(`there is no layer ${name}`);
  return entry;
};

/** [n, h, w, c] as [n, c, h, w], and back by [0, 2, 3, 1]. */
export const permuted = ({ shape, data }: Tensor, order: readonly number[]): Tensor => {
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
export const BACK = [0, 2, 3, 1];
const samples = 2;

/** The shapes of the values beside its input. */
const besideOf = ({ beside }: LayerExample): readonly Shape[] => beside.map(({ shape }) => shape);

/** [height, width, channels] of what it gives. */
export const shapeOf = (example: LayerExample): Shape => {
  const found = entryOf(example).shape(example.input, given(example), besideOf(example));
  if (isLeft(found)) throw new Error(`${example.text}: ${found.left}`);
  return found.right;
};

/**
 * x [n, h, w, c], and by name the weights, the values beside x behind them, and what it keeps
 * without learning it.
 */
export const drawn = (example: LayerExample) => {
  const domain = example.isSteep === true ? "any" : "apart";
  const x = drawSingle([samples, ...example.input], domain, 3, "x");
  const entry = entryOf(example);
  const parameters = entry
    .parameters(example.input, given(example), besideOf(example))
    .map(({ name, shape }) => [name, drawSingle(shape, "any", 5, name)] as const);
  const beside = besideOf(example).map((shape, i) => {
    const name = entry.beside?.[i] ?? "";
    return [name, drawSingle([samples, ...shape], "any", 13, name)] as const;
  });
  const weights = [...parameters, ...beside];
  const kept = (entryOf(example).keeps?.buffers(shapeOf(example), given(example)) ?? []).map(
    ({ name, shape }) => [name, drawSingle(shape, "positive", 11, name)] as const,
  );
  return { x, weights, kept };
};

/**
 * y = f(x), the gradient of <y, dy> for x and the weights, and how that of x changes along `along`.
 */
export const programOf = (example: LayerExample): Graph => {
  const { x: image, weights, kept } = drawn(example);
  const x = input("x", permuted(image, IMAGE).shape);
  const parameters = weights.map(([name, { shape }]) => input(name, shape));
  const buffers = kept.map(([name, { shape }]) => input(name, shape));
  const named = Object.fromEntries(
    [...weights, ...kept].map(([name], i) => {
      const node = [...parameters, ...buffers][i] as Node;
      const isValue = entryOf(example).beside?.includes(name) === true;
      return [name, isValue ? transpose(node, IMAGE) : node];
    }),
  );
  const shape = shapeOf(example);
  const y = entryOf(example).graph(x, named, given(example), shape);
  const dy = input("dy", y.shape);
  const along = input("along", x.shape);
  const first = gradients(inner(y, dy), [x, ...parameters]);
  const slope = first.get(x) as Node;
  const second = gradients(inner(slope, along), [x]).get(x) as Node;
  const outputs = new Map([
    ["y", y],
    ["d x", slope],
    ["second", second],
    ...parameters.map((node, i) => [`d ${weights[i]?.[0]}`, first.get(node) as Node] as const),
  ]);
  return { name: example.name, inputs: [x, dy, along, ...parameters, ...buffers], outputs };
};

/** What `programOf` takes. */
export const fedTo = (example: LayerExample): ReadonlyMap<string, Tensor> => {
  const { x, weights, kept } = drawn(example);
  const image = permuted(x, IMAGE);
  const [h, w, c] = shapeOf(example);
  return new Map([
    ["x", image],
    ["dy", drawSingle([samples, c, h, w], "any", 7, "dy")],
    ["along", drawSingle(image.shape, "any", 9, "along")],
    ...weights,
    ...kept,
  ]);
};
