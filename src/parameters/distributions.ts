/** Distributions that weights are drawn from, as plain data. */

/**
 * One weight's distribution. Orthogonal: of the weight as a matrix, the last axis by all others,
 * the columns, or where they are more than the rows the rows, are orthogonal and of length `gain`.
 */
export type Distribution =
  | { readonly kind: "normal"; readonly mean: number; readonly std: number }
  | { readonly kind: "uniform"; readonly low: number; readonly high: number }
  | { readonly kind: "orthogonal"; readonly gain: number };

/** How many numbers an output of a layer is summed from, and how many an input goes to. */
export interface Fans {
  readonly in: number;
  readonly out: number;
}

/**
 * Counts the fans of a weight by its shape, as PyTorch does: [kernel, kernel, inputs, outputs] of a
 * convolution, whose inputs are those of a group; [kernel, kernel, outputs, inputs] of a transposed
 * one, whose fans PyTorch exchanges too; [inputs, outputs] of a matrix.
 */
export const fansOf = (shape: readonly number[]): Fans => {
  const size = shape.reduce((a, b) => a * b, 1);
  return { in: size / (shape.at(-1) ?? 1), out: size / (shape.at(-2) ?? 1) };
};
