/** Blocks of blocks, and networks. */
import * as tf from "@tensorflow/tfjs";
import { type Block, requireInteger } from "./layer.js";
import { add } from "./merge.js";
import { inNetwork, inScope } from "./naming.js";

export type { Block } from "./layer.js";

/** The blocks one after the other; none is the identity. */
export const seq =
  (...blocks: Block[]): Block =>
  (x) =>
    blocks.reduce((y, f) => f(y), x);

/** The blocks one after the other, in a named scope: their layers are `name.conv`, the next time `name_2.conv`. */
export const block =
  (name: string, ...blocks: Block[]): Block =>
  (x) =>
    inScope(name, () => seq(...blocks)(x));

/** The block `times` times, with new layers each time; 0 times is the identity. */
export const repeat = (body: Block, times: number): Block =>
  seq(...new Array<Block>(requireInteger("times", times, 0)).fill(body));

/** x + f(x), where f is the blocks one after the other and keeps the shape. */
export const residual =
  (...blocks: Block[]): Block =>
  (x) =>
    add(x, seq(...blocks)(x));

/** A network already built, with its weights: shared by all who apply it. */
export const shared =
  (model: tf.LayersModel): Block =>
  (x) =>
    model.apply(x) as tf.SymbolicTensor;

/**
 * Builds a network from [n, h, w, c] of that h, w, c; `null` leaves a size open. Its weights are zero until
 * `initialise`, or until they are loaded.
 * @throws RangeError when a size does not fit a layer, by the layer's name
 */
export const network = (
  name: string,
  inputShape: readonly [number | null, number | null, number],
  body: Block,
): tf.LayersModel =>
  inNetwork(() => {
    const input = tf.input({ shape: [...inputShape], name: "input" });
    return tf.model({ name, inputs: input, outputs: body(input) });
  });

/** Applies a network to images [n, h, w, c]. Within `differentiate` its parameters receive gradients. */
export const apply = (model: tf.LayersModel, x: tf.Tensor): tf.Tensor4D =>
  model.apply(x) as tf.Tensor4D;
