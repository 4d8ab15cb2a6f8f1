/**
 * Simplifies by algebra that changes no number beyond rounding: cancels inverses, folds constants,
 * merges factors.
 */
import { type Graph, type Node, sameShape, sizeOf } from "../graph.js";
import { isOf, type Tensor } from "../operator.js";
import {
  addOperator,
  broadcastOperator,
  mul,
  mulOperator,
  sumOperator,
} from "../operators/arithmetic.js";
import { negOperator } from "../operators/functions.js";
import { operatorOf } from "../operators/index.js";
import {
  concat,
  concatOperator,
  pad,
  padOperator,
  reshape,
  reshapeOperator,
  transpose,
  transposeOperator,
} from "../operators/shaping.js";
import { constant, numberIn } from "../operators/sources.js";
import { onInputs, rewrite } from "./rewrite.js";

type Simplification = (node: Node) => Node | undefined;

const numbers = (node: Node, attribute: string): readonly number[] =>
  node.attributes[attribute] as readonly number[];

const isScalar = (node: Node): boolean => node.shape.length === 0;

/** Returns x where the other operand is neutral. */
const neutral = (node: Node, x: Node | undefined): Node | undefined =>
  x !== undefined && sameShape(x.shape, node.shape) ? x : undefined;

const arithmetic: Simplification = (node) => {
  const { neutral: numbers } = operatorOf(node);
  if (numbers === undefined) return undefined;
  const [a, b] = node.inputs;
  const [left, right] = [numberIn(a), numberIn(b)];
  if (right !== undefined && right === numbers.right) return neutral(node, a);
  return left !== undefined && left === numbers.left ? neutral(node, b) : undefined;
};

const isPairwise = (node: Node): boolean => operatorOf(node).extent === "pairwise";

const scalar = (value: number): Tensor => ({ shape: [], data: Float64Array.of(value) });

/** Folds arithmetic on constants. */
const folded: Simplification = (node) => {
  const known = node.inputs.flatMap((input) => numberIn(input) ?? []);
  if (!isPairwise(node) || known.length < node.inputs.length) return undefined;
  const [value] = operatorOf(node).evaluate(known.map(scalar), node.attributes, []);
  return value === undefined ? undefined : constant(value, node.shape);
};

/** Splits a product into its constant scalar and the other factor. */
const factors = (node: Node): readonly [Node, number] | undefined => {
  const [a, b] = node.inputs;
  if (isOf(node, negOperator) && a !== undefined) return [a, -1];
  if (!isOf(node, mulOperator) || a === undefined || b === undefined) return undefined;
  const [left, right] = [numberIn(a), numberIn(b)];
  if (right !== undefined && isScalar(b)) return [a, right];
  return left !== undefined && isScalar(a) ? [b, left] : undefined;
};

/** (x c) d = x (c d) */
const scaled: Simplification = (node) => {
  const outer = factors(node);
  const inner = outer === undefined ? undefined : factors(outer[0]);
  return outer === undefined || inner === undefined
    ? undefined
    : mul(inner[0], constant(outer[1] * inner[1]));
};

const composed = (inner: Node, outer: Node): readonly number[] =>
  numbers(outer, "order").map((axis) => numbers(inner, "order")[axis] as number);

/** Merges transposes of transposes, and reshapes of reshapes. */
const moved: Simplification = (node) => {
  const [x] = node.inputs;
  if (x === undefined) return undefined;
  const inner = x.operator === node.operator ? x.inputs[0] : undefined;
  if (isOf(node, reshapeOperator)) {
    if (sameShape(x.shape, node.shape)) return x;
    return inner === undefined ? undefined : reshape(inner, node.shape);
  }
  if (isOf(node, transposeOperator)) {
    if (numbers(node, "order").every((axis, i) => axis === i)) return x;
    return inner === undefined ? undefined : transpose(inner, composed(x, node));
  }
  return undefined;
};

/** Drops sums over axes of one element, and broadcasts that repeat nothing. */
const trivial: Simplification = (node) => {
  const [x] = node.inputs;
  if (x === undefined || !sameShape(x.shape, node.shape)) return undefined;
  return isOf(node, sumOperator) || isOf(node, broadcastOperator) ? x : undefined;
};

