/**
 * Spectral normalisation (Miyato et al. 2018): a weight divided by its largest singular value,
 * which one step of power iteration follows as the weight moves.
 */
import { impossible } from "../base/impossible.js";
import type { Node } from "../graph/graph.js";
import { add, div, mul, sum } from "../graph/operators/arithmetic.js";
import { power, stop } from "../graph/operators/functions.js";
import { matmul } from "../graph/operators/linear.js";
import { reshape, transpose } from "../graph/operators/shaping.js";
import { constant } from "../graph/operators/sources.js";

/** Keeps the norm of a zero vector away from 0. */
const least = 1e-12;

const unit = (x: Node): Node => div(x, power(add(sum(mul(x, x), [0, 1]), constant(least)), 0.5));

export interface Spectral {
  readonly weight: Node;
  /** The left singular vector after the step. */
  readonly u: Node;
}

/**
 * With the weight as a matrix W, its outputs along axis `axis` as rows: v = W'u / |W'u|, u <- W v /
 * |W v|, weight / u'W v. No gradient passes through u and v.
 */
export const spectralNorm = (weight: Node, u: Node, axis: number): Spectral => {
  const order = [axis, ...weight.shape.map((_, i) => i).filter((i) => i !== axis)];
  const rows = weight.shape[axis] ?? impossible("a weight has no outputs");
  const columns = weight.shape.reduce((a, b) => a * b, 1) / rows;
  const matrix = reshape(transpose(weight, order), [rows, columns]);
  const v = stop(unit(matmul(matrix, reshape(u, [rows, 1]), { left: true })));
  const product = matmul(matrix, v);
  const next = stop(unit(product));
  const sigma = reshape(sum(mul(next, product), [0, 1]), []);
  return { weight: div(weight, sigma), u: reshape(next, [rows]) };
};
