/** Layers with several inputs, for networks that are more than a pipeline. */
import * as tf from "@tensorflow/tfjs";
import { distinct } from "./bases/layer.js";
import { nextName } from "./bases/naming.js";

const merges = {
  add: (xs: tf.Tensor[]) => xs.reduce((a, b) => tf.add(a, b)),
  sub: (xs: tf.Tensor[]) => xs.reduce((a, b) => tf.sub(a, b)),
  mul: (xs: tf.Tensor[]) => xs.reduce((a, b) => tf.mul(a, b)),
  concat: (xs: tf.Tensor[]) => tf.concat(repeated(xs), -1),
};

/** Repeats 1 x 1 values over the places of the others. */
const repeated = (xs: tf.Tensor[]): tf.Tensor[] => {
  const [height = 1, width = 1] = [1, 2].map((axis) =>
    Math.max(...xs.map((x) => x.shape[axis] ?? 1)),
  );
  return xs.map((x) => {
    const [n = 1, h = 1, w = 1, c = 1] = x.shape;
    return h === height && w === width ? x : tf.broadcastTo(x, [n, height, width, c]);
  });
};

type Merge = keyof typeof merges;
type ShapeOf = (number | null)[];

class MergeLayer extends tf.layers.Layer {
  static readonly className = "GancMerge";
  private readonly by: Merge;

  constructor({ name, by }: { readonly name?: string; readonly by: Merge }) {
    super(name === undefined ? {} : { name });
    this.by = by;
  }

  override computeOutputShape(input: ShapeOf | ShapeOf[]): ShapeOf {
    const shapes = input as ShapeOf[];
    return this.by === "concat" ? this.concatenated(shapes) : shapes.reduce(this.broadcast);
  }

  private readonly broadcast = (a: ShapeOf, b: ShapeOf): ShapeOf => {
    const compatible = a.length === b.length && a.every((size, i) => fits(size, b[i] ?? null));
    if (!compatible) throw new RangeError(`${this.name}: [${a}] and [${b}] do not fit`);
    return a.map((size, i) => (size === 1 ? (b[i] ?? null) : size));
  };

  private concatenated(shapes: ShapeOf[]): ShapeOf {
    const isVector = ([, h, w]: ShapeOf): boolean => h === 1 && w === 1;
    const first = shapes.find((shape) => !isVector(shape)) ?? shapes[0] ?? [];
    const fit = shapes.every(
      (s) =>
        s.length === first.length &&
        (isVector(s) || s.slice(0, -1).every((size, i) => size === first[i])),
    );
    if (!fit) {
      throw new RangeError(`${this.name}: ${shapes.map((s) => `[${s}]`).join(", ")} do not fit`);
    }
    const channels = shapes.map((s) => s.at(-1) ?? null);
    const sum = channels.reduce((a, b) => (a === null || b === null ? null : a + b), 0);
    return [...first.slice(0, -1), sum];
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const xs = Array.isArray(inputs) ? inputs : [inputs];
    return tf.tidy(() => merges[this.by](xs));
  }

  override getConfig(): tf.serialization.ConfigDict {
    return { ...super.getConfig(), by: this.by };
  }
}

const fits = (a: number | null, b: number | null): boolean => a === b || a === 1 || b === 1;

tf.serialization.registerClass(MergeLayer);

const merge = (by: Merge, xs: tf.SymbolicTensor[]): tf.SymbolicTensor =>
  new MergeLayer({ name: nextName(by), by }).apply(distinct(xs)) as tf.SymbolicTensor;

/**
 * Stacks the channels of tensors that agree in all other axes; 1 x 1 values are repeated over
 * height and width.
 */
export const concat = (...xs: tf.SymbolicTensor[]): tf.SymbolicTensor => merge("concat", xs);

/** Adds a and b; an axis of size 1 is repeated. */
export const add = (a: tf.SymbolicTensor, b: tf.SymbolicTensor): tf.SymbolicTensor =>
  merge("add", [a, b]);

/** Subtracts b from a; an axis of size 1 is repeated. */
export const sub = (a: tf.SymbolicTensor, b: tf.SymbolicTensor): tf.SymbolicTensor =>
  merge("sub", [a, b]);

/** Multiplies a and b elementwise; an axis of size 1 is repeated. */
export const mul = (a: tf.SymbolicTensor, b: tf.SymbolicTensor): tf.SymbolicTensor =>
  merge("mul", [a, b]);
