import { beforeAll, describe, expect, test } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import fc from "fast-check";
import { abs, leakyReluOf } from "../../../src/runtime/kernels/activations.js";
import { biasAdd, conv2d, convTranspose2d } from "../../../src/runtime/kernels/conv.js";
import { instanceNorm2d } from "../../../src/runtime/kernels/instance-norm.js";
import { reflectPad2d } from "../../../src/runtime/kernels/reflect-pad.js";
import * as reference from "../../support/dense.js";
import { backends, useBackend } from "../../support/tensorflow.js";
import {
  apart,
  expectAgreement,
  expectClose,
  gradientOf,
  random,
  toTensor,
  values,
} from "../agreement.js";

const int = (min: number, max: number) => fc.integer({ min, max });
const image = { n: int(1, 2), h: int(4, 6), w: int(4, 5), c: int(1, 2), seed: int(1, 1e6) };
const check = <T>(shapes: fc.Arbitrary<T>, f: (shape: T) => void): void =>
  fc.assert(
    fc.property(shapes, (shape) => tf.tidy(() => f(shape))),
    { seed: 1703, numRuns: 12 },
  );

const dimensions = {
  ...image,
  k: int(1, 4),
  stride: int(1, 3),
  pad: int(0, 2),
  filters: int(1, 2),
};

