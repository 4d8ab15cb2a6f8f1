/** The images that training asks for. */

import type { HostTensor } from "../../contracts/tensor.js";
import type { BrokenImage } from "../../data/files/errors.js";

export interface Drawn {
  /** By domain name: `[batch, h, w, c]`. */
  readonly batch: Readonly<Record<string, HostTensor>>;
  /** By draw key: ids of the images of the first draw, in batch order. */
  readonly ids?: Readonly<Record<string, readonly string[]>>;
  /** Draws for repetitions of a phase: the second, the third, and so on. */
  readonly again?: readonly Readonly<Record<string, HostTensor>>[];
  /** Unreadable images that others replaced. */
  readonly skipped: readonly BrokenImage[];
}

export interface TrainingData {
  /** Where the images are and how many, for people. */
  readonly description: string;
  /** Hexadecimal SHA-256; equal for equal images in equal order. */
  readonly hash: string;
  /** At least 1. */
  readonly stepsPerEpoch: number;
  /** Random streams of the batches. */
  readonly streams?: readonly string[];
  /** Notices about the images, a sentence each. */
  readonly notices?: readonly string[];
  /** A few fixed images of each domain for sample grids: `[n, h, w, c]` by domain name. */
  readonly preview: Readonly<Record<string, HostTensor>>;
  /** A few more fixed images, for monitors. */
  readonly watched?: Readonly<Record<string, HostTensor>>;
  /**
   * Yields the batches of an epoch (from 0), starting at step `from`. A batch depends only on the
   * seed, the epoch and the step.
   * @throws where the images have become unreadable
   */
  epoch(epoch: number, from: number): AsyncIterable<Drawn>;
}
