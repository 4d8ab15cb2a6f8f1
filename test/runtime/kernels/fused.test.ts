import { beforeAll, expect, test } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import { leakyReluOf } from "../../../src/runtime/kernels/activations.js";
import { withPortableKernels } from "../../../src/runtime/kernels/backend.js";
import { biasAdd, conv2d, convTranspose2d } from "../../../src/runtime/kernels/conv.js";
import { instanceNorm2d } from "../../../src/runtime/kernels/instance-norm.js";
import { reflectPad2d } from "../../../src/runtime/kernels/reflect-pad.js";
import { useBackend } from "../../support/tensorflow.js";
import { expectClose, random, toTensor, values } from "../agreement.js";

type F = (...inputs: tf.Tensor4D[]) => tf.Tensor;

type Execute = (op: string, ...rest: unknown[]) => unknown;

/** The TensorFlow operators that `f` runs. */
function operatorsOf(f: () => void): Set<string> {
  const backend = tf.backend() as unknown as Record<string, Execute>;
  const methods = ["executeSingleOutput", "executeMultipleOutputs"];
  const seen = new Set<string>();
  for (const method of methods) {
    const execute = backend[method] as Execute;
    backend[method] = function (this: unknown, op, ...rest) {
      seen.add(op);
      return execute.call(this, op, ...rest);
    };
  }
  try {
    f();
  } finally {
    // What stands on the backend itself hides its class's methods until it is deleted.
    for (const method of methods) delete backend[method];
  }
  return seen;
}

/**
 * Value and gradients of f in the form that runs on libtensorflow, held to the portable form there.
 */
function expectFused(
  f: F,
  shapes: readonly (readonly number[])[],
  operators: readonly string[],
): void {
  const next = values(shapes.flat().length);
  tf.tidy(() => {
    const inputs = shapes.map((shape) => toTensor(random(shape, next)));
    const dy = toTensor(random(f(...inputs).shape, next));
    const run = (): tf.Tensor[] => [
      f(...inputs),
      ...tf.grads(f as (...xs: tf.Tensor[]) => tf.Tensor)(inputs, dy),
    ];
    let fused: tf.Tensor[] = [];
    expect([
      ...operatorsOf(() => {
        fused = run();
      }),
    ]).toEqual(expect.arrayContaining([...operators]));
    let portable: tf.Tensor[] = [];
    const portableOperators = operatorsOf(() => {
      portable = withPortableKernels(run);
    });
    for (const operator of operators) expect([...portableOperators]).not.toContain(operator);
    fused.forEach((t, i) => {
      const expected = portable[i] as tf.Tensor;
      expectClose(t, { shape: expected.shape, data: Float64Array.from(expected.dataSync()) }, 1e-5);
    });
  });
}

beforeAll(() => useBackend("tensorflow"));

test("instance normalisation of one image is FusedBatchNormV3", () => {
  const operators = ["FusedBatchNormV3", "FusedBatchNormGradV3"];
  expectFused((x) => instanceNorm2d(x, 1e-5), [[1, 32, 32, 16]], operators);
  expectFused((x) => instanceNorm2d(x, 1e-1), [[1, 7, 5, 3]], operators);
});

test("reflection padding's gradient is MirrorPadGrad", () => {
  expectFused((x) => reflectPad2d(x, 3), [[2, 16, 17, 5]], ["MirrorPadGrad"]);
});

test("the gradients of relu and leaky relu are single kernels", () => {
  expectFused((x) => leakyReluOf(x, 0), [[2, 8, 8, 4]], ["ReluGrad"]);
  expectFused((x) => leakyReluOf(x, 0.2), [[2, 8, 8, 4]], ["LeakyReluGrad"]);
});

test("the gradient of a bias is BiasAddGrad", () => {
  expectFused(
    (x, bias) => biasAdd(x, bias as unknown as tf.Tensor1D),
    [[2, 8, 8, 4], [4]],
    ["BiasAdd", "BiasAddGrad"],
  );
});

test("convolutions pad within the kernel", () => {
  const shapes = [
    [2, 16, 15, 5],
    [4, 4, 5, 6],
  ];
  const f: F = (x, w) => conv2d(x as tf.Tensor4D, w as tf.Tensor4D, { stride: 2, pad: 1 });
  expectFused(f, shapes, []);
  const g: F = (x, w) =>
    convTranspose2d(x as tf.Tensor4D, w as tf.Tensor4D, { stride: 2, pad: 1, outputPad: 1 });
  expectFused(
    g,
    [
      [2, 8, 7, 6],
      [3, 3, 5, 6],
    ],
    [],
  );
  const x = tf.ones<tf.Rank.R4>([1, 8, 8, 2]);
  const w = tf.ones<tf.Rank.R4>([3, 3, 2, 2]);
  const run = () =>
    tf.tidy(() =>
      tf.grads((a, b) => conv2d(a as tf.Tensor4D, b as tf.Tensor4D, { stride: 1, pad: 1 }))([x, w]),
    );
  const operators = operatorsOf(run);
  expect([...operators].filter((op) => op.startsWith("Pad") || op === "Slice")).toEqual([]);
});

test.each([0, 1, 2])("few filters exchange image and gradient, at a padding of %d", (pad) => {
  const f: F = (x, w) => conv2d(x as tf.Tensor4D, w as tf.Tensor4D, { stride: 1, pad });
  const shapes = [
    [2, 12, 11, 8],
    [3, 3, 8, 2],
  ];
  expectFused(f, shapes, []);
  const [x, w] = shapes.map((shape) => toTensor(random(shape, values(pad)))) as [
    tf.Tensor4D,
    tf.Tensor4D,
  ];
  expect([...operatorsOf(() => tf.grad((a) => f(a as tf.Tensor4D, w))(x))]).not.toContain(
    "Conv2DBackpropInput",
  );
});
