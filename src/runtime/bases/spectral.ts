/**
 * Spectral normalisation (Miyato et al. 2018): divides a weight by its largest singular value,
 * which one step of power iteration tracks as the weight changes.
 */
import * as tf from "@tensorflow/tfjs";
import { detach } from "../kernels/detach.js";
import type { Block } from "./layer.js";

let depth = 0;

/** Tells whether the current layer is built inside `spectralNorm`. */
export const isInSpectralNorm = (): boolean => depth > 0;

/**
 * Applies the blocks one after the other, with every weight in them divided by its largest singular
 * value.
 */
export const spectralNorm =
  (first: Block, ...blocks: Block[]): Block =>
  (...xs) => {
    depth++;
    try {
      return blocks.reduce((y, f) => f(y), first(...xs));
    } finally {
      depth--;
    }
  };

/** Keeps a vector of zeros finite. */
const least = 1e-12;

const unit = (x: tf.Tensor): tf.Tensor => tf.div(x, tf.sqrt(tf.add(tf.sum(tf.square(x)), least)));

/** The divided weight, and the next left singular vector. */
export interface Spectral {
  readonly weight: tf.Tensor;
  readonly u: tf.Tensor;
}

/**
 * Normalises a weight. With it as a matrix W, its outputs along axis `axis` as rows: v = W'u /
 * |W'u|, u <- W v / |W v|, weight / u'W v. No gradient passes through u and v.
 */
export const normalise = (weight: tf.Tensor, u: tf.Tensor, axis: number): Spectral => {
  const others = weight.shape.map((_, i) => i).filter((i) => i !== axis);
  const matrix = tf.reshape(tf.transpose(weight, [axis, ...others]), [u.size, -1]);
  const v = detach(unit(tf.matMul(matrix, tf.reshape(u, [u.size, 1]), true)));
  const product = tf.matMul(matrix, v);
  const next = detach(unit(product));
  const value = tf.sum(tf.mul(next, product));
  return { weight: tf.div(weight, value), u: tf.reshape(next, [u.size]) };
};
