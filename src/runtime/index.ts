/**
 * The imports of generated tfjs code: blocks and layers, losses, differentiation, optimizers and
 * the image history.
 */

export { type Accumulated, accumulated } from "./accumulate.js";
export { attention, crossAttention, selfAttention } from "./attention.js";
export type { Chance, Draw, Masks } from "./bases/chance.js";
export { equalized } from "./bases/equalized.js";
export { spectralNorm } from "./bases/spectral.js";
export {
  apply,
  applyBlock,
  at,
  type Block,
  block,
  dropping,
  network,
  repeat,
  residual,
  seq,
  training,
} from "./blocks.js";
export * from "./conv-layers.js";
export { dropout } from "./dropout.js";
export {
  type Differentiated,
  differentiate,
  gradient,
  type Objective,
  type Values,
} from "./gradients.js";
export { ImageHistory } from "./history.js";
export { fromHost, type HostTensor, toHost } from "./host.js";
export { abs } from "./kernels/activations.js";
export { withPortableKernels } from "./kernels/backend.js";
export { detach } from "./kernels/detach.js";
export type { Sides } from "./kernels/sides.js";
export * from "./layers.js";
export * from "./losses.js";
export { add, concat, mul, sub } from "./merge.js";
export { minibatchStddev } from "./minibatch-stddev.js";
export { modulatedConv } from "./modulated.js";
export * from "./norm-layers.js";
export {
  Adam,
  type AdamOptions,
  AdamW,
  type AdamWOptions,
  clip,
  clippedByNorm,
  clippedByValue,
  type Optimizer,
  RmsProp,
  type RmsPropOptions,
  Sgd,
  type SgdOptions,
} from "./optimizers.js";
export { initialise, moveStatistics, parameters, powerStep } from "./parameters.js";
export { repeated } from "./phases.js";
export * from "./place-layers.js";
export { prelu } from "./prelu.js";
export { shared } from "./shared.js";
export * from "./vector-layers.js";
