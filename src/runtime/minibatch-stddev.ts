/** How much the samples of a batch differ, for discriminators (Karras et al. 2018). */
import * as tf from "@tensorflow/tfjs";
import {
  type Block,
  ImageLayer,
  type LayerConfig,
  layerBlock,
  requireInteger,
  type Shape,
} from "./bases/layer.js";

interface MinibatchStddevOptions {
  readonly group: number;
}

/** Keeps the slope of the root finite where all samples are alike. */
const least = 1e-8;

class MinibatchStddev extends ImageLayer<MinibatchStddevOptions> {
  static readonly className = "GancMinibatchStddev";

  constructor(config: LayerConfig<MinibatchStddevOptions>) {
    super(config, ({ group }) => ({ group: requireInteger("group", group, 1) }));
  }

  protected override resultShape([n, h, w, c]: Shape): Shape {
    return [n ?? null, h ?? null, w ?? null, c == null ? null : c + 1];
  }

  protected override compute(x: tf.Tensor4D): tf.Tensor4D {
    const [n, h, w, c] = x.shape;
    let group = Math.min(this.options.group, n);
    while (n % group !== 0) group--;
    const parted = tf.reshape(x, [group, n / group, h * w * c]);
    const away = tf.sub(parted, tf.mean(parted, 0, true));
    const spread = tf.sqrt(tf.add(tf.mean(tf.square(away), 0), least));
    const told = tf.reshape(tf.mean(spread, 1), [1, n / group, 1]);
    const channel = tf.broadcastTo(told, [group, n / group, h * w]);
    return tf.concat([x, tf.reshape(channel, [n, h, w, 1])], 3) as tf.Tensor4D;
  }
}

tf.serialization.registerClass(MinibatchStddev);

/**
 * Adds a channel that tells how much the samples of a group differ: the mean over all numbers of
 * their standard deviations over the group. Where `group` does not divide the batch, groups are of
 * the next smaller number that does.
 */
export const minibatchStddev = (group = 4): Block =>
  layerBlock("minibatch_stddev", (name) => new MinibatchStddev({ name, group }));
