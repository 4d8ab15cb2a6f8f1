/** The history of generated images of Shrivastava et al. 2017, as CycleGAN uses it. */
import * as tf from "@tensorflow/tfjs";
import type { Draw } from "./bases/chance.js";
import { fromHost, type HostTensor, toHost } from "./host.js";
import { detach } from "./kernels/detach.js";

interface Slot {
  /**
   * `capacity` places from the first image on, so that memory does not grow while the history
   * fills.
   */
  readonly places: tf.Tensor4D[];
  held: number;
}

/**
 * A history with up to `capacity` images for each batch slot. Until a slot is full, `recall` stores
 * each image and returns it. Then, if the first uniform is less than 1/2, it returns the held image
 * floor(capacity * second uniform) and stores the new one in its place; otherwise it returns the
 * new one and stores nothing. This is the rule of the authors' ImagePool, but with a buffer for
 * each slot where theirs shares one.
 */
export class ImageHistory {
  private readonly slots: Slot[] = [];

  /**
   * Makes an empty history.
   * @param capacity images for each slot, at least 0; 0 keeps no history
   */
  constructor(readonly capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 0) {
      throw new RangeError(`capacity is an integer of at least 0, not ${capacity}`);
    }
  }

  /**
   * Exchanges images [n, h, w, c] for images of the same shape, which the caller disposes; no
   * gradient passes. Draws only for full slots. The batches of one update have separate slots,
   * those of the `part`-th after those of earlier parts.
   */
  recall(images: tf.Tensor4D, draw: Draw, part = 0): tf.Tensor4D {
    if (this.capacity === 0) return detach(images);
    return tf.tidy(() => {
      const each = batchSlots(detach(images));
      return joinSlots(
        each.map((image, slot) => this.recallOne(image, part * each.length + slot, draw)),
      );
    });
  }

  private recallOne(image: tf.Tensor4D, index: number, draw: Draw): tf.Tensor4D {
    this.slots[index] ??= this.emptySlot(image.shape);
    const slot = this.slots[index];
    if (slot.held < this.capacity) {
      replace(slot, slot.held++, image);
      return image;
    }
    const [recall, which] = draw(index);
    return recall < 0.5 ? replace(slot, Math.floor(this.capacity * which), image) : image;
  }

  private emptySlot(shape: [number, number, number, number]): Slot {
    const places = Array.from({ length: this.capacity }, () => tf.keep(tf.zeros(shape)));
    return { places: places as tf.Tensor4D[], held: 0 };
  }

  /** Returns the images of each slot, [held, h, w, c], in the order of their places. */
  async getState(): Promise<HostTensor[]> {
    const states: HostTensor[] = [];
    for (const { places, held } of this.slots) {
      const images = tf.tidy(() => tf.slice(tf.concat(places), 0, held));
      states.push(await toHost(images));
      images.dispose();
    }
    return states;
  }

  /**
   * Replaces the images.
   * @throws RangeError if a slot has more images than the capacity
   */
  setState(states: readonly HostTensor[]): void {
    for (const { shape } of states) {
      if ((shape[0] ?? 0) > this.capacity) {
        throw new RangeError(`${shape[0]} images for a history of ${this.capacity}`);
      }
    }
    this.dispose();
    for (const state of states) {
      const images = fromHost(state) as tf.Tensor4D;
      const [held, h, w, c] = images.shape;
      const slot = this.emptySlot([1, h, w, c]);
      tf.tidy(() => {
        for (; slot.held < held; slot.held++) {
          replace(slot, slot.held, tf.slice(images, slot.held, 1));
        }
      });
      images.dispose();
      this.slots.push(slot);
    }
  }

  /** Disposes the images. */
  dispose(): void {
    for (const { places } of this.slots) tf.dispose(places);
    this.slots.length = 0;
  }
}

/**
 * Puts an image into a place and returns the previous one. Call it within `tf.tidy`, which disposes
 * that.
 */
function replace(slot: Slot, place: number, image: tf.Tensor4D): tf.Tensor4D {
  const kept = slot.places[place] as tf.Tensor4D;
  const old = kept.clone();
  kept.dispose();
  slot.places[place] = tf.keep(image.clone());
  return old;
}

const batchSlots = (images: tf.Tensor4D): tf.Tensor4D[] =>
  images.shape[0] === 1 ? [images] : tf.split(images, images.shape[0]);

const joinSlots = (images: tf.Tensor4D[]): tf.Tensor4D => {
  const [first] = images;
  return images.length === 1 && first !== undefined ? first : tf.concat(images);
};
