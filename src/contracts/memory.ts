/** The memory and time that a training step takes, as an engine plans or measures them. */

/** What the memory is for, in the order in which it is told. */
export const memoryParts = {
  weights: "the weights of all networks",
  optimizer: "what optimizers keep of each weight",
  average: "the moving average of the weights",
  sums: "gradients that are summed over the batches of an update",
  copies: "weights that are made anew while the old are read",
  history: "generated images that histories keep, once they are full",
  activations: "values of the forward passes, kept for the backward ones",
  gradients: "gradients, and what lives for a moment",
  workspace: "what kernels unfold images into, and holes between values",
  results: "what a step gives, handed over from the engine",
  constants: "numbers of the program",
  program: "the program's own description in ganc and in the engine",
  process: "Node, ganc and the engine's library",
} as const;

export type MemoryPart = keyof typeof memoryParts;

/** In bytes. */
export interface MemoryPlan {
  /** Of the process, at once, at most, while it makes steps. */
  readonly peak: number;
  readonly parts: Readonly<Record<MemoryPart, number>>;
  /** What a checkpoint takes besides, for the moment in which it is written: a copy of the state. */
  readonly saving: number;
  /** Of `peak`, what does not depend on how large images are and how many there are at once. */
  readonly fixed: number;
  /** The layers whose values take most where most is held, the largest first: `the layer R_3.conv of G (a.gan:3:4)`. */
  readonly largest: readonly { readonly layer: string; readonly bytes: number }[];
}

/** How much memory this process may have. */
export interface MemoryLimit {
  readonly bytes: number;
  /** Whose it is. */
  readonly of: "this machine" | "this control group";
}

/** Training steps that were timed. */
export interface Timed {
  /** The median, in milliseconds. */
  readonly step: number;
  /** How many were timed, at least 1. */
  readonly steps: number;
}
