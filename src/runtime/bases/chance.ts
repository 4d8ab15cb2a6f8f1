/** The host's draws for a step besides its batch, by name: the same numbers on every engine. */

/**
 * Draws two independent uniforms in [0, 1) for a batch slot: whether to recall, and which image.
 */
export type Draw = (slot: number) => readonly [recall: number, index: number];

/**
 * Draws the dropout of one application of a network: for the layer of that path `count` uniform
 * numbers in [0, 1), in the order [n, c, h, w].
 */
export type Masks = (path: string, count: number) => Float32Array;

export interface Chance {
  /** Index of the batch within an update, from 0; missing if there is only one. */
  readonly part?: number;
  /** Returns the draws for the history of that name. */
  readonly recall: (history: string) => Draw;
  /**
   * Returns the masks for an application of a network, named `G(X)`. Equal names give equal masks.
   */
  readonly masks: (application: string) => Masks;
  /**
   * Returns `count` distinct places of an image, row * width + column. Within a step they are the
   * same for images of one size.
   */
  readonly places: (height: number, width: number, count: number) => Float32Array;
}
