/** Arithmetic of two tensors with numpy's broadcasting, and what undoes the broadcasting. */
import { type Either, left, right } from "fp-ts/lib/Either.js";
import { make } from "../build.js";
import { type Node, type Shape, sameShape, sizeOf } from "../graph.js";
import type { Operator, Tensor } from "../operator.js";
import { broadcastOffsets, gather, scatterAdd } from "./offsets.js";
import * as onnx from "./onnx/arithmetic.js";
import {
  notShape,
  numbersOf,
  type One,
  reducedShape,
  shapeUnless,
  show,
  type Two,
} from "./rules.js";
import { reshape } from "./shaping.js";
import { constant } from "./sources.js";

/**
 * The shape that both fill: axes are matched from the last, and a side of 1, or none, is repeated.
 */
export const broadcastShape = (a: Shape, b: Shape): Either<string, Shape> => {
  const rank = Math.max(a.length, b.length);
  const sides = Array.from({ length: rank }, (_, axis) => {
    const [m, n] = [a[axis - rank + a.length] ?? 1, b[axis - rank + b.length] ?? 1];
    return m === 1 ? n : n === 1 || n === m ? m : undefined;
  });
  return sides.every((side) => side !== undefined)
    ? right(sides)
    : left("the sides must be equal, or one of them 1");
};

const binary = (
  name: string,
  doc: string,
  f: (a: number, b: number) => number,
  neutral: NonNullable<Operator["neutral"]>,
  vjp: Operator["vjp"],
  lowering: Operator["onnx"],
): Operator => ({
  name,
  doc: `${doc}, element by element, with numpy's broadcasting.`,
  attributes: {},
  extent: "pairwise",
  neutral,
  arity: 2,
  shape: (inputs) => broadcastShape(...(inputs as Two<Shape>)),
  vjp,
  evaluate: (inputs, _, shape) => {
    const [a, b] = inputs as Two<Tensor>;
    const [inA, inB] = [broadcastOffsets(a.shape, shape), broadcastOffsets(b.shape, shape)];
    return Float64Array.from(inA, (offset, i) =>
      f(a.data[offset] as number, b.data[inB[i] as number] as number),
    );
  },
  onnx: lowering,
});

export const addOperator = binary(
  "add",
  "a + b",
  (a, b) => a + b,
  { left: 0, right: 0 },
  (node, dy) => {
    const [a, b] = node.inputs as Two<Node>;
    return [() => sumTo(dy, a.shape), () => sumTo(dy, b.shape)];
  },
  onnx.add,
);

/** a + b, broadcast. */
export const add = (a: Node, b: Node): Node => make(addOperator, [a, b]);

const minus = (x: Node): Node => mul(x, constant(-1));

export const subOperator = binary(
  "sub",
  "a - b",
  (a, b) => a - b,
  { right: 0 },
  (node, dy) => {
    const [a, b] = node.inputs as Two<Node>;
    return [() => sumTo(dy, a.shape), () => minus(sumTo(dy, b.shape))];
  },
  onnx.sub,
);

/** a - b, broadcast. */
export const sub = (a: Node, b: Node): Node => make(subOperator, [a, b]);

export const mulOperator = binary(
  "mul",
  "a b",
  (a, b) => a * b,
  { left: 1, right: 1 },
  (node, dy) => {
    const [a, b] = node.inputs as Two<Node>;
    return [() => sumTo(mul(dy, b), a.shape), () => sumTo(mul(dy, a), b.shape)];
  },
  onnx.mul,
);

/** a b, broadcast. */
export const mul = (a: Node, b: Node): Node => make(mulOperator, [a, b]);

const divOperator = binary(
  "div",
  "a / b",
  (a, b) => a / b,
  { right: 1 },
  (node, dy) => {
    const [a, b] = node.inputs as Two<Node>;
    return [
      () => sumTo(div(dy, b), a.shape),
      // the value is a / b, so its derivative -a / b^2 is -value / b
      () => minus(sumTo(div(mul(dy, node), b), b.shape)),
    ];
  },
  onnx.div,
);

/** a / b, broadcast. */
export const div = (a: Node, b: Node): Node => make(divOperator, [a, b]);

export const sumOperator: Operator = {
  name: "sum",
  doc: "The sum over the axes, which stay, with a side of 1.",
  attributes: { axes: "numbers" },
  extent: "over axes",
  arity: 1,
  shape: reducedShape,
  vjp: (node, dy) => {
    const [x] = node.inputs as One<Node>;
    return [() => broadcast(dy, x.shape)];
  },
  evaluate: (inputs, _, shape) => {
    const [x] = inputs as One<Tensor>;
    return scatterAdd(x.data, broadcastOffsets(shape, x.shape), new Float64Array(sizeOf(shape)));
  },
  onnx: onnx.sum,
};

/** The sum over the axes (ascending), which stay, with a side of 1. */
export const sum = (x: Node, axes: readonly number[]): Node =>
  make(sumOperator, [x], { axes: [...axes] });

export const broadcastOperator: Operator = {
  name: "broadcast",
  doc: "The input repeated to the shape, as numpy broadcasts it.",
  attributes: { shape: "numbers" },
  moves: true,
  arity: 1,
  shape: (inputs, attributes) => {
    const [x] = inputs as One<Shape>;
    const shape = numbersOf(attributes, "shape");
    const both = broadcastShape(x, shape);
    const fits = both._tag === "Right" && sameShape(both.right, shape);
    return shapeUnless(
      notShape(attributes) ?? (fits ? undefined : `it cannot be repeated to ${show(shape)}`),
      () => shape,
    );
  },
  vjp: (node, dy) => {
    const [x] = node.inputs as One<Node>;
    return [() => sumTo(dy, x.shape)];
  },
  evaluate: (inputs, _, shape) => {
    const [x] = inputs as One<Tensor>;
    return gather(x.data, broadcastOffsets(x.shape, shape));
  },
  onnx: onnx.broadcast,
};

/** x repeated to the shape. */
export const broadcast = (x: Node, shape: Shape): Node =>
  make(broadcastOperator, [x], { shape: [...shape] });

/**
 * The adjoint of broadcasting from `shape` to the shape of x: sums over what was repeated; x itself
 * where nothing was.
 */
export const sumTo = (x: Node, shape: Shape): Node => {
  const added = x.shape.length - shape.length;
  const axes = x.shape.flatMap((side, axis) =>
    axis < added || (shape[axis - added] === 1 && side !== 1) ? [axis] : [],
  );
  const summed = axes.length === 0 ? x : sum(x, axes);
  return added === 0 ? summed : reshape(summed, shape);
};

/** The mean over the axes (ascending), which stay, with a side of 1. */
export const mean = (x: Node, axes: readonly number[]): Node =>
  mul(sum(x, axes), constant(1 / sizeOf(axes.map((axis) => x.shape[axis] as number))));

export const arithmetic: readonly Operator[] = [
  addOperator,
  subOperator,
  mulOperator,
  divOperator,
  sumOperator,
  broadcastOperator,
];
