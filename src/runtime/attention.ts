/** Attention over the places of an image (Zhang et al. 2019, SAGAN; Vaswani et al. 2017). */
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
import { attention2d } from "./kernels/attention.js";

class SelfAttention extends WeightedLayer<object> {
  static readonly className = "GancSelfAttention";

  constructor(config: LayerConfig<object>) {
    super(config, () => ({}));
  }

  protected override resultShape(input: Shape): Shape {
    return input;
  }

  protected override weightShapes(size: SizeOf): Record<string, number[]> {
    const channels = size("number of channels");
    const narrow = Math.max(1, Math.floor(channels / 8));
    return {
      query: [channels, narrow],
      key: [channels, narrow],
      value: [channels, channels],
      gain: [1],
    };
  }

  protected override compute(x: tf.Tensor4D): tf.Tensor4D {
    const [n, h, w, c] = x.shape;
    const rows = tf.reshape(x, [n * h * w, c]);
    /** Projects each place to [n, h w, channels]. */
    const of = (name: string): tf.Tensor3D => {
      const weight = this.weight<tf.Tensor2D>(name);
      return tf.reshape(tf.matMul(rows, weight), [n, h * w, weight.shape[1]]);
    };
    const seen = tf.softmax(tf.matMul(of("query"), of("key"), false, true));
    const image = tf.reshape(tf.matMul(seen, of("value")), x.shape);
    return tf.add(x, tf.mul(image, this.weight("gain")));
  }
}

tf.serialization.registerClass(SelfAttention);

/**
 * Adds to each place gain times a mean of all places' values, weighted by the softmax of its query
 * with their keys. Queries and keys have an eighth of the channels. The weights are query, key,
 * value and gain, which begins at 0.
 */
export const selfAttention = (): Block =>
  layerBlock("self_attention", (name) => new SelfAttention({ name }));

const names = ["query", "key", "value", "out"] as const;

interface AttentionOptions {
  readonly heads: number;
  readonly bias: boolean;
}

class Attention extends WeightedLayer<AttentionOptions> {
  static readonly className = "GancAttention";

  constructor(config: LayerConfig<AttentionOptions>) {
    super(config, ({ heads, bias }) => ({ heads: requireInteger("heads", heads, 1), bias }));
  }

  protected override resultShape(input: Shape): Shape {
    const { heads } = this.options;
    const [, , , channels] = input;
    if ((channels ?? 0) % heads !== 0)
      throw new RangeError(
        `${this.place}: ${channels} channels do not divide among ${heads} heads`,
      );
    return input;
  }

  protected override weightShapes(x: SizeOf, y = x): Record<string, number[]> {
    const [channels, seen] = [x("number of channels"), y("number of channels")];
    const [own, others] = [
      [channels, channels],
      [seen, channels],
    ];
    const weights = { query: own, key: others, value: others, out: own };
    return this.options.bias ? { ...weights, bias: [3 * channels], shift: [channels] } : weights;
  }

  protected override compute(
    x: tf.Tensor4D,
    _: Surroundings,
    [y = x]: readonly tf.Tensor4D[],
  ): tf.Tensor4D {
    const { heads, bias } = this.options;
    const weights = names.map((name) => this.weight<tf.Tensor2D>(name));
    const added = bias ? [this.weight<tf.Tensor1D>("bias"), this.weight<tf.Tensor1D>("shift")] : [];
    return attention2d(x, y, heads, weights, added);
  }
}

tf.serialization.registerClass(Attention);

/**
 * Multi-head self-attention over places, as PyTorch's MultiheadAttention computes it. `heads`
 * divides the channels. The weights are query, key, value and out, [c, c], and unless told
 * otherwise bias [3 c] of the first three and shift [c] of the last.
 */
export const attention = (
  heads: number,
  { bias = true }: { readonly bias?: boolean } = {},
): Block => layerBlock("attention", (name) => new Attention({ name, heads, bias }));

/**
 * The same with queries of the places of x, and keys and values of those of a second image y. Key
 * and value are [y's channels, c].
 */
export const crossAttention = (
  heads: number,
  { bias = true }: { readonly bias?: boolean } = {},
): Block => layerBlock("cross_attention", (name) => new Attention({ name, heads, bias }));
