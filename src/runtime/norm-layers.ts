/** Normalising layers: to mean 0 and variance 1 and, if affine, to a learnt scale and shift. */
import * as tf from "@tensorflow/tfjs";
import {
  type Block,
  type LayerConfig,
  layerBlock,
  requireInteger,
  type Shape,
  type Surroundings,
} from "./bases/layer.js";
import { type SizeOf, WeightedLayer } from "./bases/weighted-layer.js";
import { detach } from "./kernels/detach.js";
import { instanceNorm2d } from "./kernels/instance-norm.js";

interface NormOptions {
  /**
   * The numbers normalised together: the places of a channel, those in the whole batch, all numbers
   * of a sample, those of a place, or those of a group of its channels.
   */
  readonly over: keyof typeof standardize;
  /** How many groups of channels there are, where there are several. */
  readonly groups?: number;
  readonly epsilon: number;
  readonly affine: boolean;
  /** Whether it keeps running statistics of each channel, and goes by them outside of training. */
  readonly running?: boolean;
}

/** The mean and the unbiased variance of each channel over a batch; of a single number 0. */
const statisticsOf = (x: tf.Tensor): { mean: tf.Tensor; variance: tf.Tensor } =>
  tf.tidy(() => {
    const all = detach(x);
    const count = x.size / (x.shape[3] ?? 1);
    const mean = tf.mean(all, [0, 1, 2]);
    const biased = tf.mean(tf.square(tf.sub(all, mean)), [0, 1, 2]);
    return { mean, variance: tf.mul(biased, count / Math.max(count - 1, 1)) };
  });

/**
 * Standardisation by instance normalisation and its gradient: a batch is laid out as one image, a
 * sample or a group of its channels as one channel.
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
  place: (x: tf.Tensor4D, epsilon: number): tf.Tensor4D => {
    const [n, h, w, c] = x.shape;
    // The places as channels of one row.
    const exchanged = (t: tf.Tensor4D): tf.Tensor4D => tf.transpose(t, [0, 1, 3, 2]);
    const rows = exchanged(tf.reshape(x, [n, 1, h * w, c]));
    return tf.reshape(exchanged(instanceNorm2d(rows, epsilon)), x.shape);
  },
  group: (x: tf.Tensor4D, epsilon: number, groups: number): tf.Tensor4D => {
    const [n, h, w, c] = x.shape;
    // The groups as channels, and the channels of each along an axis of their own.
    const exchanged = (t: tf.Tensor4D): tf.Tensor4D => tf.transpose(t, [0, 1, 3, 2]);
    const grouped = exchanged(tf.reshape(x, [n, h * w, groups, c / groups]));
    return tf.reshape(exchanged(instanceNorm2d(grouped, epsilon)), x.shape);
  },
};

class Norm extends WeightedLayer<NormOptions> {
  static readonly className = "GancNorm";

  constructor(config: LayerConfig<NormOptions>) {
    super(config, ({ over, epsilon, affine, groups = 1, running = false }) => {
      if (!(epsilon > 0)) throw new RangeError(`epsilon is positive, not ${epsilon}`);
      const parted = requireInteger("groups", groups, 1) === 1 ? {} : { groups };
      return { over, epsilon, affine, ...parted, ...(running ? { running } : {}) };
    });
  }

  protected override resultShape(input: Shape): Shape {
    const { groups = 1 } = this.options;
    const [, , , channels] = input;
    if ((channels ?? 0) % groups !== 0)
      throw new RangeError(
        `${this.place}: ${channels} channels do not divide into ${groups} equal groups`,
      );
    return input;
  }

  protected override weightShapes(size: SizeOf): Record<string, number[]> {
    if (!this.options.affine) return {};
    const channels = size("number of channels");
    return { scale: [channels], shift: [channels] };
  }

  override get keepsStatistics(): boolean {
    return this.options.running === true;
  }

  protected override statisticShapes(size: SizeOf): Record<string, number[]> {
    if (!this.keepsStatistics) return {};
    const channels = size("number of channels");
    return { mean: [channels], variance: [channels] };
  }

  /** The numbers at mean 0 and variance 1: by what it keeps, or by the batch at hand. */
  private normalised(x: tf.Tensor4D, { application, isFrozen }: Surroundings): tf.Tensor4D {
    const { over, epsilon, groups = 1 } = this.options;
    if (this.keepsStatistics && (application === undefined || isFrozen === true))
      return tf.mul(
        tf.sub(x, this.weight("mean")),
        tf.rsqrt(tf.add(this.weight("variance"), epsilon)),
      );
    if (this.keepsStatistics && application !== undefined) this.note(application, statisticsOf(x));
    return standardize[over](x, epsilon, groups);
  }

  protected override compute(x: tf.Tensor4D, surroundings: Surroundings): tf.Tensor4D {
    const { affine } = this.options;
    const y = this.normalised(x, surroundings);
    return affine ? tf.add(tf.mul(y, this.weight("scale")), this.weight("shift")) : y;
  }
}

tf.serialization.registerClass(Norm);

export interface NormBlockOptions {
  /** Added to the variance; positive. Default 1e-5. */
  readonly epsilon?: number;
  /** Whether a learnt scale and shift of each channel follow. */
  readonly affine?: boolean;
}

/**
 * Makes instance normalisation (Ulyanov et al. 2016): each channel of each sample, with the biased
 * variance; not affine by default.
 */
export const instanceNorm = ({ epsilon = 1e-5, affine = false }: NormBlockOptions = {}): Block =>
  layerBlock("instance_norm", (name) => new Norm({ name, over: "instance", epsilon, affine }));

/**
 * Makes layer normalisation (Ba et al. 2016): all numbers of each sample together, or if pixelwise
 * the channels of each place, with the biased variance; not affine by default.
 */
export const layerNorm = ({
  epsilon = 1e-5,
  affine = false,
  pixelwise = false,
}: NormBlockOptions & { readonly pixelwise?: boolean } = {}): Block => {
  const over = pixelwise ? "place" : "layer";
  return layerBlock("layer_norm", (name) => new Norm({ name, over, epsilon, affine }));
};

/**
 * Makes group normalisation (Wu and He 2018): all numbers of each of `groups` equal groups of
 * channels of a sample, with the biased variance; affine by default.
 * @throws RangeError where the channels are not a multiple of the groups
 */
export const groupNorm = (
  groups: number,
  { epsilon = 1e-5, affine = true }: NormBlockOptions = {},
): Block =>
  layerBlock("group_norm", (name) => new Norm({ name, over: "group", groups, epsilon, affine }));

export interface BatchNormOptions extends NormBlockOptions {
  /**
   * Whether it keeps running statistics, moved by `training` and `moveStatistics`, and goes by them
   * elsewhere. Default false.
   */
  readonly running?: boolean;
}

/**
 * Makes batch normalisation (Ioffe and Szegedy 2015): each channel over the current batch, with the
 * biased variance, in training and, unless it keeps running statistics, in translation; affine by
 * default.
 */
export const batchNorm = ({
  epsilon = 1e-5,
  affine = true,
  running = false,
}: BatchNormOptions = {}): Block =>
  layerBlock("batch_norm", (name) => new Norm({ name, over: "batch", epsilon, affine, running }));
