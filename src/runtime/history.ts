/** The history of generated images of Shrivastava et al. 2017, as CycleGAN uses it. */
import * as tf from "@tensorflow/tfjs";
import { detach } from "./detach.js";
import { fromHost, type HostTensor, toHost } from "./host.js";

/** Two independent uniforms in [0, 1) for a batch slot: whether to recall, and which image. */
export type Draw = (slot: number) => readonly [recall: number, index: number];

/**
 * Up to `capacity` images for each batch slot. Until a slot's buffer is full, `recall` stores each image and returns
 * it. Then, where the first uniform is less than 1/2, it returns the held image floor(capacity * second uniform) and
 * stores the new one in its place; otherwise it returns the new one and stores nothing. The rule is that of the
 * authors' ImagePool, with a buffer for each slot where theirs shares one.
 */
export class ImageHistory {
  private readonly slots: tf.Tensor4D[][] = [];

  /** @param capacity images for each slot, at least 0; 0 keeps no history. */
  constructor(readonly capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 0) {
      throw new RangeError(`capacity is an integer of at least 0, not ${capacity}`);
    }
  }

  /**
   * Images [n, h, w, c] of the same shape, which the caller disposes; no gradient passes. Draws for full slots only.
   */
  recall(images: tf.Tensor4D, draw: Draw): tf.Tensor4D {
    if (this.capacity === 0) return detach(images);
    return tf.tidy(() => {
      const each = batchSlots(detach(images));
      return joinSlots(each.map((image, slot) => this.recallOne(image, slot, draw)));
    });
  }

  private recallOne(image: tf.Tensor4D, slot: number, draw: Draw): tf.Tensor4D {
    this.slots[slot] ??= [];
    const held = this.slots[slot];
    if (held.length < this.capacity) {
      held.push(tf.keep(image.clone()));
      return image;
    }
    const [recall, index] = draw(slot);
    if (recall >= 0.5) return image;
    const place = Math.floor(this.capacity * index);
    const old = held[place] as tf.Tensor4D;
    held[place] = tf.keep(image.clone());
    const recalled = old.clone();
    old.dispose();
    return recalled;
  }

  /** For each slot the images held, [held, h, w, c], in the order of their places. */
  async getState(): Promise<HostTensor[]> {
    const states: HostTensor[] = [];
    for (const held of this.slots) {
      const all = tf.concat(held);
      states.push(await toHost(all));
      all.dispose();
    }
    return states;
  }

  /**
   * Replaces the images held.
   * @throws RangeError when a slot has more images than the capacity
   */
  setState(states: readonly HostTensor[]): void {
    for (const { shape } of states) {
      if ((shape[0] ?? 0) > this.capacity) {
        throw new RangeError(`${shape[0]} images for a history of ${this.capacity}`);
      }
    }
    this.dispose();
    for (const state of states) {
      this.slots.push(
        tf.tidy(() => {
          const all = fromHost(state) as tf.Tensor4D;
          const images = batchSlots(all).map((image) => tf.keep(image.clone()));
          all.dispose();
          return images;
        }),
      );
    }
  }

  /** Forgets the images held. */
  dispose(): void {
    tf.dispose(this.slots.flat());
    this.slots.length = 0;
  }
}

const batchSlots = (images: tf.Tensor4D): tf.Tensor4D[] =>
  images.shape[0] === 1 ? [images] : tf.split(images, images.shape[0]);

const joinSlots = (images: tf.Tensor4D[]): tf.Tensor4D => {
  const [first] = images;
  return images.length === 1 && first !== undefined ? first : tf.concat(images);
};
