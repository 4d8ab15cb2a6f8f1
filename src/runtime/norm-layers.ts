/** Normalising layers: values to mean 0 and variance 1, and where they are affine by a learnt scale and shift to others. */
import * as tf from "@tensorflow/tfjs";
import { instanceNorm2d } from "./instance-norm.js";
import { type Block, type LayerConfig, layerBlock, type Shape } from "./layer.js";
import { type SizeOf, WeightedLayer } from "./weighted-layer.js";

interface NormOptions {
  /** What is normalised together: the places of a channel, or those in the whole batch, or all numbers of a sample. */
  readonly over: keyof typeof standardize;
  readonly epsilon: number;
  readonly affine: boolean;
}

/**
 * All three are instance normalisation, and have its gradient: of a batch laid out as one image, and of a sample laid
 * out as one channel.
 */
const standardize = {
  instance: instanceNorm2d,
  batch: (x: tf.Tensor4D, epsilon: number): tf.Tensor4D => {
    const [n, h, w, c] = x.shape;
    return tf.reshape(instanceNorm2d(tf.reshape(x, [1, n * h, w, c]), epsilon), x.shape);
  },
  layer: (x: tf.Tensor4D, epsilon: number): tf.Tensor4D => {
    const [n, h, w, c] = x.shape;
    return tf.reshape(instanceNorm2d(tf.reshape(x, [n, h, w * c, 1]), epsilon), x.shape);
  },
};

class Norm extends WeightedLayer<NormOptions> {
  static readonly className = "GancNorm";

  constructor(config: LayerConfig<NormOptions>) {
    super(config, ({ over, epsilon, affine }) => {
      if (!(epsilon > 0)) throw new RangeError(`epsilon is positive, not ${epsilon}`);
      return { over, epsilon, affine };
    });
  }

  protected override resultShape(input: Shape): Shape {
    return input;
  }

  protected override weightShapes(size: SizeOf): Record<string, number[]> {
    if (!this.options.affine) return {};
    const channels = size("number of channels");
    return { scale: [channels], shift: [channels] };
  }

  protected override compute(x: tf.Tensor4D): tf.Tensor4D {
    const { over, epsilon, affine } = this.options;
    const y = standardize[over](x, epsilon);
    return affine ? tf.add(tf.mul(y, this.weight("scale")), this.weight("shift")) : y;
  }
}

tf.serialization.registerClass(Norm);

export interface NormBlockOptions {
  /** Added to the variance; positive, 1e-5 unless given. */
  readonly epsilon?: number;
  /** Whether a learnt scale and shift of each channel follow. */
  readonly affine?: boolean;
}

/**
 * Instance normalisation (Ulyanov et al. 2016): each channel of each sample, with the biased variance; without affine
 * parameters unless asked for.
 */
export const instanceNorm = ({ epsilon = 1e-5, affine = false }: NormBlockOptions = {}): Block =>
  layerBlock("instance_norm", (name) => new Norm({ name, over: "instance", epsilon, affine }));

/**
 * Layer normalisation (Ba et al. 2016): all numbers of each sample together, with the biased variance; without affine
 * parameters unless asked for.
 */
export const layerNorm = ({ epsilon = 1e-5, affine = false }: NormBlockOptions = {}): Block =>
  layerBlock("layer_norm", (name) => new Norm({ name, over: "layer", epsilon, affine }));

/**
 * Batch normalisation (Ioffe and Szegedy 2015): each channel over the batch at hand, in training and translation alike,
 * with the biased variance; affine unless told otherwise.
 */
export const batchNorm = ({ epsilon = 1e-5, affine = true }: NormBlockOptions = {}): Block =>
  layerBlock("batch_norm", (name) => new Norm({ name, over: "batch", epsilon, affine }));
