/** The optimizers of generated code, by PyTorch's formulas: what src/operators/optimizers.ts is as a graph. */
import * as tf from "@tensorflow/tfjs";
import { fromHost, type HostTensor, toHost } from "./host.js";
import { ownParameters } from "./parameters.js";

/** @throws RangeError outside of [0, 1) */
const checkDecays = (decays: Readonly<Record<string, number>>): void => {
  for (const [name, decay] of Object.entries(decays))
    if (!(decay >= 0 && decay < 1)) throw new RangeError(`${name} is in [0, 1), not ${decay}`);
};

/** @throws RangeError where it is not positive */
const checkEpsilon = (epsilon: number): void => {
  if (!(epsilon > 0)) throw new RangeError(`epsilon is positive, not ${epsilon}`);
};

/**
 * One optimiser for any number of networks. What it keeps belongs to a parameter by its canonical name, and each network
 * counts its own updates, so that networks may be updated together or in turn.
 */
export abstract class Optimizer {
  private readonly kept = new Map<string, readonly tf.Tensor[]>();
  private readonly updates = new Map<string, number>();

  /**
   * @param kind what its entries of the state begin with: `adam`
   * @param slots what it keeps for each parameter: `m` for the entries `adam.m/<param>`
   */
  protected constructor(
    private readonly kind: string,
    private readonly slots: readonly string[],
  ) {}

  /**
   * Moves a parameter in its t-th update, from 1, and gives what is kept, in the order of the slots; `kept` is what the
   * last update gave, absent in the first. Runs within `tf.tidy`.
   */
  protected abstract move(
    parameter: tf.Variable,
    gradient: tf.Tensor,
    kept: readonly tf.Tensor[] | undefined,
    rate: number,
    t: number,
  ): readonly tf.Tensor[];

  /**
   * Descends along `gradients`, which are by canonical name and stay the caller's.
   * @throws Error when a parameter has no gradient
   */
  update(
    models: readonly tf.LayersModel[],
    gradients: ReadonlyMap<string, tf.Tensor>,
    rate: number,
  ): void {
    for (const model of models) {
      const t = (this.updates.get(model.name) ?? 0) + 1;
      this.updates.set(model.name, t);
      for (const [name, parameter] of ownParameters(model)) {
        const gradient = gradients.get(name);
        if (gradient === undefined) throw new Error(`no gradient for ${name}`);
        const old = this.kept.get(name);
        const next = tf.tidy(() => [...this.move(parameter, gradient, old, rate, t)].map(tf.keep));
        if (this.slots.length > 0) this.kept.set(name, next);
        if (old !== undefined) tf.dispose([...old]);
      }
    }
  }

  private key(slot: string, name: string): string {
    return `${this.kind}.${slot}/${name}`;
  }

  /** `adam.m/<param>`, … and, of one value, `adam.t/<net>`; empty before the first update. */
  async getState(): Promise<ReadonlyMap<string, HostTensor>> {
    const state = new Map<string, HostTensor>();
    for (const [name, kept] of this.kept)
      for (const [i, tensor] of kept.entries())
        state.set(this.key(this.slots[i] ?? "", name), await toHost(tensor));
    for (const [net, t] of this.updates)
      state.set(this.key("t", net), { shape: [], data: Float32Array.of(t) });
    return state;
  }

  /**
   * Replaces the state by the entries of `state` that are this kind's; others are ignored.
   * @throws Error when a parameter has some of its entries and not all
   */
  setState(state: ReadonlyMap<string, HostTensor>): void {
    this.dispose();
    const [counts, first] = [this.key("t", ""), this.key(this.slots[0] ?? "t", "")];
    for (const [key, tensor] of state) {
      if (key.startsWith(counts))
        this.updates.set(key.slice(counts.length), tensor.data[0] as number);
      else if (key.startsWith(first)) {
        const name = key.slice(first.length);
        this.kept.set(
          name,
          this.slots.map((slot) => this.entry(state, key, slot, name)),
        );
      }
    }
  }

  private entry(
    state: ReadonlyMap<string, HostTensor>,
    has: string,
    slot: string,
    name: string,
  ): tf.Tensor {
    const key = this.key(slot, name);
    const tensor = state.get(key);
    if (tensor === undefined) throw new Error(`the state has ${has} without ${key}`);
    return fromHost(tensor);
  }

  /** Forgets the state. */
  dispose(): void {
    for (const kept of this.kept.values()) tf.dispose([...kept]);
    this.kept.clear();
    this.updates.clear();
  }
}

