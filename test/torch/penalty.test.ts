/** Gradients of gradients: WGAN-GP's penalty, against PyTorch's double backward. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { torchPython } from "../../bench/torch/python.js";
import { normals } from "../../src/base/random.js";
import { openProgram } from "../../src/engines/onnx/runtime.js";
import type { HostTensor } from "../../src/engines/session.js";
import { gradients } from "../../src/graph/differentiate.js";
import { evaluate } from "../../src/graph/evaluate.js";
import { type Node, type Shape, sizeOf } from "../../src/graph/graph.js";
import type { Tensor } from "../../src/graph/operator.js";
import { add, mean, mul, sub, sum } from "../../src/graph/operators/arithmetic.js";
import { conv } from "../../src/graph/operators/convolution.js";
import { leakyRelu, power } from "../../src/graph/operators/functions.js";
import { standardize } from "../../src/graph/operators/normalisation.js";
import { constant, input } from "../../src/graph/operators/sources.js";
import { runPasses, stepPasses } from "../../src/graph/passes/index.js";
import { emitOnnx } from "../../src/targets/onnx/emit.js";
import { encodeOnnx } from "../../src/targets/onnx/encode.js";
import { root } from "../support/specs.js";

// Biases with the axes that they are added along.
const shapes: Readonly<Record<string, Shape>> = {
  x: [3, 3, 12, 12],
  w1: [5, 3, 4, 4],
  b1: [5],
  w2: [2, 5, 4, 4],
  b2: [2],
};

const bias = (name: string): Node => input(name, [1, ...(shapes[name] ?? []), 1, 1]);

/** The penalty and its gradients, `d w1` and so on. */
const penaltyGraph = () => {
  const [x, w1, w2] = ["x", "w1", "w2"].map((name) => input(name, shapes[name] ?? [])) as [
    Node,
    Node,
    Node,
  ];
  const [b1, b2] = [bias("b1"), bias("b2")];
  const hidden = add(conv(x, w1, { stride: 2, pad: 1 }), b1);
  const active = leakyRelu(standardize(hidden, [2, 3], 1e-5), 0.2);
  const scores = add(conv(active, w2, { stride: 1, pad: 1 }), b2);
  const slope = gradients(sum(scores, [0, 1, 2, 3]), [x]).get(x) as Node;
  const norm = power(sum(mul(slope, slope), [1, 2, 3]), 0.5);
  const penalty = mean(power(sub(norm, constant(1)), 2), [0, 1, 2, 3]);
  const weights = { w1, b1, w2, b2 };
  const found = gradients(penalty, Object.values(weights));
  const outputs = new Map<string, Node>([["penalty", penalty]]);
  for (const [name, weight] of Object.entries(weights))
    outputs.set(`d ${name}`, found.get(weight) as Node);
  return { name: "penalty", inputs: [x, w1, b1, w2, b2], outputs };
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

type Values = ReadonlyMap<string, { readonly data: ArrayLike<number> }>;

/** The relative L2 of each value: of the penalty, and of its gradient for each weight. */
const distances = (found: Values, theirs: Answer): readonly (readonly [string, number])[] => {
  const ours = new Map([...found].map(([name, value]) => [name.replace("d ", ""), value]));
  expect(Object.keys(theirs).sort()).toEqual([...ours.keys()].sort());
  const scale = length(theirs.w1?.data ?? []);
  expect(scale).toBeGreaterThan(1e-3);
  return [...ours].map(([name, { data }]) => {
    const expected = theirs[name]?.data ?? [];
    expect(data).toHaveLength(expected.length);
    const difference = length(expected.map((v, i) => v - (data[i] ?? Number.NaN)));
    // A bias changes no slope here: the first is normalised away, the last only shifts the scores.
    return [name, difference / (name.startsWith("b") ? scale : length(expected))];
  });
};

test("the penalty and its gradients are PyTorch's, on the evaluator", () => {
  const graph = penaltyGraph();
  const fed = new Map(
    graph.inputs.map((node): [string, Tensor] => {
      const name = String(node.attributes.name);
      return [name, { shape: node.shape, data: Float64Array.from(values[name]?.data ?? []) }];
    }),
  );
  for (const [name, distance] of distances(evaluate(graph, fed), askTorch()))
    expect([name, distance]).toEqual([name, expect.closeTo(0, 10)]);
});

test("and on ONNX Runtime, after the passes, to 32 bits", async () => {
  const graph = runPasses(penaltyGraph(), stepPasses);
  const program = await openProgram(
    encodeOnnx(emitOnnx(graph, { producer: "ganc", metadata: {} })),
  );
  const fed = graph.inputs.map((node): [string, HostTensor] => {
    const name = String(node.attributes.name);
    return [name, { shape: node.shape, data: Float32Array.from(values[name]?.data ?? []) }];
  });
  const ours = await program.run(new Map(fed));
  program.dispose();
  for (const [name, distance] of distances(ours, askTorch()))
    expect([name, distance < 1e-4 ? "PyTorch's" : distance]).toEqual([name, "PyTorch's"]);
});
