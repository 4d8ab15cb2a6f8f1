/** Layers between images and vectors. A vector of n is an image [batch, 1, 1, n]. */
import * as tf from "@tensorflow/tfjs";
import {
  type Block,
  ImageLayer,
  type LayerConfig,
  layerBlock,
  mapSpatial,
  requireInteger,
  type Shape,
} from "./bases/layer.js";
import { type SizeOf, WeightedLayer } from "./bases/weighted-layer.js";

interface DenseOptions {
  readonly units: number;
  readonly bias: boolean;
}

class Dense extends WeightedLayer<DenseOptions> {
  static readonly className = "GancDense";

  constructor(config: LayerConfig<DenseOptions>) {
    super(config, ({ units, bias }) => ({ units: requireInteger("units", units, 1), bias }));
  }

  protected override resultShape([n]: Shape): Shape {
    return [n ?? null, 1, 1, this.options.units];
  }

  protected override weightShapes(size: SizeOf): Record<string, number[]> {
    const { units, bias } = this.options;
    const count = size("height") * size("width") * size("number of channels");
    return { weight: [count, units], ...(bias ? { bias: [units] } : {}) };
  }

  protected override compute(x: tf.Tensor4D): tf.Tensor4D {
    const weight = this.weight<tf.Tensor2D>("weight");
    const [count, units] = weight.shape;
    const y = tf.matMul(tf.reshape(x, [-1, count]), weight);
    const sum = this.options.bias ? tf.add(y, this.weight("bias")) : y;
    return tf.reshape(sum, [-1, 1, 1, units]);
  }
}

/** Counts the numbers of a sample; `null` if a size is open. */
const count = ([, ...sides]: Shape): number | null =>
  sides.reduce<number | null>((a, b) => (a === null || b === null ? null : a * b), 1);

class Flatten extends ImageLayer<object> {
  static readonly className = "GancFlatten";

  constructor(config: LayerConfig<object>) {
    super(config, () => ({}));
  }

  protected override resultShape(input: Shape): Shape {
    return [input[0] ?? null, 1, 1, count(input)];
  }

  protected override compute(x: tf.Tensor4D): tf.Tensor4D {
    const [, height, width, channels] = x.shape;
    return tf.reshape(x, [-1, 1, 1, height * width * channels]);
  }
}

interface Sides {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

class Reshape extends ImageLayer<Sides> {
  static readonly className = "GancReshape";

  constructor(config: LayerConfig<Sides>) {
    super(config, ({ height, width, channels }) => ({
      height: requireInteger("height", height, 1),
      width: requireInteger("width", width, 1),
      channels: requireInteger("channels", channels, 1),
    }));
  }

  protected override resultShape(input: Shape): Shape {
    const { height, width, channels } = this.options;
    const output = [input[0] ?? null, height, width, channels];
    const given = count(input);
    if (given !== null && given !== count(output))
      throw new RangeError(`${this.place}: ${given} numbers do not fill [${output.slice(1)}]`);
    return output;
  }

  protected override compute(x: tf.Tensor4D): tf.Tensor4D {
    const { height, width, channels } = this.options;
    return tf.reshape(x, [-1, height, width, channels]);
  }
}

class GlobalAvgPool extends ImageLayer<object> {
  static readonly className = "GancGlobalAvgPool";

  constructor(config: LayerConfig<object>) {
    super(config, () => ({}));
  }

  protected override resultShape([n, , , channels]: Shape): Shape {
    return [n ?? null, 1, 1, channels ?? null];
  }

  protected override compute(x: tf.Tensor4D): tf.Tensor4D {
    return tf.mean(x, [1, 2], true);
  }
}

class PixelShuffle extends ImageLayer<{ readonly factor: number }> {
  static readonly className = "GancPixelShuffle";

  constructor(config: LayerConfig<{ readonly factor: number }>) {
    super(config, ({ factor }) => ({ factor: requireInteger("factor", factor, 1) }));
  }

  protected override resultShape(input: Shape): Shape {
    const { factor } = this.options;
    const channels = input[3] ?? null;
    if (channels !== null && channels % factor ** 2 !== 0)
      throw new RangeError(`${this.place}: ${channels} channels are no squares of ${factor}`);
    const out = channels === null ? null : channels / factor ** 2;
    return mapSpatial(input, out, (size) => size * factor);
  }

  protected override compute(x: tf.Tensor4D): tf.Tensor4D {
    const { factor } = this.options;
    const [n, h, w, c] = x.shape;
    const out = c / factor ** 2;
    const squares = tf.transpose(tf.reshape(x, [n, h, w, out, factor, factor]), [0, 1, 4, 2, 5, 3]);
    return tf.reshape(squares, [n, h * factor, w * factor, out]);
  }
}

for (const layer of [Dense, Flatten, Reshape, GlobalAvgPool, PixelShuffle]) {
  tf.serialization.registerClass(layer);
}

/**
 * Makes a dense layer: every number of a sample, weighted, into each of `units` channels: [n, h, w,
 * c] to [n, 1, 1, units]. The weight is [h w c, units], with rows in the order of the pixels, so h
 * and w must not be open; with a bias by default.
 */
export const dense = (units: number, { bias = true }: { readonly bias?: boolean } = {}): Block =>
  layerBlock("dense", (name) => new Dense({ name, units, bias }));

/**
 * Makes a learnt vector for each class from one-hot vectors: [n, 1, 1, classes] to [n, 1, 1,
 * units].
 */
export const embedding = (units: number): Block =>
  layerBlock("embedding", (name) => new Dense({ name, units, bias: false }));

/** Flattens a sample to channels, row by row: [n, h, w, c] to [n, 1, 1, h w c]. */
export const flatten = (): Block => layerBlock("flatten", (name) => new Flatten({ name }));

/** Reshapes a sample to [height, width, channels], keeping the order of its numbers. */
export const reshape = (height: number, width: number, channels: number): Block =>
  layerBlock("reshape", (name) => new Reshape({ name, height, width, channels }));

/** Averages each channel: [n, h, w, c] to [n, 1, 1, c]. */
export const globalAvgPool = (): Block =>
  layerBlock("global_avg_pool", (name) => new GlobalAvgPool({ name }));

/**
 * Moves channels into pixels (Shi et al. 2016): [n, h, w, c factor^2] to [n, h factor, w factor,
 * c]. As in PyTorch, channel k factor^2 + i factor + j is row i and column j of each square of
 * channel k.
 */
export const pixelShuffle = (factor: number): Block =>
  layerBlock("pixel_shuffle", (name) => new PixelShuffle({ name, factor }));
