/** Images as training asks for them. */

import type { HostTensor } from "../../contracts/tensor.js";
import type { BrokenImage } from "../../data/files/errors.js";

export interface Drawn {
  /** By domain name: `[batch, h, w, c]`. */
  readonly batch: Readonly<Record<string, HostTensor>>;
  /** Which images of the first draw, by its key, in the order of the batch. */
  readonly ids?: Readonly<Record<string, readonly string[]>>;
  /** What repetitions of a phase draw: the second, the third, and so on. */
  readonly again?: readonly Readonly<Record<string, HostTensor>>[];
  /** Images that were to be drawn and cannot be read; others were drawn in their place. */
  readonly skipped: readonly BrokenImage[];
}

export interface TrainingData {
  /** Where the images are and how many, for people. */
  readonly description: string;
  /** Hexadecimal SHA-256; equal for equal images in equal order. */
  readonly hash: string;
  /** At least 1. */
  readonly stepsPerEpoch: number;
  /** Random streams that the batches are drawn from. */
  readonly streams?: readonly string[];
  /** What the user should know of the images, a sentence each. */
  readonly notices?: readonly string[];
  /** A few images of each domain that stay the same throughout: `[n, h, w, c]` by domain name. For sample grids. */
  readonly preview: Readonly<Record<string, HostTensor>>;
  /** A few more, likewise, for monitors. */
  readonly watched?: Readonly<Record<string, HostTensor>>;
  /**
   * The batches of an epoch (from 0) from its step `from` on. A batch depends on the seed, the epoch and the step alone.
   * Throws where the images have become unreadable.
   */
  epoch(epoch: number, from: number): AsyncIterable<Drawn>;
}
