/**
 * Gradients of gradients: WGAN-GP's penalty as a spec says it, against PyTorch's double backward.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { torchPython } from "../../bench/torch/python.js";
import { normals } from "../../src/base/random.js";
import type { HostTensor } from "../../src/contracts/tensor.js";
import { openProgram } from "../../src/engines/onnx/runtime.js";
import { onnxSession } from "../../src/engines/onnx/session.js";
import { evaluate } from "../../src/graph/evaluate.js";
import { inputName, sizeOf } from "../../src/graph/graph.js";
import type { Tensor } from "../../src/graph/operator.js";
import { transpose } from "../../src/graph/operators/shaping.js";
import { input } from "../../src/graph/operators/sources.js";
import * as names from "../../src/lowering/names.js";
import { stepProgram } from "../../src/lowering/programs.js";
import { modelOf, root } from "../support/specs.js";

const shapes: Readonly<Record<string, readonly number[]>> = {
  x: [3, 3, 12, 12],
  w1: [5, 3, 4, 4],
  b1: [5],
  w2: [2, 5, 4, 4],
  b2: [2],
};

/**
 * The library's penalty at real images alone: what lies between them and made ones, penalty.py
 * would have to draw alike.
 */
const model = modelOf(`domain Y = image(12)
net D : Y -> Scores = conv(4, 5, stride: 2, pad: 1) >> instance_norm >> leaky_relu(0.2) >> conv(4, 2, pad: 1)
loss penalty(min D : b -> Scores) = E[y ~ b] (norm(grad(D)(y)) - 1) ^ 2
solve { min[D] penalty(D) }
train { optimizer: adam(1e-3, beta1: 0) schedule: constant(1) batch: 3 }`);

/** The spec's names of PyTorch's tensors, and where axis i of the spec's stands in PyTorch's. */
const parameters: Readonly<Record<string, readonly [name: string, order: readonly number[]]>> = {
  w1: ["D.conv.weight", [2, 3, 1, 0]],
  b1: ["D.conv.bias", [0]],
  w2: ["D.conv_2.weight", [2, 3, 1, 0]],
  b2: ["D.conv_2.bias", [0]],
};

const values = Object.fromEntries(
  Object.entries(shapes).map(([name, shape]) => [
    name,
    { shape, data: Array.from(normals(5, `penalty/${name}`, sizeOf(shape)), (v) => v * 0.5) },
  ]),
);

type Answer = Readonly<Record<string, { readonly data: readonly number[] }>>;

const askTorch = (): Answer =>
  JSON.parse(
    execFileSync(torchPython(), [join(root, "test/torch/penalty.py")], {
      input: JSON.stringify(values),
      encoding: "utf8",
    }),
  ) as Answer;

const length = (data: readonly number[]): number => Math.hypot(...data);

/** Axis i of the result is axis order[i] of the tensor. */
const permuted = (name: string, order: readonly number[]): Tensor => {
  const shape = shapes[name] ?? [];
  const x = input("x", shape);
  const graph = { name, inputs: [x], outputs: new Map([["y", transpose(x, order)]]) };
  const data = Float64Array.from(values[name]?.data ?? []);
  return evaluate(graph, new Map([["x", { shape, data }]])).get("y") as Tensor;
};

const images = permuted("x", [0, 2, 3, 1]);
const weights = new Map(
  Object.entries(parameters).map(([name, [ours, order]]) => [ours, permuted(name, order)]),
);

interface Found {
  readonly penalty: number;
  /** By the spec's names of parameters, in its order of axes. */
  readonly gradients: ReadonlyMap<string, ArrayLike<number>>;
}

/** The relative L2 of each value: of the penalty, and of its gradient for each weight. */
const distances = (found: Found, theirs: Answer): readonly (readonly [string, number])[] => {
  const scale = length(theirs.w1?.data ?? []);
  expect(scale).toBeGreaterThan(1e-3);
  const penalty = theirs.penalty?.data[0] ?? Number.NaN;
  const rows = Object.entries(parameters).map(([name, [ours, order]]): [string, number] => {
    const shape = weights.get(ours)?.shape ?? [];
    const back = order.map((_, axis) => order.indexOf(axis));
    const g = input("g", shape);
    const data = Float64Array.from(found.gradients.get(ours) ?? []);
    const graph = { name, inputs: [g], outputs: new Map([["y", transpose(g, back)]]) };
    const mine = evaluate(graph, new Map([["g", { shape, data }]])).get("y") as Tensor;
    const expected = theirs[name]?.data ?? [];
    expect(mine.data).toHaveLength(expected.length);
    const difference = length(expected.map((v, i) => v - (mine.data[i] ?? Number.NaN)));
    // A bias changes no slope here: the first is normalised away, the last only shifts the scores.
    return [name, difference / (name.startsWith("b") ? scale : length(expected))];
  });
  return [["penalty", Math.abs(found.penalty / penalty - 1)], ...rows];
};

/** With a first decay of 0, Adam's first moment is the gradient. */
const momentOf = names.firstMoment;

test("the penalty of a spec and its gradients are PyTorch's, on the evaluator", () => {
  const step = stepProgram(model, { exact: true });
  const fed = new Map(
    step.inputs.map((node): [string, Tensor] => {
      const name = inputName(node);
      const weight = weights.get(name.slice(names.parameterName("").length));
      if (name === names.batchName("Y")) return [name, images];
      if (name.startsWith(names.parameterName("")) && weight !== undefined) return [name, weight];
      return [name, { shape: node.shape, data: new Float64Array(sizeOf(node.shape)).fill(1e-3) }];
    }),
  );
  const after = evaluate(step, fed);
  const gradients = new Map(
    [...weights.keys()].map((name) => [
      name,
      after.get(names.nextName(momentOf(name)))?.data ?? [],
    ]),
  );
  const penalty = after.get(names.metricName("penalty(D)"))?.data[0] ?? Number.NaN;
  for (const [name, distance] of distances({ penalty, gradients }, askTorch()))
    expect([name, distance]).toEqual([name, expect.closeTo(0, 10)]);
});

test("and on ONNX Runtime, after all passes, to 32 bits", async () => {
  const session = await onnxSession(model, { engine: "onnx", seed: 1, open: openProgram });
  const state = new Map(await session.getState());
  const single = ({ shape, data }: Tensor): HostTensor => ({
    shape,
    data: Float32Array.from(data),
  });
  for (const [name, weight] of weights) state.set(names.parameterName(name), single(weight));
  await session.setState(state);
  const metrics = await session.step({ batch: { Y: single(images) }, rate: 1e-3, step: 0 });
  const after = await session.getState();
  session.dispose();
  const gradients = new Map(
    [...weights.keys()].map((name) => [name, after.get(momentOf(name))?.data ?? []]),
  );
  const found = { penalty: metrics["penalty(D)"] ?? Number.NaN, gradients };
  for (const [name, distance] of distances(found, askTorch()))
    expect([name, distance < 1e-4 ? "PyTorch's" : distance]).toEqual([name, "PyTorch's"]);
});
