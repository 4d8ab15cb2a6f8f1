/** The common base of this runtime's layers, and the blocks that make them. */
import * as tf from "@tensorflow/tfjs";
import { type Axis, bothOf, type Sides } from "../kernels/sides.js";
import type { Masks } from "./chance.js";
import { layerName, nextName, placeOf } from "./naming.js";

/**
 * A piece of a network. Applied to one or more symbolic tensors, it creates its layers and returns
 * their output.
 */
export type Block = (x: tf.SymbolicTensor, ...others: tf.SymbolicTensor[]) => tf.SymbolicTensor;

/** The context that a network passes to its layers and nested networks when it is applied. */
export interface Surroundings {
  /** Masks for dropout; missing if nothing is dropped. */
  readonly masks?: Masks;
  /**
   * In training, the application's name: layers that keep statistics go by the batch at hand, and
   * note what they see of it under that name. Missing where they go by what they keep.
   */
  readonly application?: string;
  /** Networks that go by their statistics in training too. */
  readonly frozen?: readonly string[];
  /** Whether the network is one of them. */
  readonly isFrozen?: boolean;
}

/** The surroundings of a network within those given. */
export const surroundingsOf = (network: string, given: Surroundings): Surroundings =>
  given.frozen?.includes(network) === true ? { ...given, isFrozen: true } : given;

/** Name of the layer, and the options of its class. */
export type LayerConfig<Options> = Options & { readonly name?: string };

/** A shape with the batch first; `null` for an open size. */
export type Shape = readonly (number | null)[];

type ShapeOf = (number | null)[];

/**
 * A layer with one output and one input, or one and others beside it, all [n, h, w, c], that is
 * saved as its options.
 */
export abstract class ImageLayer<Options extends object> extends tf.layers.Layer {
  protected readonly options: Options;

  constructor({ name, ...rest }: LayerConfig<Options>, options: (rest: Options) => Options) {
    super(name === undefined ? {} : { name });
    this.options = options(rest as unknown as Options);
  }

  /** Place in its network: `R_3.conv_2`. */
  protected get place(): string {
    return placeOf(this.name);
  }

  /** Returns the shape of the output for an input of four axes. */
  protected abstract resultShape(input: Shape): Shape;

  protected abstract compute(
    x: tf.Tensor4D,
    surroundings: Surroundings,
    others: readonly tf.Tensor4D[],
  ): tf.Tensor4D;

  override computeOutputShape(input: ShapeOf | ShapeOf[]): ShapeOf {
    const shape = (Array.isArray(input[0]) ? input[0] : input) as ShapeOf;
    if (shape.length !== 4)
      throw new RangeError(`${this.place}: expected [n, h, w, c], got [${shape}]`);
    const output = this.resultShape(shape);
    const wrong = output.find((size) => size !== null && size < 1);
    if (wrong !== undefined) {
      throw new RangeError(
        `${this.place}: [${shape}] is too small, the result would be [${output}]`,
      );
    }
    return [...output];
  }

  override call(inputs: tf.Tensor | tf.Tensor[], surroundings: Surroundings): tf.Tensor {
    const [x, ...others] = (Array.isArray(inputs) ? inputs : [inputs]) as tf.Tensor4D[];
    return tf.tidy(() => this.compute(x as tf.Tensor4D, surroundings, others));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), ...this.options } as tf.serialization.ConfigDict;
  }
}

/**
 * Makes a block that applies a new layer named by its place. `kind` is the layer's name in the
 * language.
 */
export const layerBlock =
  (kind: string, make: (name: string) => tf.layers.Layer): Block =>
  (x, ...others) =>
    make(layerName(nextName(kind))).apply(
      others.length === 0 ? x : distinct([x, ...others]),
    ) as tf.SymbolicTensor;

/**
 * Copies repeated tensors. tfjs-layers counts the layers that read a tensor but decrements for each
 * use: it would dispose the x of add(x, x) before a third use.
 */
export const distinct = (xs: tf.SymbolicTensor[]): tf.SymbolicTensor[] =>
  xs.map((x, i) => (xs.indexOf(x) < i ? copy(x) : x));

const copy = (x: tf.SymbolicTensor): tf.SymbolicTensor =>
  tf.layers
    .activation({ activation: "linear", name: nextName("copy") })
    .apply(x) as tf.SymbolicTensor;

/** Applies `f` to height and width, axes 0 and 1; an open size stays open. */
export const mapSpatial = (
  [n, h, w]: Shape,
  channels: number | null,
  f: (size: number, axis: Axis) => number,
): Shape => {
  const apply = (size: number | null | undefined, axis: Axis): number | null =>
    size == null ? null : f(size, axis);
  return [n ?? null, apply(h, 0), apply(w, 1), channels];
};

/**
 * Returns `value`, an integer of at least `least`.
 * @throws RangeError if it is not
 */
export function requireInteger(what: string, value: number, least: number): number {
  if (!Number.isInteger(value) || value < least) {
    throw new RangeError(`${what} is an integer of at least ${least}, not ${value}`);
  }
  return value;
}

/**
 * Returns `value`, an integer of at least `least`, or two for height and width.
 * @throws RangeError if it is not
 */
export function requireSides(what: string, value: Sides, least: number): Sides {
  for (const one of bothOf(value)) requireInteger(what, one, least);
  return value;
}
