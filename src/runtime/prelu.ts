/** A rectifier whose slope is learnt (He et al. 2015). */
import * as tf from "@tensorflow/tfjs";
import { type Block, type LayerConfig, layerBlock, type Shape } from "./bases/layer.js";
import { type SizeOf, WeightedLayer } from "./bases/weighted-layer.js";
import { leakyReluOf } from "./kernels/activations.js";

interface PreluOptions {
  readonly shared: boolean;
}

class Prelu extends WeightedLayer<PreluOptions> {
  static readonly className = "GancPrelu";

  constructor(config: LayerConfig<PreluOptions>) {
    super(config, ({ shared }) => ({ shared }));
  }

  protected override resultShape(input: Shape): Shape {
    return input;
  }

  protected override weightShapes(size: SizeOf): Record<string, number[]> {
    return { slope: [this.options.shared ? 1 : size("number of channels")] };
  }

  /** Computes the negative part as a difference: its derivative at 0 is 1, as PyTorch has it. */
  protected override compute(x: tf.Tensor4D): tf.Tensor4D {
    const positive = leakyReluOf(x, 0);
    return tf.add(positive, tf.mul(tf.sub(x, positive), this.weight("slope")));
  }
}

tf.serialization.registerClass(Prelu);

/**
 * Computes x where it is positive, a learnt slope times x elsewhere. All channels share one slope,
 * or each has its own. Slopes begin at 0.25.
 */
export const prelu = ({ shared = true }: { readonly shared?: boolean } = {}): Block =>
  layerBlock("prelu", (name) => new Prelu({ name, shared }));
