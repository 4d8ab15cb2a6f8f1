/**
 * The optimizers of generated code, by PyTorch's formulas. src/operators/optimizers.ts defines the
 * same as graphs.
 */
import * as tf from "@tensorflow/tfjs";
import { type Move, Optimizer } from "./optimizer.js";
import { ownParameters } from "./parameters.js";

export { Optimizer } from "./optimizer.js";

/** Returns decay old + x, or x if there is no old value yet. */
const followed = (old: tf.Tensor | undefined, decay: number, x: tf.Tensor): tf.Tensor =>
  old === undefined ? x : tf.add(tf.mul(old, decay), x);

export interface AdamOptions {
  /** Decay of the first moment, in [0, 1). */
  readonly beta1?: number;
  /** Decay of the second moment, in [0, 1). */
  readonly beta2?: number;
  /** Positive. */
  readonly epsilon?: number;
}

/** The moments of Adam and AdamW, and their move. */
abstract class Moments extends Optimizer {
  private readonly options: Required<AdamOptions>;

  protected constructor(
    kind: string,
    { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions,
    shrinking = 0,
  ) {
    super(kind, ["m", "v"], { beta1, beta2 }, epsilon, shrinking);
    this.options = { beta1, beta2, epsilon };
  }

  protected override move(g: tf.Tensor, [oldM, oldV]: readonly tf.Tensor[], t: number): Move {
    const { beta1, beta2, epsilon } = this.options;
    const m = followed(oldM, beta1, tf.mul(g, 1 - beta1));
    const v = followed(oldV, beta2, tf.mul(tf.square(g), 1 - beta2));
    // Folds the corrections into the rate and epsilon: the same value with two kernels fewer for
    // each parameter.
    const root = Math.sqrt(1 - beta2 ** t);
    const direction = tf.div(m, tf.add(tf.sqrt(v), epsilon * root));
    return { direction, scale: root / (1 - beta1 ** t), kept: [m, v] };
  }
}

/**
 * Adam (Kingma and Ba 2015), with epsilon added after the bias correction. With t the updates of
 * the network, m <- beta1 m + (1 - beta1) g and v <- beta2 v + (1 - beta2) g^2, then p <- p - rate
 * / (1 - beta1^t) * m / (sqrt(v / (1 - beta2^t)) + epsilon).
 */
export class Adam extends Moments {
  constructor(options: AdamOptions = {}) {
    super("adam", options);
  }
}

export interface AdamWOptions extends AdamOptions {
  /** Share of the rate by which each update shrinks weights. Default 0.01. */
  readonly decay?: number;
}

/**
 * AdamW (Loshchilov and Hutter 2019): p <- (1 - rate decay) p of weights, which biases, scales and
 * shifts are none of, and then Adam's move.
 */
export class AdamW extends Moments {
  constructor({ decay = 0.01, ...options }: AdamWOptions = {}) {
    super("adamw", options, decay);
  }
}

export interface SgdOptions {
  /** Share of the last direction that stays, in [0, 1). */
  readonly momentum?: number;
}

/** Gradient descent: b <- momentum b + g, p <- p - rate b. Without momentum it keeps nothing. */
export class Sgd extends Optimizer {
  private readonly momentum: number;

  constructor({ momentum = 0 }: SgdOptions = {}) {
    super("sgd", momentum === 0 ? [] : ["b"], { momentum });
    this.momentum = momentum;
  }

  protected override move(g: tf.Tensor, [old]: readonly tf.Tensor[]): Move {
    const b = followed(old, this.momentum, g);
    return { direction: b, kept: this.momentum === 0 ? [] : [b] };
  }
}

export interface RmsPropOptions {
  /** Decay of the mean of squared gradients, in [0, 1). */
  readonly decay?: number;
  /** Positive. */
  readonly epsilon?: number;
}

/**
 * RMSprop (Tieleman and Hinton 2012): v <- decay v + (1 - decay) g^2, p <- p - rate g / (sqrt(v) +
 * epsilon).
 */
export class RmsProp extends Optimizer {
  private readonly decay: number;
  private readonly epsilon: number;

  constructor({ decay = 0.9, epsilon = 1e-8 }: RmsPropOptions = {}) {
    super("rmsprop", ["v"], { decay }, epsilon);
    this.decay = decay;
    this.epsilon = epsilon;
  }

  protected override move(g: tf.Tensor, [old]: readonly tf.Tensor[]): Move {
    const v = followed(old, this.decay, tf.mul(tf.square(g), 1 - this.decay));
    return { direction: tf.div(g, tf.add(tf.sqrt(v), this.epsilon)), kept: [v] };
  }
}

/** The gradients with those of one network replaced. */
const replaced = (
  gradients: ReadonlyMap<string, tf.Tensor>,
  model: tf.LayersModel,
  of: (gradient: tf.Tensor) => tf.Tensor,
): ReadonlyMap<string, tf.Tensor> => {
  const own = ownParameters(model);
  return new Map([...gradients].map(([name, g]) => [name, own.has(name) ? of(g) : g]));
};

/**
 * Shortens the gradients of each network, all of its parameters as one vector, to the length `most`
 * where they are longer. Call it within `tf.tidy`, as steps do.
 */
export const clippedByNorm = (
  models: readonly tf.LayersModel[],
  gradients: ReadonlyMap<string, tf.Tensor>,
  most: number,
): ReadonlyMap<string, tf.Tensor> =>
  models.reduce((all, model) => {
    const own = [...ownParameters(model).keys()].flatMap((name) => all.get(name) ?? []);
    if (own.length === 0) return all;
    const square = tf.addN(own.map((g) => tf.sum(tf.square(g))));
    const share = tf.minimum(tf.div(most, tf.add(tf.sqrt(square), 1e-6)), 1);
    return replaced(all, model, (g) => tf.mul(g, share));
  }, gradients);

/**
 * Keeps each number of the gradients of networks in [-most, most]. Call it within `tf.tidy`, as
 * steps do.
 */
export const clippedByValue = (
  models: readonly tf.LayersModel[],
  gradients: ReadonlyMap<string, tf.Tensor>,
  most: number,
): ReadonlyMap<string, tf.Tensor> =>
  models.reduce(
    (all, model) => replaced(all, model, (g) => tf.clipByValue(g, -most, most)),
    gradients,
  );

/** Clips every parameter of the networks to [-bound, bound]. */
export function clip(models: readonly tf.LayersModel[], bound: number): void {
  for (const model of models)
    for (const parameter of ownParameters(model).values())
      tf.tidy(() => parameter.assign(tf.clipByValue(parameter, -bound, bound)));
}
