/**
 * Where a function has a kink its derivative is a convention: PyTorch's, on every engine and in the
 * readable form.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import { torchPython } from "../../bench/torch/python.js";
import { impossible } from "../../src/base/impossible.js";
import { executable } from "../../src/engines/tfjs/execute.js";
import { gradients } from "../../src/graph/differentiate.js";
import { evaluate } from "../../src/graph/evaluate.js";
import type { Graph, Node } from "../../src/graph/graph.js";
import { max } from "../../src/graph/operators/extremes.js";
import { constant, input } from "../../src/graph/operators/sources.js";
import { lossFunctions } from "../../src/operators/functions.js";
import { layers } from "../../src/operators/layers.js";
import {
  abs,
  geluOf,
  leakyReluOf,
  relu6Of,
  swishOf,
} from "../../src/runtime/kernels/activations.js";
import * as losses from "../../src/runtime/losses.js";
import { inner } from "../graph/tensors.js";
import { root } from "../support/specs.js";
import { backends, useBackend } from "../support/tensorflow.js";
import { runOnnx } from "../targets/onnx/run.js";

type Image = [number, number, number, number];
const shape: Image = [1, 1, 4, 4];

/** 0, the ends of [-1, 1], and windows of 2 x 2 in which several numbers are greatest. */
const kinks = [-2, -1, -0.5, 0, 0, 0, 1, 1, 1, 1, 2, 2, -1, -1, 2, 2];
const zeros = kinks.map(() => 0);

interface Subject {
  readonly at: readonly number[];
  readonly graph: (x: Node) => Node;
  /** On tfjs, of an image [1, 4, 4, 1]; absent where the readable form has none. */
  readonly tape?: (x: tf.Tensor4D) => tf.Tensor;
}

const layer =
  (name: string, options: Readonly<Record<string, number>> = {}) =>
  (x: Node): Node =>
    (layers.get(name) ?? impossible(name)).graph(x, {}, options, [4, 4, 1]);

const noHost = { places: () => impossible("places") };
const loss =
  (name: string, numbers: readonly number[] = [], ...others: readonly Node[]) =>
  (x: Node): Node =>
    (lossFunctions.get(name) ?? impossible(name)).graph([x, ...others], numbers, noHost);

const windows = { kernel: 2, stride: 2, pad: 0 };

/** By their names in kinks.py. */
const subjects: Readonly<Record<string, Subject>> = {
  relu: { at: kinks, graph: layer("relu"), tape: (x) => leakyReluOf(x, 0) },
  "relu of a loss": { at: kinks, graph: loss("relu"), tape: tf.relu },
  // The greatest, 2, becomes the upper end.
  relu6: { at: kinks.map((v) => 3 * v), graph: layer("relu6"), tape: relu6Of },
  leaky_relu: {
    at: kinks,
    graph: layer("leaky_relu", { slope: 0.2 }),
    tape: (x) => leakyReluOf(x, 0.2),
  },
  elu: { at: kinks, graph: layer("elu"), tape: tf.elu },
  swish: { at: kinks, graph: layer("swish"), tape: swishOf },
  gelu: { at: kinks, graph: layer("gelu"), tape: geluOf },
  softplus: { at: kinks, graph: loss("softplus"), tape: tf.softplus },
  abs: { at: kinks, graph: loss("abs"), tape: abs },
  l1: { at: kinks, graph: loss("l1", [], constant(1)), tape: (x) => losses.l1(x, 1) },
  clamp: { at: kinks, graph: loss("clamp", [-1, 1]), tape: (x) => losses.clamp(x, -1, 1) },
  norm: { at: zeros, graph: loss("norm"), tape: losses.norm },
  max_pool: {
    at: kinks,
    graph: layer("max_pool", windows),
    tape: (x) => tf.maxPool(x, 2, 2, "valid"),
  },
  "max of the graph": { at: kinks, graph: (x) => max(x, [2, 3]) },
};

interface Both {
  readonly values: readonly number[];
  readonly derivative: readonly number[];
}

let theirs: Readonly<Record<string, Both>>;
beforeAll(() => {
  const asked = Object.entries(subjects).map(([name, { at }]) => [name, at]);
  const answer = execFileSync(torchPython(), [join(root, "test/torch/kinks.py")], {
    input: JSON.stringify(Object.fromEntries(asked)),
    encoding: "utf8",
  });
  theirs = JSON.parse(answer) as Readonly<Record<string, Both>>;
});

const programOf = ({ graph }: Subject): Graph => {
  const x = input("x", shape);
  const values = graph(x);
  const total = inner(values, constant(1, values.shape));
  const derivative = gradients(total, [x]).get(x) ?? impossible("it was asked for");
  const outputs = new Map([
    ["values", values],
    ["derivative", derivative],
  ]);
  return { name: "kinks", inputs: [x], outputs };
};

type Run = (subject: Subject) => Promise<Both> | Both;

const fed = ({ at }: Subject) => new Map([["x", { shape, data: Float64Array.from(at) }]]);

const listed = (
  outputs: ReadonlyMap<string, { readonly data: ArrayLike<number> }>,
): Readonly<Both> => {
  const list = (name: string) => Array.from(outputs.get(name)?.data ?? []);
  return { values: list("values"), derivative: list("derivative") };
};

const explicit = (subject: Subject): Both => {
  const program = executable(programOf(subject));
  const x = tf.tensor([...subject.at], shape);
  const outputs = [...program.run(new Map([["x", x]]))];
  const found = new Map(outputs.map(([name, t]) => [name, { data: t.dataSync() }] as const));
  tf.dispose([x, outputs.map(([, t]) => t)]);
  program.dispose();
  return listed(found);
};

const tape = ({ at, tape: f = () => impossible("no readable form") }: Subject): Both =>
  tf.tidy(() => {
    const x = tf.tensor4d([...at], [1, 4, 4, 1]);
    const derivative = tf.grad((v) => tf.sum(f(v as tf.Tensor4D)));
    return { values: [...f(x).dataSync()], derivative: [...derivative(x).dataSync()] };
  });

const expectTheirs = async (name: string, subject: Subject, run: Run): Promise<void> => {
  const found = await run(subject);
  for (const part of ["values", "derivative"] as const) {
    const expected = theirs[name]?.[part] ?? impossible(`PyTorch has no ${name}`);
    expect(found[part]).toEqual(expected.map((value) => expect.closeTo(value, 5)));
  }
};

const all = Object.entries(subjects);

describe.each(all)("%s", (name, subject) => {
  test("by definition", () =>
    expectTheirs(name, subject, (s) => listed(evaluate(programOf(s), fed(s)))));

  test("on ONNX Runtime", () =>
    expectTheirs(name, subject, async (s) => listed(await runOnnx(programOf(s), fed(s)))));

  test.each(backends)("on tfjs with the %s backend", async (backend) => {
    await useBackend(backend);
    await expectTheirs(name, subject, explicit);
  });
});

describe.each(all.filter(([, subject]) => subject.tape !== undefined))("%s", (name, subject) => {
  test.each(backends)("in the readable form, with the %s backend", async (backend) => {
    await useBackend(backend);
    await expectTheirs(name, subject, tape);
  });
});