describe.each(backends)("on %s", (backend) => {
  beforeAll(() => useBackend(backend));

  test("convolution and its gradients for image, filter and bias are those of the definition", () => {
    check(fc.record(dimensions), ({ n, h, w, c, k, filters, stride, pad, seed }) => {
      const next = values(seed);
      const inputs = [[n, h, w, c], [k, k, c, filters], [filters]].map((s) => random(s, next));
      expectAgreement(
        (x, filter, bias) =>
          biasAdd(conv2d(x, filter, { stride, pad }), bias as unknown as tf.Tensor1D),
        (x, filter, bias) =>
          reference.conv(x as reference.Dense, filter as reference.Dense, bias as reference.Dense, {
            stride,
            pad,
          }),
        inputs,
        next,
      );
    });
  });

  test("transposed convolution has PyTorch's arithmetic, and the gradients of the definition", () => {
    const shapes = fc
      .record({ ...dimensions, outputPad: int(0, 2) })
      .filter(({ stride, outputPad }) => outputPad < stride)
      .filter(({ h, w, k, stride, pad }) => (Math.min(h, w) - 1) * stride + k > 2 * pad);
    check(shapes, ({ n, h, w, c, k, filters, stride, pad, outputPad, seed }) => {
      const next = values(seed);
      const geometry = { stride, pad, outputPad };
      const inputs = [[n, h, w, c], [k, k, filters, c], [filters]].map((s) => random(s, next));
      expectAgreement(
        (x, filter, bias) =>
          biasAdd(convTranspose2d(x, filter, geometry), bias as unknown as tf.Tensor1D),
        (x, filter, bias) =>
          reference.convTranspose(
            x as reference.Dense,
            filter as reference.Dense,
            bias as reference.Dense,
            geometry,
          ),
        inputs,
        next,
      );
    });
  });

  test("reflection padding and its gradient are those of the definition", () => {
    const shapes = fc.record({ ...image, pad: int(0, 3) });
    check(shapes, ({ n, h, w, c, pad, seed }) => {
      const next = values(seed);
      expectAgreement(
        (x) => reflectPad2d(x, pad),
        (x) => reference.reflectPad(x as reference.Dense, pad),
        [random([n, h, w, c], next)],
        next,
      );
    });
  });

  test("instance normalisation and its gradient are those of the definition", () => {
    const shapes = fc.record({ ...image, epsilon: fc.constantFrom(1e-5, 1e-3, 1) });
    check(shapes, ({ n, h, w, c, epsilon, seed }) => {
      const next = values(seed);
      expectAgreement(
        (x) => instanceNorm2d(x, epsilon),
        (x) => reference.instanceNorm(x as reference.Dense, epsilon),
        [random([n, h, w, c], next)],
        next,
        1e-4,
      );
    });
  });

  test.each([1, 2])(
    "instance normalisation of %d constant images is 0, with a finite gradient",
    (n) => {
      tf.tidy(() => {
        const x = tf.fill<tf.Rank.R4>([n, 5, 4, 2], 0.7);
        const zeros = reference.dense([n, 5, 4, 2], () => 0);
        expectClose(instanceNorm2d(x, 1e-5), zeros, 1e-3);
        const cotangent = random([n, 5, 4, 2], values(n));
        const gradient = gradientOf((v) => instanceNorm2d(v, 1e-5), x, toTensor(cotangent));
        // A difference quotient sees the curvature of 1 / sqrt(epsilon) here: a small step, and the
        // definition's limit.
        const [slope] = reference.differences(
          (v) => reference.instanceNorm(v as reference.Dense, 1e-5),
          [reference.dense([n, 5, 4, 2], () => Math.fround(0.7))],
          cotangent,
          1e-7,
        );
        expectClose(gradient, slope as reference.Dense, 1e-3);
      });
    },
  );

  test.each([0, 0.2, 1.5])(
    "relu of slope %d and its gradient are those of the definition",
    (slope) => {
      const next = values(7);
      expectAgreement(
        (x) => leakyReluOf(x, slope),
        (x) => reference.map(x as reference.Dense, (v) => (v > 0 ? v : slope * v)),
        [apart([2, 3, 4, 2], next)],
        next,
      );
    },
  );

  test("the derivative of relu and of |x| at 0 is 0", () => {
    tf.tidy(() => {
      const x = tf.tensor1d([-2, 0, 3]);
      const slope = (f: (x: tf.Tensor) => tf.Tensor) =>
        Array.from(
          tf
            .grad((v: tf.Tensor) => tf.sum(f(v)))(x)
            .dataSync(),
        );
      expect(slope((v) => leakyReluOf(v, 0))).toEqual([0, 0, 1]);
      expect(slope(abs)).toEqual([-1, 0, 1]);
      // Which is why tfjs's own is not used.
      expect(slope(tf.abs)).toEqual([-1, -1, 1]);
    });
  });

  test("tfjs's gradient of mirrorPad is wrong where ours is right", () => {
    tf.tidy(() => {
      const next = values(3);
      const x = random([1, 4, 5, 2], next);
      const cotangent = random([1, 6, 7, 2], next);
      const [slope] = reference.differences(
        (v) => reference.reflectPad(v as reference.Dense, 1),
        [x],
        cotangent,
      );
      const ours = gradientOf((v) => reflectPad2d(v, 1), toTensor(x), toTensor(cotangent));
      const sides: [number, number][] = [
        [0, 0],
        [1, 1],
        [1, 1],
        [0, 0],
      ];
      const theirs = gradientOf(
        (v) => tf.mirrorPad(v, sides, "reflect"),
        toTensor(x),
        toTensor(cotangent),
      );
      expectClose(ours, slope as reference.Dense);
      expect(() => expectClose(theirs, slope as reference.Dense, 1e-2)).toThrow();
    });
  });

  test("gradients can be differentiated again, for gradient penalties", () => {
    const next = values(11);
    const filter = random([3, 3, 2, 2], next);
    // The squared norm of the gradient for the image of a small critic, as a function of the
    // filter.
    const penalty = (w: tf.Tensor4D): tf.Tensor => {
      const critic = (x: tf.Tensor4D): tf.Tensor => {
        const y = instanceNorm2d(conv2d(reflectPad2d(x, 1), w, { stride: 1, pad: 1 }), 1e-3);
        return tf.sum(tf.mul(leakyReluOf(y, 0.2), y));
      };
      const x = toTensor(random([2, 4, 4, 2], values(12)));
      return tf.sum(tf.square(gradientOf(critic, x)));
    };
    tf.tidy(() => {
      const gradient = gradientOf(penalty, toTensor(filter)).dataSync();
      const step = 1e-2;
      for (const i of [0, 7, 20, 35]) {
        const at = (delta: number): number => {
          const moved = { shape: filter.shape, data: Float64Array.from(filter.data) };
          (moved.data[i] as number) += delta;
          return penalty(toTensor(moved)).dataSync()[0] as number;
        };
        const slope = (at(step) - at(-step)) / (2 * step);
        expect(Math.abs((gradient[i] as number) - slope)).toBeLessThan(
          0.03 * (1 + Math.abs(slope)),
        );
      }
    });
  });
});
