/** A convolution whose filters follow a style (Karras et al. 2020, StyleGAN2). */
import * as tf from "@tensorflow/tfjs";
import {
  type Block,
  type LayerConfig,
  layerBlock,
  mapSpatial,
  requireInteger,
  type Shape,
  type Surroundings,
} from "./bases/layer.js";
import { type SizeOf, WeightedLayer } from "./bases/weighted-layer.js";
import { biasAdd, conv2d, convSize } from "./kernels/conv.js";

interface ModulatedOptions {
  readonly kernel: number;
  readonly filters: number;
  readonly stride: number;
  readonly pad: number;
  readonly demodulate: boolean;
  readonly bias: boolean;
}

/** What is added to the sum of squares under the root. */
const least = 1e-8;

class ModulatedConv extends WeightedLayer<ModulatedOptions> {
  static readonly className = "GancModulatedConv";

  constructor(config: LayerConfig<ModulatedOptions>) {
    super(config, ({ kernel, filters, stride, pad, demodulate, bias }) => ({
      kernel: requireInteger("kernel", kernel, 1),
      filters: requireInteger("filters", filters, 1),
      stride: requireInteger("stride", stride, 1),
      pad: requireInteger("pad", pad, 0),
      demodulate,
      bias,
    }));
  }

  protected override resultShape(input: Shape): Shape {
    const { kernel, filters } = this.options;
    return mapSpatial(input, filters, (size, axis) => convSize(size, kernel, this.options, axis));
  }

  protected override weightShapes(size: SizeOf): Record<string, number[]> {
    const { kernel, filters, bias } = this.options;
    const weight = [kernel, kernel, size("number of channels"), filters];
    return bias ? { weight, bias: [filters] } : { weight };
  }

  protected override compute(
    x: tf.Tensor4D,
    _: Surroundings,
    [s]: readonly tf.Tensor4D[],
  ): tf.Tensor4D {
    if (s === undefined) throw new RangeError(`${this.place}: there is no style`);
    const { filters, demodulate, bias } = this.options;
    const weight = this.weight<tf.Tensor4D>("weight");
    const made = conv2d(tf.mul(x, s), weight, this.options);
    const y = demodulate ? tf.mul(made, this.shrinking(s, weight, filters)) : made;
    return (bias ? biasAdd(y as tf.Tensor4D, this.weight("bias")) : y) as tf.Tensor4D;
  }

  /** One over the length of each filter, scaled by the style, [n, 1, 1, filters]. */
  private shrinking(s: tf.Tensor4D, weight: tf.Tensor4D, filters: number): tf.Tensor {
    const [n, , , channels] = s.shape;
    const squares = tf.sum(tf.square(weight), [0, 1]) as tf.Tensor2D;
    const lengths = tf.matMul(tf.reshape(tf.square(s), [n, channels]) as tf.Tensor2D, squares);
    return tf.reshape(tf.rsqrt(tf.add(lengths, least)), [n, 1, 1, filters]);
  }
}

tf.serialization.registerClass(ModulatedConv);

/**
 * Makes a convolution of x [n, h, w, c] and a style s [n, 1, 1, c]: for each sample the weights
 * [kernel, kernel, c, filters] of each channel are multiplied by its number in s, and each filter
 * is divided by the root of the sum of its squares plus 1e-8, unless told otherwise.
 */
export const modulatedConv = (
  kernel: number,
  filters: number,
  {
    stride = 1,
    pad = 0,
    demodulate = true,
    bias = true,
  }: Partial<Omit<ModulatedOptions, "kernel" | "filters">> = {},
): Block =>
  layerBlock(
    "modulated_conv",
    (name) => new ModulatedConv({ name, kernel, filters, stride, pad, demodulate, bias }),
  );