/** Drops a broadcast where arithmetic would broadcast by itself. */
const repeated: Simplification = (node) => {
  if (!isPairwise(node)) return undefined;
  for (const [i, operand] of node.inputs.entries()) {
    const [small] = operand.inputs;
    const other = node.inputs[1 - i];
    if (!isOf(operand, broadcastOperator) || small === undefined || other === undefined) continue;
    if (!sameShape(other.shape, node.shape)) continue;
    return onInputs(
      node,
      node.inputs.map((input, j) => (j === i ? small : input)),
    );
  }
  return undefined;
};

/** Replaces a moved or repeated scalar by the scalar. */
const repeatedNumber: Simplification = (node) => {
  const value = numberIn(node.inputs[0]);
  return value !== undefined && operatorOf(node).moves === true
    ? constant(value, node.shape)
    : undefined;
};

/** Replaces a constant tensor of one value by a scalar in arithmetic. */
const filled: Simplification = (node) => {
  if (!isPairwise(node)) return undefined;
  for (const [i, operand] of node.inputs.entries()) {
    const value = numberIn(operand);
    const other = node.inputs[1 - i];
    if (value === undefined || sizeOf(operand.shape) === 1 || other === undefined) continue;
    if (!sameShape(other.shape, node.shape)) continue;
    return onInputs(
      node,
      node.inputs.map((input, j) => (j === i ? constant(value) : input)),
    );
  }
  return undefined;
};

interface Padded {
  readonly x: Node;
  readonly axis: number;
  readonly low: number;
  readonly high: number;
}

/** Matches x padded with zeros along one axis. */
const paddedAlongOne = (node: Node | undefined): Padded | undefined => {
  const [x] = node?.inputs ?? [];
  if (!isOf(node, padOperator) || x === undefined) return undefined;
  const [low, high] = [numbers(node, "low"), numbers(node, "high")];
  const axes = x.shape.flatMap((_, axis) => (low[axis] !== 0 || high[axis] !== 0 ? [axis] : []));
  const [axis] = axes;
  if (axis === undefined || axes.length > 1 || numbers(node, "interior").some((n) => n > 0))
    return undefined;
  return { x, axis, low: low[axis] as number, high: high[axis] as number };
};

/** Joins two padded values that fill each other's zeros, such as gradients of parts of a batch. */
const joined: Simplification = (node) => {
  if (!isOf(node, addOperator)) return undefined;
  const found = node.inputs.map(paddedAlongOne);
  const [a, b] = found.sort((p, q) => (p?.low ?? 0) - (q?.low ?? 0));
  if (a === undefined || b === undefined || a.axis !== b.axis) return undefined;
  const { axis } = a;
  if (a.low + (a.x.shape[axis] as number) !== b.low) return undefined;
  const both = concat([a.x, b.x], axis);
  if (a.low === 0 && b.high === 0) return both;
  const along = (value: number): readonly number[] =>
    both.shape.map((_, i) => (i === axis ? value : 0));
  return pad(both, along(a.low), along(b.high));
};

/** Flattens a concat of concats, and a slice of a slice. */
const flattened: Simplification = (node) => {
  const { axis } = node.attributes;
  const isPiece = (input: Node): boolean =>
    isOf(input, concatOperator) && input.attributes.axis === axis;
  if (!isOf(node, concatOperator) || !node.inputs.some(isPiece)) return undefined;
  return concat(
    node.inputs.flatMap((input) => (isPiece(input) ? input.inputs : [input])),
    Number(axis),
  );
};

const rules: readonly Simplification[] = [
  arithmetic,
  folded,
  scaled,
  moved,
  trivial,
  repeatedNumber,
  repeated,
  filled,
  joined,
  flattened,
];

/** Bounds the rounds for one node. Each makes it simpler, and none needs twelve. */
const rounds = 12;

export const simplify = (graph: Graph): Graph =>
  rewrite(graph, (node, inputs) => {
    let current = onInputs(node, inputs);
    for (let round = 0; round < rounds; round++) {
      let found: Node | undefined;
      for (const rule of rules) found ??= rule(current);
      if (found === undefined) break;
      current = found;
    }
    return current;
  });
