import { expect } from "@jest/globals";
import * as tf from "@tensorflow/tfjs";
import { type Dense, dense, differences } from "../support/dense.js";

/** Reproducible values in [-1, 1): a linear congruential generator (Numerical Recipes). */
export function values(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** Values that float32 holds exactly, so that both sides see the same input. */
export function random(shape: readonly number[], next: () => number): Dense {
  return dense(shape, () => Math.fround(next()));
}

/**
 * Values at least 0.05 apart from each other and from 0, in a random order: away from the kinks of
 * relu, |.| and max, where a difference quotient is not the derivative.
 */
export function apart(shape: readonly number[], next: () => number): Dense {
  const size = shape.reduce((a, b) => a * b, 1);
  const order = Array.from({ length: size }, (_, i) => ({ i, key: next() }));
  order.sort((a, b) => a.key - b.key);
  const ranks = new Float64Array(size);
  order.forEach(({ i }, rank) => {
    ranks[i] = rank;
  });
  return dense(shape, (i) => Math.fround(((ranks[i] as number) - size / 2 + 0.5) * 0.1));
}

export const toTensor = ({ shape, data }: Dense): tf.Tensor4D =>
  tf.tensor<tf.Rank>(Float32Array.from(data), [...shape]) as tf.Tensor4D;

/** Every element within `tolerance` of the largest one expected (or of 1, if that is less). */
export function expectClose(actual: tf.Tensor, expected: Dense, tolerance = 2e-5): void {
  expect(actual.shape).toEqual([...expected.shape]);
  const got = actual.dataSync();
  const scale = expected.data.reduce((a, b) => Math.max(a, Math.abs(b)), 1);
  // Math.max passes NaN on, and NaN is within no tolerance.
  const worst = expected.data.reduce((a, b, i) => Math.max(a, Math.abs((got[i] as number) - b)), 0);
  expect(worst).toBeLessThanOrEqual(tolerance * scale);
}

/** The gradient of f at x, of its inner product with `dy`; of its value, if that is a scalar. */
export const gradientOf = (
  f: (x: tf.Tensor4D) => tf.Tensor,
  x: tf.Tensor4D,
  dy?: tf.Tensor,
): tf.Tensor => tf.grad(f as (x: tf.Tensor) => tf.Tensor)(x, dy);

/** Holds a function of tfjs and all of its gradients to a reference and to its differences. */
export function expectAgreement(
  f: (...inputs: tf.Tensor4D[]) => tf.Tensor,
  reference: (...inputs: Dense[]) => Dense,
  inputs: readonly Dense[],
  next: () => number,
  tolerance?: number,
): void {
  const expected = reference(...inputs);
  const cotangent = random(expected.shape, next);
  tf.tidy(() => {
    const tensors = inputs.map(toTensor);
    expectClose(f(...tensors), expected, tolerance);
    const gradients = tf.grads(f as (...xs: tf.Tensor[]) => tf.Tensor)(
      tensors,
      toTensor(cotangent),
    );
    const slopes = differences(reference, inputs, cotangent);
    gradients.forEach((gradient, i) => {
      expectClose(gradient, slopes[i] as Dense, tolerance);
    });
  });
}
