/** Layers that own parameters. */
import * as tf from "@tensorflow/tfjs";
import { ImageLayer } from "./layer.js";

type Weight = ReturnType<tf.layers.Layer["addWeight"]>;
type OpenShape = (number | null)[];

/** A size that a weight's shape is made of: weights have no open sizes. */
type Side = "height" | "width" | "number of channels";

/** Sizes of a layer's input. */
export type SizeOf = (side: Side) => number;

/** Parameters are created as zeros: `initialise` gives them their values. */
export abstract class WeightedLayer<Options extends object> extends ImageLayer<Options> {
  private readonly held = new Map<string, Weight>();

  /**
   * The parameters' shapes by name, in the order in which they are saved.
   * @throws RangeError when `size` is asked for what is open
   */
  protected abstract weightShapes(size: SizeOf): Readonly<Record<string, number[]>>;

  override build(input: OpenShape | OpenShape[]): void {
    const [, height, width, channels] = (Array.isArray(input[0]) ? input[0] : input) as OpenShape;
    const sides = { height, width, "number of channels": channels };
    const size: SizeOf = (side) => {
      const value = sides[side];
      if (value == null) throw new RangeError(`${this.name}: the ${side} is open`);
      return value;
    };
    for (const [name, shape] of Object.entries(this.weightShapes(size)))
      this.held.set(name, this.addWeight(name, shape, "float32", tf.initializers.zeros()));
    this.built = true;
  }

  protected weight<T extends tf.Tensor>(name: string): T {
    const weight = this.held.get(name);
    if (weight === undefined) throw new Error(`${this.name} has no ${name}`);
    return weight.read() as T;
  }
}
