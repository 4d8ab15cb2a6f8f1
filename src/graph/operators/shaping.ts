/** Moving numbers without changing them. */
import { make } from "../build.js";
import { type Node, type Shape, sizeOf } from "../graph.js";
import type { Operator, Tensor } from "../operator.js";
import { gather, offsets, scatterAdd, stridesOf } from "./offsets.js";
import * as onnx from "./onnx/shaping.js";
import {
  notShape,
  notWhole,
  notWholes,
  numberOf,
  numbersOf,
  type One,
  type Problem,
  shapeUnless,
  show,
} from "./rules.js";

export const reshapeOperator: Operator = {
  name: "reshape",
  doc: "The same numbers in the same row-major order, in another shape.",
  attributes: { shape: "numbers" },
  view: "always",
  moves: true,
  arity: 1,
  shape: (inputs, attributes) => {
    const [x] = inputs as One<Shape>;
    const shape = numbersOf(attributes, "shape");
    const fits = sizeOf(shape) === sizeOf(x);
    return shapeUnless(
      notShape(attributes) ??
        (fits ? undefined : `${show(shape)} holds another number of elements`),
      () => shape,
    );
  },
  vjp: (node, dy) => {
    const [x] = node.inputs as One<Node>;
    return [() => reshape(dy, x.shape)];
  },
  evaluate: (inputs) => Float64Array.from((inputs as One<Tensor>)[0].data),
  onnx: onnx.reshape,
};

/** The same numbers in another shape of the same size. */
export const reshape = (x: Node, shape: Shape): Node =>
  make(reshapeOperator, [x], { shape: [...shape] });

const notOrder = (order: readonly number[], rank: number): Problem =>
  [...order].sort((a, b) => a - b).every((axis, i) => axis === i) && order.length === rank
    ? undefined
    : `order must name each of the ${rank} axes once`;

export const transposeOperator: Operator = {
  name: "transpose",
  doc: "The axes in another order: axis i of the value is axis order[i] of the input.",
  attributes: { order: "numbers" },
  view: "by axes",
  moves: true,
  arity: 1,
  shape: (inputs, attributes) => {
    const [x] = inputs as One<Shape>;
    const order = numbersOf(attributes, "order");
    return shapeUnless(notOrder(order, x.length), () => order.map((axis) => x[axis] as number));
  },
  vjp: (node, dy) => {
    const order = numbersOf(node.attributes, "order");
    const inverse = order.map((_, axis) => order.indexOf(axis));
    return [() => transpose(dy, inverse)];
  },
  evaluate: (inputs, attributes, shape) => {
    const [x] = inputs as One<Tensor>;
    const strides = stridesOf(x.shape);
    const permuted = numbersOf(attributes, "order").map((axis) => strides[axis] as number);
    return gather(x.data, offsets(shape, permuted));
  },
  onnx: onnx.transpose,
};

/** Axis i of the value is axis `order[i]` of x. */
export const transpose = (x: Node, order: readonly number[]): Node =>
  make(transposeOperator, [x], { order: [...order] });

/** The offset of the element at `begin`. */
const startAt = (begin: readonly number[], strides: readonly number[]): number =>
  begin.reduce((sum, coordinate, axis) => sum + coordinate * (strides[axis] as number), 0);

const multiply = (a: readonly number[], b: readonly number[]): readonly number[] =>
  a.map((n, i) => n * (b[i] as number));

const sliceOperator: Operator = {
  name: "slice",
  doc: "On each axis every step-th element of begin <= i < end.",
  attributes: { begin: "numbers", end: "numbers", step: "numbers" },
  moves: true,
  arity: 1,
  shape: (inputs, attributes) => {
    const [x] = inputs as One<Shape>;
    const [begin, end, step] = ["begin", "end", "step"].map((name) =>
      numbersOf(attributes, name),
    ) as [readonly number[], readonly number[], readonly number[]];
    const inside = x.every(
      (side, axis) =>
        (begin[axis] as number) < (end[axis] as number) && (end[axis] as number) <= side,
    );
    return shapeUnless(
      notWholes(attributes, 0, "begin", x.length) ??
        notWholes(attributes, 1, "end", x.length) ??
        notWholes(attributes, 1, "step", x.length) ??
        (inside ? undefined : "begin < end <= side must hold on each axis"),
      () =>
        begin.map((from, axis) =>
          Math.ceil(((end[axis] as number) - from) / (step[axis] as number)),
        ),
    );
  },
  vjp: (node, dy) => {
    const [x] = node.inputs as One<Node>;
    const begin = numbersOf(node.attributes, "begin");
    const step = numbersOf(node.attributes, "step");
    const last = begin.map(
      (from, axis) => from + ((node.shape[axis] as number) - 1) * (step[axis] as number),
    );
    const high = x.shape.map((side, axis) => side - 1 - (last[axis] as number));
    return [
      () =>
        pad(
          dy,
          begin,
          high,
          step.map((s) => s - 1),
        ),
    ];
  },
  evaluate: (inputs, attributes, shape) => {
    const [x] = inputs as One<Tensor>;
    const strides = stridesOf(x.shape);
    const steps = multiply(strides, numbersOf(attributes, "step"));
    return gather(x.data, offsets(shape, steps, startAt(numbersOf(attributes, "begin"), strides)));
  },
  onnx: onnx.slice,
};