export interface AdamOptions {
  /** Decay of the first moment, in [0, 1). */
  readonly beta1?: number;
  /** Decay of the second moment, in [0, 1). */
  readonly beta2?: number;
  /** Positive. */
  readonly epsilon?: number;
}

/**
 * Adam (Kingma and Ba 2015), epsilon added after the bias correction. With t the updates of the network,
 * m <- beta1 m + (1 - beta1) g and v <- beta2 v + (1 - beta2) g^2, then
 * p <- p - rate / (1 - beta1^t) * m / (sqrt(v / (1 - beta2^t)) + epsilon).
 */
export class Adam extends Optimizer {
  private readonly beta1: number;
  private readonly beta2: number;
  private readonly epsilon: number;

  constructor({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}) {
    super("adam", ["m", "v"]);
    checkDecays({ beta1, beta2 });
    checkEpsilon(epsilon);
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
  }

  protected override move(
    p: tf.Variable,
    g: tf.Tensor,
    kept: readonly tf.Tensor[] | undefined,
    rate: number,
    t: number,
  ): readonly tf.Tensor[] {
    const { beta1, beta2, epsilon } = this;
    // The corrections are folded into the rate and epsilon: two kernels fewer for each parameter, the same value.
    const root = Math.sqrt(1 - beta2 ** t);
    const correctedRate = (rate * root) / (1 - beta1 ** t);
    const [oldM, oldV] = kept ?? [];
    const g1 = tf.mul(g, 1 - beta1);
    const g2 = tf.mul(tf.square(g), 1 - beta2);
    const m = oldM === undefined ? g1 : tf.add(tf.mul(oldM, beta1), g1);
    const v = oldV === undefined ? g2 : tf.add(tf.mul(oldV, beta2), g2);
    const denominator = tf.add(tf.sqrt(v), epsilon * root);
    p.assign(tf.sub(p, tf.mul(tf.div(m, denominator), correctedRate)));
    return [m, v];
  }
}

export interface SgdOptions {
  /** How much of the last direction stays, in [0, 1). */
  readonly momentum?: number;
}

/** Gradient descent: b <- momentum b + g, p <- p - rate b. Without momentum it keeps nothing. */
export class Sgd extends Optimizer {
  private readonly momentum: number;

  constructor({ momentum = 0 }: SgdOptions = {}) {
    super("sgd", momentum === 0 ? [] : ["b"]);
    checkDecays({ momentum });
    this.momentum = momentum;
  }

  protected override move(
    p: tf.Variable,
    g: tf.Tensor,
    kept: readonly tf.Tensor[] | undefined,
    rate: number,
  ): readonly tf.Tensor[] {
    const [old] = kept ?? [];
    const b = old === undefined ? g.clone() : tf.add(tf.mul(old, this.momentum), g);
    p.assign(tf.sub(p, tf.mul(b, rate)));
    return this.momentum === 0 ? [] : [b];
  }
}

export interface RmsPropOptions {
  /** Decay of the mean of squared gradients, in [0, 1). */
  readonly decay?: number;
  /** Positive. */
  readonly epsilon?: number;
}

/** RMSprop (Tieleman and Hinton 2012): v <- decay v + (1 - decay) g^2, p <- p - rate g / (sqrt(v) + epsilon). */
export class RmsProp extends Optimizer {
  private readonly decay: number;
  private readonly epsilon: number;

  constructor({ decay = 0.9, epsilon = 1e-8 }: RmsPropOptions = {}) {
    super("rmsprop", ["v"]);
    checkDecays({ decay });
    checkEpsilon(epsilon);
    this.decay = decay;
    this.epsilon = epsilon;
  }

  protected override move(
    p: tf.Variable,
    g: tf.Tensor,
    kept: readonly tf.Tensor[] | undefined,
    rate: number,
  ): readonly tf.Tensor[] {
    const [old] = kept ?? [];
    const square = tf.mul(tf.square(g), 1 - this.decay);
    const v = old === undefined ? square : tf.add(tf.mul(old, this.decay), square);
    p.assign(tf.sub(p, tf.mul(tf.div(g, tf.add(tf.sqrt(v), this.epsilon)), rate)));
    return [v];
  }
}

/** Keeps every parameter of the networks in [-bound, bound]. */
export function clip(models: readonly tf.LayersModel[], bound: number): void {
  for (const model of models)
    for (const parameter of ownParameters(model).values())
      tf.tidy(() => parameter.assign(tf.clipByValue(parameter, -bound, bound)));
}
