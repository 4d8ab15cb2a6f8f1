/** Lowering of normalisation to ONNX. */
import { type Node, type Shape, sizeOf } from "../../graph.js";
import type { OnnxEmitter, OnnxLowering } from "../../operator.js";
import { numberOf, numbersOf } from "./attributes.js";
import { reordered, reshaped } from "./shaping.js";
import { filled } from "./sources.js";

interface Normal {
  readonly standardized: string;
  readonly inverseDeviation: string;
}

/**
 * Normalises over all axes from `first` on. Against 64 bits LayerNormalization is more exact than a
 * composition of means, and it is as fast as InstanceNormalization, which keeps the deviation to
 * itself.
 */
const overLast = (
  emitter: OnnxEmitter,
  x: string,
  shape: Shape,
  first: number,
  epsilon: number,
): Normal => {
  const [standardized, , inverseDeviation] = emitter.nodes(
    "LayerNormalization",
    [x, filled(emitter, 1, shape.slice(first))],
    { axis: { int: first }, epsilon: { float: epsilon } },
    3,
  ) as [string, string, string];
  return { standardized, inverseDeviation };
};

/**
 * Normalises over the first axes, of which the others stay: composed, because bringing the axes to
 * the end costs several times what normalising does. In a chain of blocks that computes in [h, w,
 * n, c] this is the common case.
 */
const overFirst = (
  emitter: OnnxEmitter,
  x: string,
  shape: Shape,
  axes: readonly number[],
  epsilon: number,
): Normal => {
  const kept = shape.slice(axes.length);
  const flat = reshaped(emitter, x, [sizeOf(shape) / sizeOf(kept), sizeOf(kept)]);
  const mean = (of: string) =>
    emitter.node("ReduceMean", [of, emitter.ints([0])], { keepdims: { int: 1 } });
  const centred = emitter.node("Sub", [flat, mean(flat)]);
  // not the mean square less the squared mean: in 32 bits that loses a small variance beside a
  // large mean
  const variance = mean(emitter.node("Mul", [centred, centred]));
  const above = emitter.node("Add", [variance, emitter.floats([epsilon], [])]);
  const inverse = emitter.node("Reciprocal", [emitter.node("Sqrt", [above])]);
  return {
    standardized: reshaped(emitter, emitter.node("Mul", [centred, inverse]), shape),
    inverseDeviation: reshaped(emitter, inverse, [...axes.map(() => 1), ...kept]),
  };
};

/** Brings the axes to the end, as one, and back. */
const overAny = (
  emitter: OnnxEmitter,
  x: string,
  shape: Shape,
  axes: readonly number[],
  epsilon: number,
): Normal => {
  const kept = [...shape.keys()].filter((axis) => !axes.includes(axis));
  const order = [...kept, ...axes];
  const sides = order.map((axis) => shape[axis] as number);
  const count = sizeOf(sides.slice(kept.length));
  const matrix = [sizeOf(shape) / count, count];
  const flat = reshaped(emitter, reordered(emitter, x, shape, order), matrix);
  const { standardized, inverseDeviation } = overLast(emitter, flat, matrix, 1, epsilon);
  const inverse = order.map((_, axis) => order.indexOf(axis));
  return {
    standardized: reordered(emitter, reshaped(emitter, standardized, sides), sides, inverse),
    inverseDeviation: reshaped(
      emitter,
      inverseDeviation,
      shape.map((side, axis) => (axes.includes(axis) ? 1 : side)),
    ),
  };
};

const normal = (emitter: OnnxEmitter, node: Node, x: string): Normal => {
  const { shape } = node.inputs[0] as Node;
  const axes = numbersOf(node, "axes");
  const epsilon = numberOf(node, "epsilon");
  const first = shape.length - axes.length;
  if (axes.length > 0 && axes[0] === first) return overLast(emitter, x, shape, first, epsilon);
  return axes.length > 0 && axes.every((axis, i) => axis === i)
    ? overFirst(emitter, x, shape, axes, epsilon)
    : overAny(emitter, x, shape, axes, epsilon);
};

/**
 * Normalises whatever the sides are; of each channel by the operator that runtimes have for that.
 */
const ofAnySize = (emitter: OnnxEmitter, node: Node, x: string): string => {
  const { shape } = node.inputs[0] as Node;
  const axes = numbersOf(node, "axes");
  const epsilon = numberOf(node, "epsilon");
  const [, channels = 1] = shape;
  if (shape.length === 4 && axes.join() === "2,3") {
    const [scale, shift] = [1, 0].map((value) => filled(emitter, value, [channels]));
    return emitter.node("InstanceNormalization", [x, scale as string, shift as string], {
      epsilon: { float: epsilon },
    });
  }
  const mean = (of: string) =>
    emitter.node("ReduceMean", [of, emitter.ints(axes)], { keepdims: { int: 1 } });
  const centred = emitter.node("Sub", [x, mean(x)]);
  const variance = mean(emitter.node("Mul", [centred, centred]));
  const above = emitter.node("Add", [variance, emitter.floats([epsilon], [])]);
  return emitter.node("Div", [centred, emitter.node("Sqrt", [above])]);
};

export const standardize: OnnxLowering = (emitter, node, [x]) =>
  emitter.anySize === true
    ? ofAnySize(emitter, node, x as string)
    : normal(emitter, node, x as string).standardized;

export const inverseDeviation: OnnxLowering = (emitter, node, [x]) =>
  normal(emitter, node, x as string).inverseDeviation;
