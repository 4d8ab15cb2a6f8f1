/**
 * The base of all optimizers: a state by the names of parameters, and update counts for each
 * network.
 */
import * as tf from "@tensorflow/tfjs";
import { decays } from "../parameters/decay.js";
import { fromHost, type HostTensor, toHost } from "./host.js";
import { ownParameters } from "./parameters.js";

/**
 * An update: p <- p - rate scale direction, and the tensors kept for the next one, in the order of
 * the slots.
 */
export interface Move {
  readonly direction: tf.Tensor;
  /** A factor that costs no extra kernel. Default 1. */
  readonly scale?: number;
  readonly kept: readonly tf.Tensor[];
}

/**
 * One optimizer for any number of networks. Kept tensors belong to a parameter by its canonical
 * name, and each network counts its own updates, so that networks may be updated together or in
 * turn.
 */
export abstract class Optimizer {
  private readonly kept = new Map<string, readonly tf.Tensor[]>();
  private readonly updates = new Map<string, number>();

  /**
   * Checks and stores the settings.
   * @param kind prefix of its entries in the state: `adam`
   * @param slots tensors kept for each parameter: `m` for the entries `adam.m/<param>`
   * @param shrinking the share of the rate by which each update shrinks weights; not biases, scales
   * and the like
   * @throws RangeError if a stay is outside of [0, 1), epsilon is not positive, or shrinking is
   * negative
   */
  protected constructor(
    private readonly kind: string,
    private readonly slots: readonly string[],
    stays: Readonly<Record<string, number>>,
    epsilon?: number,
    private readonly shrinking = 0,
  ) {
    for (const [name, stay] of Object.entries(stays))
      if (!(stay >= 0 && stay < 1)) throw new RangeError(`${name} is in [0, 1), not ${stay}`);
    if (!(shrinking >= 0)) throw new RangeError(`decay is 0 or more, not ${shrinking}`);
    if (epsilon !== undefined && !(epsilon > 0))
      throw new RangeError(`epsilon is positive, not ${epsilon}`);
  }

  /**
   * Returns the move of the t-th update, from 1, along a gradient. `kept` comes from the previous
   * update, and is empty in the first.
   */
  protected abstract move(gradient: tf.Tensor, kept: readonly tf.Tensor[], t: number): Move;

  /**
   * Descends along `gradients`, given by canonical name; the caller keeps them.
   * @throws Error if a parameter has no gradient
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
        const next = tf.tidy(() => {
          const { direction, scale = 1, kept } = this.move(gradient, old ?? [], t);
          const isShrunk = this.shrinking > 0 && decays(parameter.shape);
          const from = isShrunk ? tf.mul(parameter, 1 - rate * this.shrinking) : parameter;
          parameter.assign(tf.sub(from, tf.mul(direction, rate * scale)));
          // A kept tensor may be the gradient, which belongs to the caller.
          return kept.map((tensor) => tf.keep(tensor.clone()));
        });
        if (this.slots.length > 0) this.kept.set(name, next);
        if (old !== undefined) tf.dispose([...old]);
      }
    }
  }

  private key(slot: string, name: string): string {
    return `${this.kind}.${slot}/${name}`;
  }

  /**
   * Returns `adam.m/<param>`, … and `adam.t/<net>`, which is one number; empty before the first
   * update.
   */
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
   * Replaces the state by the entries of `state` that belong to this kind; ignores others.
   * @throws Error if a parameter has some but not all of its entries
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

  /** Disposes the state. */
  dispose(): void {
    for (const kept of this.kept.values()) tf.dispose([...kept]);
    this.kept.clear();
    this.updates.clear();
  }
}
