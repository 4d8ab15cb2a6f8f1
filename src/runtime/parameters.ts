/** Parameters under their canonical names, the same for every engine. */
import * as tf from "@tensorflow/tfjs";
import { startOf } from "../parameters/starts.js";
import { placeOf } from "./bases/naming.js";
import { WeightedLayer } from "./bases/weighted-layer.js";
import { sharedIn } from "./shared.js";

/**
 * Lists the parameters of a network, first those of nested networks, then its own in layer order,
 * by `<net>.<layer path>.<weight|bias>`, for example `G.R_3.conv_2.weight`. Convolutions are HWIO,
 * transposed ones HWOI. A nested network keeps its own name.
 */
export function parameters(model: tf.LayersModel): ReadonlyMap<string, tf.Variable> {
  const inner = model.layers.flatMap((layer) => sharedIn(layer) ?? []);
  return new Map([...inner.flatMap((net) => [...parameters(net)]), ...ownParameters(model)]);
}

/**
 * Lists the network's own parameters; those of nested networks are trained under their own names.
 */
export const ownParameters = (model: tf.LayersModel): ReadonlyMap<string, tf.Variable> =>
  ownVariables(model, true);

/**
 * Lists what a network and its nested networks keep without learning it, by name: `D.conv.weight.u`
 * of spectral normalisation, `D.batch_norm.mean` of running statistics.
 */
export function buffers(model: tf.LayersModel): ReadonlyMap<string, tf.Variable> {
  const inner = model.layers.flatMap((layer) => sharedIn(layer) ?? []);
  return new Map([...inner.flatMap((net) => [...buffers(net)]), ...ownVariables(model, false)]);
}

function ownVariables(model: tf.LayersModel, isLearnt: boolean): ReadonlyMap<string, tf.Variable> {
  const found = new Map<string, tf.Variable>();
  for (const layer of model.layers) {
    if (sharedIn(layer) !== undefined) continue;
    for (const weight of layer.weights) {
      if (weight.trainable !== isLearnt) continue;
      // Not `name`, which gets a suffix if another model in the process has the same.
      const own = weight.originalName.split("/").at(-1);
      found.set(`${model.name}.${placeOf(layer.name)}.${own}`, weight.read() as tf.Variable);
    }
  }
  return found;
}

/**
 * Makes one step of power iteration for every weight that `spectralNorm` divides, at the current
 * weights. Nested networks make their own.
 */
export function powerStep(models: readonly tf.LayersModel[]): void {
  for (const layer of models.flatMap((model) => model.layers))
    if (layer instanceof WeightedLayer) layer.powerStep();
}

/** The share of what a step sees in the running statistics. */
const share = 0.1;

/**
 * Moves the running statistics of networks by a tenth of the way to the mean over the applications
 * that `training` has made since. Nested networks move their own.
 */
export function moveStatistics(models: readonly tf.LayersModel[]): void {
  for (const layer of models.flatMap((model) => model.layers))
    if (layer instanceof WeightedLayer) layer.moveStatistics(share);
}

/**
 * Initialises a network: every weight from `normal(name, size)` in row-major order, every scale and
 * kept variance to 1, and every bias, shift, gain and kept mean to 0. Kept vectors are drawn too;
 * any direction will do, since the steps rotate it.
 * @throws RangeError if `normal` returns another number of values
 */
export function initialise(
  model: tf.LayersModel,
  normal: (name: string, size: number) => Float32Array,
): void {
  for (const [name, variable] of [...parameters(model), ...buffers(model)]) {
    const start = startOf(name);
    setValue(
      variable,
      start === undefined
        ? normal(name, variable.size)
        : new Float32Array(variable.size).fill(start),
    );
  }
}

/**
 * Sets a variable.
 * @throws RangeError if the sizes differ
 */
export function setValue(variable: tf.Variable, values: Float32Array): void {
  if (values.length !== variable.size) {
    throw new RangeError(`expected ${variable.size} values, got ${values.length}`);
  }
  const value = tf.tensor(values, variable.shape);
  variable.assign(value);
  value.dispose();
}
