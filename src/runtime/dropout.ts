/** Dropout by masks that the host draws. */
import * as tf from "@tensorflow/tfjs";
import {
  type Block,
  ImageLayer,
  type LayerConfig,
  layerBlock,
  type Shape,
  type Surroundings,
} from "./bases/layer.js";

export class Dropout extends ImageLayer<{ readonly rate: number }> {
  static readonly className = "GancDropout";

  constructor(config: LayerConfig<{ readonly rate: number }>) {
    super(config, ({ rate }) => {
      if (!(rate >= 0 && rate < 1)) throw new RangeError(`rate is in [0, 1), not ${rate}`);
      return { rate };
    });
  }

  protected override resultShape(input: Shape): Shape {
    return input;
  }

  protected override compute(x: tf.Tensor4D, { masks }: Surroundings): tf.Tensor4D {
    if (masks === undefined) return x.clone();
    const { rate } = this.options;
    const [n, h, w, c] = x.shape;
    const uniform = tf.tensor(masks(this.place, x.size), [n, c, h, w]);
    const kept = tf.cast(tf.greater(tf.transpose(uniform, [0, 2, 3, 1]), rate), "float32");
    return tf.mul(x, tf.mul(kept, 1 / (1 - rate)));
  }
}

tf.serialization.registerClass(Dropout);

/**
 * Makes dropout: each number becomes 0 with probability `rate`, in [0, 1), else it is divided by 1
 * - rate (Srivastava et al. 2014). It acts only where `dropping` applies the network.
 */
export const dropout = (rate = 0.5): Block =>
  layerBlock("dropout", (name) => new Dropout({ name, rate }));
