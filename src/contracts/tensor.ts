/** Tensors on the host, and the state that every engine reads and writes. */

/** A dense float32 tensor, row-major. Images are NHWC in the range of their domain. */
export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/**
 * The canonical state, equal for every engine. Keys: `param/<net>.<layer path>.<weight|bias>`
 * (convolutions HWIO, transposed ones HWOI); `buffer/<net>.<layer path>.weight.u` for spectral
 * normalisation, `.mean` and `.variance` for running statistics; `average/<param>` if the recipe
 * averages weights; optimizer slots (`adam.m/<param>`, `adam.v/<param>`, `sgd.b/<param>` with
 * momentum, `rmsprop.v/<param>`), absent before the network's first update; `<optimizer>.t/<net>`
 * such as `adam.t/<net>` (one number: updates made); `history/<player>/<term>/<batch slot>`
 * ([images held, h, w, c]).
 */
export type State = ReadonlyMap<string, HostTensor>;

/** One draw for each domain, by domain name: `[batch, h, w, c]`. */
export type Draws = Readonly<Record<string, HostTensor>>;

/** Tensors by the names of a program's inputs or outputs. */
export type Tensors = ReadonlyMap<string, HostTensor>;
