/** Layers that own parameters. */
import * as tf from "@tensorflow/tfjs";
import { type Equalized, equalizedFactor } from "../../parameters/equalized.js";
import { equalizedNow } from "./equalized.js";
import { ImageLayer, type LayerConfig } from "./layer.js";
import { isInSpectralNorm, normalise, type Spectral } from "./spectral.js";

type Weight = ReturnType<tf.layers.Layer["addWeight"]>;
type OpenShape = (number | null)[];

/** A size in a weight's shape, which must not be open. */
type Side = "height" | "width" | "number of channels";

/** Returns sizes of one of a layer's inputs. */
export type SizeOf = (side: Side) => number;

/**
 * The weight that spectral normalisation divides, and the vector that it keeps besides the
 * parameters.
 */
const divided = "weight";
const vector = "weight.u";

/** A layer with parameters. They are created as zeros; `initialise` sets their values. */
export abstract class WeightedLayer<Options extends object> extends ImageLayer<Options> {
  private readonly held = new Map<string, Weight>();
  /** Statistics noted since they last moved, by application; each by name. */
  private readonly noted = new Map<string, tf.NamedTensorMap>();
  /** Of those held, the parameters. */
  private readonly learnt = new Set<string>();
  private readonly isSpectral: boolean;
  private readonly equalized: Equalized | undefined;

  constructor(
    {
      isSpectral = isInSpectralNorm(),
      equalized = equalizedNow(),
      ...config
    }: { readonly isSpectral?: boolean; readonly equalized?: Equalized } & LayerConfig<Options>,
    options: (rest: Options) => Options,
  ) {
    super(config as LayerConfig<Options>, options);
    this.isSpectral = isSpectral;
    this.equalized = equalized;
  }

  /**
   * Returns the parameters' shapes by name, in the order in which they are saved.
   * @throws RangeError if `size` is asked for an open size
   */
  protected abstract weightShapes(
    size: SizeOf,
    ...others: readonly SizeOf[]
  ): Readonly<Record<string, number[]>>;

  /** Returns the shapes of the statistics that it keeps without learning them. */
  protected statisticShapes(_size: SizeOf): Readonly<Record<string, number[]>> {
    return {};
  }

  /** Tells whether it keeps statistics of what passes in training. */
  get keepsStatistics(): boolean {
    return false;
  }

  override build(input: OpenShape | OpenShape[]): void {
    const inputs = (Array.isArray(input[0]) ? input : [input]) as OpenShape[];
    const [size, ...others] = inputs.map((shape) => this.sizesOf(shape)) as [SizeOf, ...SizeOf[]];
    const shapes = this.weightShapes(size, ...others);
    for (const [name, shape] of Object.entries(shapes)) this.hold(name, shape);
    const weight = shapes[divided];
    for (const [name, shape] of Object.entries(this.statisticShapes(size)))
      this.hold(name, shape, false);
    if (this.isSpectral && weight !== undefined)
      this.hold(vector, [weight[this.outputAxis(weight.length)] as number], false);
    this.built = true;
  }

  private sizesOf([, height, width, channels]: OpenShape): SizeOf {
    const sides = { height, width, "number of channels": channels };
    return (side) => {
      const value = sides[side];
      if (value == null) throw new RangeError(`${this.place}: the ${side} is open`);
      return value;
    };
  }

  private hold(name: string, shape: number[], isLearnt = true): void {
    if (isLearnt) this.learnt.add(name);
    const zeros = tf.initializers.zeros();
    this.held.set(name, this.addWeight(name, shape, "float32", zeros, undefined, isLearnt));
  }

  /** Returns the axis of the weight that counts the layer's outputs. */
  protected outputAxis(rank: number): number {
    return rank - 1;
  }

  protected weight<T extends tf.Tensor>(name: string): T {
    return ((name === divided ? this.spectral()?.weight : undefined) as T) ?? this.scaled(name);
  }

  /** Returns a parameter multiplied as an equalised learning rate has it; all else as it is. */
  private scaled(name: string): tf.Tensor {
    const held = this.read(name);
    if (this.equalized === undefined || !this.learnt.has(name)) return held;
    const axis = name === divided ? this.outputAxis(held.rank) : held.rank - 1;
    const factor = equalizedFactor(name, held.size / (held.shape[axis] ?? 1), this.equalized);
    return factor === 1 ? held : tf.mul(held, factor);
  }

  /** Notes statistics of an application; again, where it is computed once more. */
  protected note(application: string, seen: tf.NamedTensorMap): void {
    tf.dispose(this.noted.get(application) ?? []);
    this.noted.set(application, seen);
    for (const tensor of Object.values(seen)) tf.keep(tensor);
  }

  /** Moves what it keeps towards the mean of what was noted, by this share, and forgets that. */
  moveStatistics(share: number): void {
    const all = [...this.noted.values()];
    const [first] = all;
    if (first === undefined) return;
    tf.tidy(() => {
      for (const name of Object.keys(first)) {
        const sum = all.map((seen) => seen[name] as tf.Tensor).reduce((a, b) => tf.add(a, b));
        const kept = this.read(name);
        kept.assign(tf.add(tf.mul(kept, 1 - share), tf.mul(sum, share / all.length)));
      }
    });
    tf.dispose(all);
    this.noted.clear();
  }

  private read(name: string): tf.Variable {
    const weight = this.held.get(name);
    if (weight === undefined) throw new Error(`${this.place} has no ${name}`);
    return weight.read() as tf.Variable;
  }

  /** Returns the weight as used, if it is divided. */
  private spectral(): Spectral | undefined {
    if (!this.held.has(vector)) return undefined;
    const weight = this.read(divided);
    return normalise(weight, this.read(vector), this.outputAxis(weight.rank));
  }

  /** Makes a step of power iteration at the current weight. */
  powerStep(): void {
    tf.tidy(() => {
      const next = this.spectral();
      if (next !== undefined) this.read(vector).assign(next.u);
    });
  }

  override getConfig(): tf.serialization.ConfigDict {
    const { isSpectral, equalized } = this;
    return {
      ...super.getConfig(),
      isSpectral,
      ...(equalized === undefined ? {} : { equalized: { ...equalized } }),
    };
  }
}
