/**
 * Values less their mean, over their deviation. The pair of operators is closed under
 * differentiation.
 */
import { make } from "../build.js";
import { type Node, type Shape, sizeOf } from "../graph.js";
import type { Operator, Tensor } from "../operator.js";
import { mean, mul, sub } from "./arithmetic.js";
import { broadcastOffsets, scatterAdd } from "./offsets.js";
import * as onnx from "./onnx/normalisation.js";
import { notAxes, numberOf, numbersOf, type One, shapeUnless } from "./rules.js";
import { constant } from "./sources.js";

const attributes = { axes: "numbers", epsilon: "number" } as const;

const reduced = (shape: Shape, axes: readonly number[]): Shape =>
  shape.map((side, axis) => (axes.includes(axis) ? 1 : side));

/** Counts the numbers that each mean is taken over. */
const countOf = (shape: Shape, axes: readonly number[]): number =>
  sizeOf(axes.map((axis) => shape[axis] as number));

/**
 * x less its mean over the axes; 1 / sqrt(var + epsilon) of each group; and each element's group.
 */
const statistics = ({ shape, data }: Tensor, axes: readonly number[], epsilon: number) => {
  const small = reduced(shape, axes);
  const group = broadcastOffsets(small, shape);
  const count = countOf(shape, axes);
  const average = (values: Float64Array): Float64Array =>
    scatterAdd(values, group, new Float64Array(sizeOf(small))).map((sum) => sum / count);
  const means = average(data);
  const centred = data.map((value, i) => value - (means[group[i] as number] as number));
  const variances = average(centred.map((value) => value * value));
  return { centred, inverse: variances.map((v) => 1 / Math.sqrt(v + epsilon)), group };
};

export const standardizeOperator: Operator = {
  name: "standardize",
  doc: "(x - mean) / sqrt(var + epsilon), mean and biased variance taken over the axes.",
  attributes,
  extent: "over axes",
  ignoresShift: true,
  arity: 1,
  shape: (inputs, given) => {
    const [x] = inputs as One<Shape>;
    return shapeUnless(notAxes(given, x.length), () => x);
  },
  vjp: (node, dy) => {
    const [x] = node.inputs as One<Node>;
    const axes = numbersOf(node.attributes, "axes");
    const r = () => inverseDeviation(x, axes, numberOf(node.attributes, "epsilon"));
    const along = () => mul(node, mean(mul(dy, node), axes));
    return [() => mul(r(), sub(sub(dy, mean(dy, axes)), along()))];
  },
  evaluate: (inputs, given) => {
    const [x] = inputs as One<Tensor>;
    const { centred, inverse, group } = statistics(
      x,
      numbersOf(given, "axes"),
      numberOf(given, "epsilon"),
    );
    return centred.map((value, i) => value * (inverse[group[i] as number] as number));
  },
  onnx: onnx.standardize,
};

/** (x - mean) / sqrt(biased variance + epsilon) over the axes (ascending). */
export const standardize = (x: Node, axes: readonly number[], epsilon: number): Node =>
  make(standardizeOperator, [x], { axes: [...axes], epsilon });

export const inverseDeviationOperator: Operator = {
  name: "inverse_deviation",
  doc: "1 / sqrt(var + epsilon), biased variance over the axes, which stay, with a side of 1.",
  attributes,
  extent: "over axes",
  ignoresShift: true,
  arity: 1,
  shape: (inputs, given) => {
    const [x] = inputs as One<Shape>;
    return shapeUnless(notAxes(given, x.length), () => reduced(x, numbersOf(given, "axes")));
  },
  vjp: (node, dr) => {
    const [x] = node.inputs as One<Node>;
    const axes = numbersOf(node.attributes, "axes");
    const y = () => standardize(x, axes, numberOf(node.attributes, "epsilon"));
    const factor = () => mul(mul(dr, constant(-1 / countOf(x.shape, axes))), mul(node, node));
    return [() => mul(factor(), y())];
  },
  evaluate: (inputs, given) => {
    const [x] = inputs as One<Tensor>;
    return statistics(x, numbersOf(given, "axes"), numberOf(given, "epsilon")).inverse;
  },
  onnx: onnx.inverseDeviation,
};

/** 1 / sqrt(biased variance + epsilon) over the axes (ascending), which stay, with a side of 1. */
export const inverseDeviation = (x: Node, axes: readonly number[], epsilon: number): Node =>
  make(inverseDeviationOperator, [x], { axes: [...axes], epsilon });

export const normalisation: readonly Operator[] = [standardizeOperator, inverseDeviationOperator];
