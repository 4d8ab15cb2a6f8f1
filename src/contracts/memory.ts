/** The memory and time of a training step, as an engine plans or measures them. */

/** What the memory is for, in the order of printing. */
export const memoryParts = {
  weights: "the weights of all networks",
  optimizer: "what optimizers keep for each weight",
  average: "the moving average of the weights",
  sums: "gradients that are summed over the batches of an update",
  copies: "new weights, written while the old ones are read",
  history: "generated images that histories keep, once they are full",
  activations: "values of the forward passes, kept for the backward ones",
  gradients: "gradients, and other short-lived values",
  workspace: "scratch memory of kernels, and gaps between values",
  results: "results of a step, copied from the engine",
  constants: "numbers of the program",
  program: "the program's own description in ganc and in the engine",
  process: "Node, ganc and the engine's library",
} as const;

export type MemoryPart = keyof typeof memoryParts;

/** All figures in bytes. */
export interface MemoryPlan {
  /** Most memory of the process at once while it makes steps. */
  readonly peak: number;
  readonly parts: Readonly<Record<MemoryPart, number>>;
  /** Extra memory while a checkpoint is written: a copy of the state. */
  readonly saving: number;
  /** The part of `peak` that does not depend on the size and number of images. */
  readonly fixed: number;
  /**
   * The layers with the largest values at the peak, the largest first: `the layer R_3.conv of G
   * (a.gan:3:4)`.
   */
  readonly largest: readonly { readonly layer: string; readonly bytes: number }[];
}

/** The memory that this process may use. */
export interface MemoryLimit {
  readonly bytes: number;
  /** Who sets the limit. */
  readonly of: "this machine" | "this control group";
}

/** The result of timing training steps. */
export interface Timed {
  /** Median in milliseconds. */
  readonly step: number;
  /** Number of steps timed, at least 1. */
  readonly steps: number;
}