/** Every `step[a]`-th element of `begin[a] <= i < end[a]` on each axis a; step 1 by default. */
export const slice = (
  x: Node,
  begin: readonly number[],
  end: readonly number[],
  step: readonly number[] = begin.map(() => 1),
): Node => make(sliceOperator, [x], { begin: [...begin], end: [...end], step: [...step] });

export const padOperator: Operator = {
  name: "pad",
  doc: "Zeros around and between: low before, high behind, interior between neighbours, on each axis. The adjoint of slice.",
  attributes: { low: "numbers", high: "numbers", interior: "numbers" },
  arity: 1,
  shape: (inputs, attributes) => {
    const [x] = inputs as One<Shape>;
    const problem = ["low", "high", "interior"]
      .map((name) => notWholes(attributes, 0, name, x.length))
      .find((found) => found !== undefined);
    const [low, high, interior] = ["low", "high", "interior"].map((name) =>
      numbersOf(attributes, name),
    );
    return shapeUnless(problem, () =>
      x.map(
        (side, axis) =>
          (low?.[axis] as number) +
          side +
          (side - 1) * (interior?.[axis] as number) +
          (high?.[axis] as number),
      ),
    );
  },
  vjp: (node, dy) => {
    const [x] = node.inputs as One<Node>;
    const low = numbersOf(node.attributes, "low");
    const step = numbersOf(node.attributes, "interior").map((zeros) => zeros + 1);
    const end = x.shape.map(
      (side, axis) => (low[axis] as number) + (side - 1) * (step[axis] as number) + 1,
    );
    return [() => slice(dy, low, end, step)];
  },
  evaluate: (inputs, attributes, shape) => {
    const [x] = inputs as One<Tensor>;
    const strides = stridesOf(shape);
    const steps = multiply(
      strides,
      numbersOf(attributes, "interior").map((zeros) => zeros + 1),
    );
    const to = offsets(x.shape, steps, startAt(numbersOf(attributes, "low"), strides));
    return scatterAdd(x.data, to, new Float64Array(sizeOf(shape)));
  },
  onnx: onnx.pad,
};

/**
 * Zeros around x and, `interior[a]` of them (by default none), between neighbours along each axis
 * a.
 */
export const pad = (
  x: Node,
  low: readonly number[],
  high: readonly number[],
  interior: readonly number[] = low.map(() => 0),
): Node => make(padOperator, [x], { low: [...low], high: [...high], interior: [...interior] });

/**
 * Where each of the shapes begins when they are laid one after another along the axis; last, where
 * all end.
 */
const beginnings = (shapes: readonly Shape[], axis: number): readonly number[] => {
  const ends = [0];
  for (const shape of shapes) ends.push((ends.at(-1) as number) + (shape[axis] as number));
  return ends;
};

const replaced = (shape: Shape, axis: number, side: number): Shape =>
  shape.map((old, i) => (i === axis ? side : old));

export const concatOperator: Operator = {
  name: "concat",
  doc: "The inputs one after another along an axis; they agree on all others.",
  attributes: { axis: "number" },
  arity: "many",
  shape: (inputs, attributes) => {
    const axis = numberOf(attributes, "axis");
    const [first = [], ...others] = inputs;
    const agree = others.every(
      (other) => show(replaced(other, axis, 0)) === show(replaced(first, axis, 0)),
    );
    return shapeUnless(
      notWhole(attributes, 0, ["axis"]) ??
        (axis < first.length ? undefined : "axis must be one of the inputs") ??
        (agree ? undefined : `the inputs must agree on all axes but ${axis}`),
      () => replaced(first, axis, beginnings(inputs, axis).at(-1) as number),
    );
  },
  vjp: (node, dy) => {
    const axis = numberOf(node.attributes, "axis");
    const ends = beginnings(
      node.inputs.map((input) => input.shape),
      axis,
    );
    const origin = node.shape.map(() => 0);
    return node.inputs.map(
      (_, i) => () =>
        slice(
          dy,
          replaced(origin, axis, ends[i] as number),
          replaced(node.shape, axis, ends[i + 1] as number),
        ),
    );
  },
  evaluate: (inputs, attributes, shape) => {
    const axis = numberOf(attributes, "axis");
    const out = new Float64Array(sizeOf(shape));
    const strides = stridesOf(shape);
    const begin = beginnings(
      inputs.map((input) => input.shape),
      axis,
    );
    inputs.forEach((x, i) => {
      const start = (begin[i] as number) * (strides[axis] as number);
      scatterAdd(x.data, offsets(x.shape, strides, start), out);
    });
    return out;
  },
  onnx: onnx.concat,
};

/** The tensors, of which there is at least one, one after another along `axis`. */
export const concat = (xs: readonly Node[], axis: number): Node =>
  make(concatOperator, xs, { axis });

export const shaping: readonly Operator[] = [
  reshapeOperator,
  transposeOperator,
  sliceOperator,
  padOperator,
  concatOperator,
];
