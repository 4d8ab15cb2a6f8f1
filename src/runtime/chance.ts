/** What the host draws for a step beside its batch, by names: the same numbers on every engine. */

/** Two independent uniforms in [0, 1) for a batch slot: whether to recall, and which image. */
export type Draw = (slot: number) => readonly [recall: number, index: number];

/**
 * What one application of a network drops by: for the layer of that path `count` uniform numbers in [0, 1), in the order
 * [n, c, h, w].
 */
export type Masks = (path: string, count: number) => Float32Array;

export interface Chance {
  /** Which of the batches of an update this is, from 0; 0 where it has one. */
  readonly part?: number;
  /** For the history of that name. */
  readonly recall: (history: string) => Draw;
  /** For an application of a network, by what it is applied to: `G(X)`. Equal names give equal masks. */
  readonly masks: (application: string) => Masks;
  /** `count` places of an image, row * width + column, all different: the same whenever a step asks for those of one size. */
  readonly places: (height: number, width: number, count: number) => Float32Array;
}
