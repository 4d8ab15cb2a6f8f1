/** Combines blocks, and builds and applies networks. */
import * as tf from "@tensorflow/tfjs";
import type { Masks } from "./bases/chance.js";
import { type Block, requireInteger, type Surroundings, surroundingsOf } from "./bases/layer.js";
import { inNetwork, inScope, underName } from "./bases/naming.js";
import { add } from "./merge.js";

export type { Block } from "./bases/layer.js";

/**
 * Applies the blocks one after the other; without blocks it is the identity. The first may take
 * several values.
 */
export const seq =
  (...[first, ...blocks]: Block[]): Block =>
  (...xs) =>
    blocks.reduce((y, f) => f(y), first === undefined ? xs[0] : first(...xs));

/**
 * Applies the blocks one after the other in a named scope: their layers are `name.conv`, the next
 * time `name_2.conv`.
 */
export const block =
  (name: string, ...blocks: Block[]): Block =>
  (...xs) =>
    inScope(name, () => seq(...blocks)(...xs));

/** Applies a layer, or a nested network, under the name of its place in the spec: `R_3.conv_2`. */
export const at =
  (name: string, layer: Block): Block =>
  (...xs) =>
    underName(name, () => layer(...xs));

/** Applies the block `times` times, with new layers each time; 0 times is the identity. */
export const repeat = (body: Block, times: number): Block =>
  seq(...new Array<Block>(requireInteger("times", times, 0)).fill(body));

/** Computes x + f(x), where f applies the blocks one after the other and keeps the shape. */
export const residual =
  (...blocks: Block[]): Block =>
  (x) =>
    add(x, seq(...blocks)(x));

/** Height, width and channels; `null` leaves a size open. */
type InputShape = readonly [number | null, number | null, number];

const isShape = (shape: InputShape | readonly InputShape[]): shape is InputShape =>
  !Array.isArray(shape[0]);

/**
 * Builds a network from one image [n, h, w, c] of that h, w, c, or from several, which its body
 * takes as separate values. Its weights are zero until `initialise`, or until they are loaded.
 * @throws RangeError naming the layer that a size does not fit
 */
export const network = (
  name: string,
  inputShape: InputShape | readonly [InputShape, ...InputShape[]],
  body: Block,
): tf.LayersModel =>
  inNetwork(() => {
    const shapes = isShape(inputShape) ? [inputShape] : inputShape;
    const inputs = shapes.map((shape, i) =>
      tf.input({ shape: [...shape], name: i === 0 ? "input" : `input_${i + 1}` }),
    ) as [tf.SymbolicTensor, ...tf.SymbolicTensor[]];
    return tf.model({ name, inputs, outputs: body(...inputs) });
  });

/** The inputs of a network, in order. */
type Images = readonly [tf.Tensor, ...tf.Tensor[]];

const applied = (model: tf.LayersModel, xs: Images, surroundings: Surroundings): tf.Tensor4D =>
  model.apply(xs.length === 1 ? xs[0] : [...xs], { ...surroundings }) as tf.Tensor4D;

/**
 * Applies a network to images [n, h, w, c], one for each of its inputs, without dropout. Within
 * `differentiate` its parameters receive gradients.
 */
export const apply = (model: tf.LayersModel, ...xs: Images): tf.Tensor4D => applied(model, xs, {});

/** Applies blocks that have no parameters to images [n, h, w, c], as losses do. */
export const applyBlock = (body: Block, x: tf.Tensor): tf.Tensor4D =>
  // Layers compute at once what is no symbol.
  inNetwork(() => body(x as unknown as tf.SymbolicTensor) as unknown as tf.Tensor4D);

/** Applies a network with dropout by `masks`. */
export const dropping = (masks: Masks, model: tf.LayersModel, ...xs: Images): tf.Tensor4D =>
  applied(model, xs, { masks });

/**
 * Applies a network as a step of training does: layers that keep running statistics normalise by
 * the batch at hand, and note its statistics under the name of the application, for
 * `moveStatistics`. With `masks` it drops too; networks that are `frozen` go by what they keep.
 */
export const training = (
  how: { readonly application: string; readonly masks?: Masks; readonly frozen?: string[] },
  model: tf.LayersModel,
  ...xs: Images
): tf.Tensor4D => applied(model, xs, surroundingsOf(model.name, how));
