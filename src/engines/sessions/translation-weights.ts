/** What sessions that only translate share: weights that they read, networks of other sizes. */
import { isLeft } from "fp-ts/lib/Either.js";
import type { HostTensor, State } from "../../contracts/tensor.js";
import { sameShape } from "../../graph/graph.js";
import type { Shape } from "../../operators/layer.js";
import type { Model, Network } from "../../program/model.js";
import { resized } from "../../program/resized.js";
import { networkOf, translationWeights } from "./bookkeeping.js";

/**
 * Resizes the network to inputs of these shapes.
 * @throws Error if its layers do not accept them
 */
export const resizedFor = (model: Model, name: string, inputs: readonly HostTensor[]): Network => {
  const network = networkOf(model, name);
  const shapes = inputs.map(({ shape: [, h = 1, w = 1, c = 1] }): Shape => [h, w, c]);
  const fitting = resized(network, shapes);
  if (isLeft(fitting))
    throw new Error(`${name} does not take images of this size: ${fitting.left}`);
  return fitting.right;
};

/** Returns the entries of a state that translations read, with their shapes. */
export const translated = (model: Model): ReadonlyMap<string, readonly number[]> =>
  new Map(
    model.networks.flatMap((network) => {
      const shapes = [...network.reads, ...network.buffers].map(({ shape }) => shape);
      return translationWeights(model, network).map(
        ([, tensor], i) => [tensor, shapes[i] ?? []] as const,
      );
    }),
  );

/**
 * Takes what translations read from a state.
 * @throws Error if something is missing or has another shape
 */
export const translatedFrom = (model: Model, state: State): State => {
  const taken = new Map<string, HostTensor>();
  for (const [name, shape] of translated(model)) {
    const given = state.get(name);
    if (given === undefined) throw new Error(`it lacks ${name}`);
    if (!sameShape(given.shape, shape))
      throw new Error(`it holds ${name} as [${given.shape}], which is [${shape}]`);
    // Copied: the tensor may be part of a file that is held whole.
    taken.set(name, { shape: given.shape, data: given.data.slice() });
  }
  return taken;
};
