/** Adam (Kingma and Ba 2015), in the form of PyTorch: epsilon is added after the bias correction. */
import * as tf from "@tensorflow/tfjs";
import { fromHost, type HostTensor, toHost } from "./host.js";
import { parameters } from "./parameters.js";

export interface AdamOptions {
  /** Decay of the first moment, in [0, 1). */
  readonly beta1?: number;
  /** Decay of the second moment, in [0, 1). */
  readonly beta2?: number;
  /** Positive. */
  readonly epsilon?: number;
}

interface Moments {
  m: tf.Tensor;
  v: tf.Tensor;
}

/**
 * One optimiser for any number of networks. Moments belong to a parameter by its canonical name, and each network
 * counts its own updates, so that networks may be updated together or in turn.
 */
export class Adam {
  private readonly beta1: number;
  private readonly beta2: number;
  private readonly epsilon: number;
  private readonly moments = new Map<string, Moments>();
  private readonly updates = new Map<string, number>();

  constructor({ beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions = {}) {
    for (const [name, beta] of Object.entries({ beta1, beta2 })) {
      if (!(beta >= 0 && beta < 1)) throw new RangeError(`${name} is in [0, 1), not ${beta}`);
    }
    if (!(epsilon > 0)) throw new RangeError(`epsilon is positive, not ${epsilon}`);
    this.beta1 = beta1;
    this.beta2 = beta2;
    this.epsilon = epsilon;
  }

  /**
   * Descends along `gradients`, which are by canonical name and stay the caller's. With t the updates of the network,
   * m <- beta1 m + (1 - beta1) g and v <- beta2 v + (1 - beta2) g^2, then
   * p <- p - rate / (1 - beta1^t) * m / (sqrt(v / (1 - beta2^t)) + epsilon).
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
      for (const [name, parameter] of parameters(model)) {
        const gradient = gradients.get(name);
        if (gradient === undefined) throw new Error(`no gradient for ${name}`);
        this.descend(name, parameter, gradient, rate, t);
      }
    }
  }

  private descend(name: string, p: tf.Variable, g: tf.Tensor, rate: number, t: number): void {
    const { beta1, beta2, epsilon } = this;
    // The corrections are folded into the rate and epsilon: two kernels fewer for each parameter, the same value.
    const root = Math.sqrt(1 - beta2 ** t);
    const correctedRate = (rate * root) / (1 - beta1 ** t);
    const next = tf.tidy(() => {
      const old = this.moments.get(name);
      const g1 = tf.mul(g, 1 - beta1);
      const g2 = tf.mul(tf.square(g), 1 - beta2);
      const m = old === undefined ? g1 : tf.add(tf.mul(old.m, beta1), g1);
      const v = old === undefined ? g2 : tf.add(tf.mul(old.v, beta2), g2);
      const denominator = tf.add(tf.sqrt(v), epsilon * root);
      p.assign(tf.sub(p, tf.mul(tf.div(m, denominator), correctedRate)));
      return { m: tf.keep(m), v: tf.keep(v) };
    });
    this.replace(name, next);
  }

  private replace(name: string, moments: Moments): void {
    const old = this.moments.get(name);
    this.moments.set(name, moments);
    if (old !== undefined) tf.dispose([old.m, old.v]);
  }

  /** `adam.m/<param>`, `adam.v/<param>` and, of one value, `adam.t/<net>`; empty before the first update. */
  async getState(): Promise<ReadonlyMap<string, HostTensor>> {
    const state = new Map<string, HostTensor>();
    for (const [name, { m, v }] of this.moments) {
      state.set(`adam.m/${name}`, await toHost(m));
      state.set(`adam.v/${name}`, await toHost(v));
    }
    for (const [net, t] of this.updates) {
      state.set(`adam.t/${net}`, { shape: [], data: Float32Array.of(t) });
    }
    return state;
  }

  /**
   * Replaces the state by the entries of `state` that are Adam's; others are ignored.
   * @throws Error when a parameter has one moment without the other
   */
  setState(state: ReadonlyMap<string, HostTensor>): void {
    this.dispose();
    for (const [key, tensor] of state) {
      const slash = key.indexOf("/");
      const name = key.slice(slash + 1);
      if (key.startsWith("adam.t/")) this.updates.set(name, tensor.data[0] as number);
      if (key.startsWith("adam.m/")) {
        const second = state.get(`adam.v/${name}`);
        if (second === undefined) throw new Error(`the state has ${key} without adam.v/${name}`);
        this.moments.set(name, { m: fromHost(tensor), v: fromHost(second) });
      }
    }
  }

  /** Forgets the state. */
  dispose(): void {
    for (const { m, v } of this.moments.values()) tf.dispose([m, v]);
    this.moments.clear();
    this.updates.clear();
  }
}
