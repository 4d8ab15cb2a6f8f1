/** Layers that know of places: what stands at each one, whatever comes in, and parts of images. */
import * as tf from "@tensorflow/tfjs";
import {
  type Block,
  ImageLayer,
  type LayerConfig,
  layerBlock,
  requireInteger,
  type Shape,
} from "./bases/layer.js";
import { WeightedLayer } from "./bases/weighted-layer.js";
import { forEachSample, placings } from "./kernels/places.js";

interface PlacingOptions {
  readonly by: keyof typeof placings;
  readonly of: Readonly<Record<string, number>>;
}

class Places extends ImageLayer<PlacingOptions> {
  static readonly className = "GancPlaces";

  constructor(config: LayerConfig<PlacingOptions>) {
    super(config, ({ by, of }) => ({ by, of }));
  }

  protected override resultShape([n, h, w, c]: Shape): Shape {
    const { by, of } = this.options;
    return [n ?? null, ...placings[by].sides([h ?? null, w ?? null, c ?? null], of)];
  }

  protected override compute(x: tf.Tensor4D): tf.Tensor4D {
    const { by, of } = this.options;
    return placings[by].value(x, of);
  }
}

interface LearntOptions {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly zero: boolean;
}

class Learnt extends WeightedLayer<LearntOptions> {
  static readonly className = "GancLearnt";

  constructor(config: LayerConfig<LearntOptions>) {
    super(config, ({ height, width, channels, zero = false }) => ({
      height: requireInteger("height", height, 1),
      width: requireInteger("width", width, 1),
      channels: requireInteger("channels", channels, 1),
      zero,
    }));
  }

  /** The name of what begins as 0, or of what is drawn. */
  private get parameter(): string {
    return this.options.zero ? "gain" : "constant";
  }

  protected override resultShape([n]: Shape): Shape {
    const { height, width, channels } = this.options;
    return [n ?? null, height, width, channels];
  }

  protected override weightShapes(): Record<string, number[]> {
    const { height, width, channels } = this.options;
    return { [this.parameter]: [height, width, channels] };
  }

  protected override compute(x: tf.Tensor4D): tf.Tensor4D {
    return forEachSample(x, tf.expandDims(this.weight<tf.Tensor3D>(this.parameter), 0));
  }
}

tf.serialization.registerClass(Places);
tf.serialization.registerClass(Learnt);

/**
 * The same learnt numbers [height, width, channels] for every sample, whatever comes in. With
 * `zero` they are to begin as 0.
 */
export const learnt = (
  height: number,
  width: number,
  channels: number,
  { zero = false }: { readonly zero?: boolean } = {},
): Block => layerBlock("learnt", (name) => new Learnt({ name, height, width, channels, zero }));

const placing = (kind: string, by: PlacingOptions["by"], of: PlacingOptions["of"] = {}): Block =>
  layerBlock(kind, (name) => new Places({ name, by, of }));

/** The row and the column of each place, from -1 to 1, whatever comes in: [n, h, w, 2]. */
export const coordinates = (): Block => placing("coordinates", "coordinates");

/**
 * Sines and cosines of each place's row, in the first half of the channels, and column (Vaswani et
 * al. 2017), whatever comes in. The channels are a multiple of 4.
 */
export const sinusoids = (): Block => placing("sinusoids", "sinusoids");

/** Takes `count` channels, from `first` on. */
export const takeChannels = (first: number, count: number): Block =>
  placing("take_channels", "takeChannels", { first, count });

/** Takes a rectangle of `height` by `width` pixels, which is a square unless given. */
export const crop = (
  top: number,
  left: number,
  height: number,
  { width = height }: { readonly width?: number } = {},
): Block => placing("crop", "crop", { top, left, height, width });

/** Divides the channels of each place by the root of their mean square (Karras et al. 2018). */
export const pixelNorm = ({ epsilon = 1e-8 }: { readonly epsilon?: number } = {}): Block =>
  placing("pixel_norm", "pixelNorm", { epsilon });
