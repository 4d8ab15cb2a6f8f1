/** Weights whose filters are orthogonal (Saxe, McClelland, Ganguli 2014). */
import { normal, stream } from "../../base/random.js";

/** Takes from a vector what lies along two that are orthogonal and 1 long: two for speed. */
const without = (own: Float64Array, a: Float64Array, b: Float64Array): void => {
  let [alongA, alongB] = [0, 0];
  for (let i = 0; i < own.length; i++) {
    const x = own[i] as number;
    alongA += x * (a[i] as number);
    alongB += x * (b[i] as number);
  }
  for (let i = 0; i < own.length; i++)
    own[i] = (own[i] as number) - alongA * (a[i] as number) - alongB * (b[i] as number);
};

/**
 * Makes each vector orthogonal to those before it, and 1 long: Gram and Schmidt's, in the order
 * that keeps rounding small. In float64 what is left of it is far below what float32 shows, of
 * square matrices too.
 */
const orthonormalise = (vectors: readonly Float64Array[]): void => {
  const none = new Float64Array(vectors[0]?.length ?? 0);
  vectors.forEach((own, k) => {
    for (let i = 0; i < k; i += 2)
      without(own, vectors[i] ?? none, i + 1 < k ? (vectors[i + 1] ?? none) : none);
    const length = Math.sqrt(own.reduce((sum, x) => sum + x * x, 0));
    for (let i = 0; i < own.length; i++) own[i] = (own[i] as number) / length;
  });
};

/**
 * Draws a weight as a matrix of its last axis by all others, evenly of those whose columns, or rows
 * where they are fewer, are orthogonal and of length `gain`. They are Gram and Schmidt's of normal
 * numbers, the weight's in row-major order: PyTorch's rule, of a QR decomposition whose diagonal is
 * positive.
 */
export const orthogonal = (
  seed: number,
  name: string,
  shape: readonly number[],
  gain: number,
): Float32Array => {
  const columns = shape.at(-1) ?? 1;
  const rows = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  const isTall = rows > columns;
  const [count, length] = isTall ? [columns, rows] : [rows, columns];
  const vectors = Array.from({ length: count }, () => new Float64Array(length));
  const drawn = normal(stream(seed, name));
  const each = (visit: (vector: Float64Array, i: number, at: number) => void): void => {
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const [which, i] = isTall ? [column, row] : [row, column];
        visit(vectors[which] as Float64Array, i, row * columns + column);
      }
  };
  each((vector, i, at) => {
    vector[i] = drawn(at);
  });
  orthonormalise(vectors);
  const values = new Float32Array(rows * columns);
  each((vector, i, at) => {
    values[at] = gain * (vector[i] as number);
  });
  return values;
};
