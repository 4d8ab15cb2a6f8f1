/**
 * The history of generated images of Shrivastava et al. 2017 on the host: the program takes
 * recalled images and returns made ones. Rule and state equal those of runtime/history.ts.
 */
import type { HostTensor } from "../../contracts/tensor.js";

/** Draws two uniforms for a batch slot: whether to recall, and which image. */
type Draw = (slot: number) => readonly [recall: number, index: number];

interface Slot {
  readonly images: Float32Array[];
}

export class HostHistory {
  private slots: Slot[];
  /** For each slot, where this step's image goes; undefined if it is not kept. */
  private places: (number | undefined)[] = [];
  private part = 0;
  private readonly size: number;

  /** Shape of all slots: [slots, h, w, c]. */
  readonly shape: readonly number[];
  private readonly batch: number;

  /**
   * Makes an empty history.
   * @param made [batch, h, w, c]
   * @param capacity images for each slot, at least 1
   * @param parts batches of an update, each with its own slots
   */
  constructor(
    private readonly made: readonly number[],
    readonly capacity: number,
    parts = 1,
  ) {
    const [batch = 1, ...image] = made;
    this.batch = batch;
    this.shape = [parts * batch, ...image];
    this.slots = Array.from({ length: parts * batch }, () => ({ images: [] }));
    this.size = image.reduce((a, b) => a * b, 1);
  }

  /** Returns the slots of a part. */
  private chosen(part: number): readonly Slot[] {
    return this.slots.slice(part * this.batch, (part + 1) * this.batch);
  }

  /**
   * Chooses for each slot. Returns the recalled images, in the shape of a batch, and 1 where they
   * are used.
   */
  choose(draw: Draw, part = 0): { readonly recalled: HostTensor; readonly recall: HostTensor } {
    const recalled = new Float32Array(this.batch * this.size);
    const recall = new Float32Array(this.batch);
    this.part = part;
    this.places = this.chosen(part).map(({ images }, slot) => {
      if (images.length < this.capacity) return images.length;
      const [chance, which] = draw(part * this.batch + slot);
      if (chance >= 0.5) return undefined;
      const place = Math.floor(this.capacity * which);
      recalled.set(images[place] as Float32Array, slot * this.size);
      recall[slot] = 1;
      return place;
    });
    return {
      recalled: { shape: this.made, data: recalled },
      recall: { shape: [this.batch, 1, 1, 1], data: recall },
    };
  }

  /** Stores made images as `choose` decided. */
  store(made: Float32Array): void {
    const slots = this.chosen(this.part);
    this.places.forEach((place, slot) => {
      const images = (slots[slot] as Slot).images;
      if (place !== undefined) images[place] = made.slice(slot * this.size, (slot + 1) * this.size);
    });
  }

  /** Returns the images of each slot, [held, h, w, c]; no slots before the first image. */
  getState(): readonly HostTensor[] {
    if (this.slots.every(({ images }) => images.length === 0)) return [];
    return this.slots.map(({ images }) => {
      const data = new Float32Array(images.length * this.size);
      images.forEach((image, i) => {
        data.set(image, i * this.size);
      });
      return { shape: [images.length, ...this.shape.slice(1)], data };
    });
  }

  /**
   * Sets the images of each slot.
   * @throws RangeError if a slot has more images than the capacity
   */
  setState(states: readonly HostTensor[]): void {
    this.slots = this.slots.map((_, slot) => {
      const state = states[slot];
      const held = state?.shape[0] ?? 0;
      if (held > this.capacity)
        throw new RangeError(`${held} images for a history of ${this.capacity}`);
      const images = Array.from({ length: held }, (_unused, i) =>
        (state as HostTensor).data.slice(i * this.size, (i + 1) * this.size),
      );
      return { images };
    });
  }
}
