/** Networks nested in networks. */
import * as tf from "@tensorflow/tfjs";
import { type Block, type Surroundings, surroundingsOf } from "./bases/layer.js";
import { nextName } from "./bases/naming.js";
import { WeightedLayer } from "./bases/weighted-layer.js";
import { Dropout } from "./dropout.js";

type ShapeOf = (number | null)[];

/**
 * A place of a nested network that drops or keeps statistics: it shares the network's weights, but
 * has masks of its own, and is an application of its own.
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
    const { masks, application, frozen = [] } = surroundings;
    const inner: Surroundings = {
      ...(masks === undefined
        ? {}
        : { masks: (path, count) => masks(`${this.name}.${path}`, count) }),
      ...(application === undefined ? {} : { application: `${application}/${this.name}`, frozen }),
    };
    return this.model.apply(inputs, { ...surroundingsOf(this.model.name, inner) }) as tf.Tensor;
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

/** Tells whether a layer does otherwise in training than elsewhere. */
const isOfTraining = (layer: tf.layers.Layer): boolean =>
  layer instanceof Dropout ||
  layer instanceof Shared ||
  (layer instanceof WeightedLayer && layer.keepsStatistics);

/** Applies an existing network, whose weights are shared by all places. */
export const shared =
  (model: tf.LayersModel): Block =>
  (...xs) => {
    // The layer has the network's name, as if its layers stood here.
    const name = nextName(model.name);
    const layer = model.layers.some(isOfTraining) ? new Shared({ name, model }) : model;
    return layer.apply(xs.length === 1 ? xs[0] : xs) as tf.SymbolicTensor;
  };
