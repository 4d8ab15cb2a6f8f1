/** Networks nested in networks. */
import * as tf from "@tensorflow/tfjs";
import { Dropout } from "./dropout.js";
import type { Block, Surroundings } from "./layer.js";
import { nextName } from "./naming.js";

type ShapeOf = (number | null)[];

/**
 * A place of a nested network with dropout: it shares the network's weights, but has masks of its
 * own.
 */
class Shared extends tf.layers.Layer {
  static readonly className = "GancShared";
  readonly model: tf.LayersModel;

  constructor({ name, model }: { readonly name: string; readonly model: tf.LayersModel }) {
    super({ name });
    this.model = model;
    this.built = true;
  }

  override get trainableWeights(): tf.layers.Layer["trainableWeights"] {
    return this.model.trainableWeights;
  }

  override get nonTrainableWeights(): tf.layers.Layer["nonTrainableWeights"] {
    return this.model.nonTrainableWeights;
  }

  override computeOutputShape(input: ShapeOf | ShapeOf[]): ShapeOf | ShapeOf[] {
    return this.model.computeOutputShape(input);
  }

  override call(inputs: tf.Tensor | tf.Tensor[], surroundings: Surroundings): tf.Tensor {
    const { masks } = surroundings;
    const inner: Surroundings =
      masks === undefined ? {} : { masks: (path, count) => masks(`${this.name}.${path}`, count) };
    return this.model.apply(inputs, { ...inner }) as tf.Tensor;
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), model: this.model.getConfig() };
  }

  static override fromConfig<T extends tf.serialization.Serializable>(
    cls: tf.serialization.SerializableConstructor<T>,
    { model, ...config }: tf.serialization.ConfigDict,
  ): T {
    const inner = tf.LayersModel.fromConfig(tf.LayersModel, model as tf.serialization.ConfigDict);
    return new cls({ ...config, model: inner });
  }
}

tf.serialization.registerClass(Shared);

/** Returns the network that a layer wraps or is, if any. */
export const sharedIn = (layer: tf.layers.Layer): tf.LayersModel | undefined => {
  if (layer instanceof tf.LayersModel) return layer;
  return layer instanceof Shared ? layer.model : undefined;
};

const drops = (model: tf.LayersModel): boolean =>
  model.layers.some((layer) => layer instanceof Dropout || layer instanceof Shared);

/** Applies an existing network, whose weights are shared by all places. */
export const shared =
  (model: tf.LayersModel): Block =>
  (...xs) => {
    // The layer has the network's name, as if its layers stood here.
    const name = nextName(model.name);
    const layer = drops(model) ? new Shared({ name, model }) : model;
    return layer.apply(xs.length === 1 ? xs[0] : xs) as tf.SymbolicTensor;
  };
