/**
 * The greatest of several values, and what is computed relative to it so that nothing overflows.
 */
import { make } from "../build.js";
import { type Node, sizeOf } from "../graph.js";
import type { Operator, Tensor } from "../operator.js";
import { add, div, mul, sub, sum } from "./arithmetic.js";
import { exp, log, sign, stop } from "./functions.js";
import { broadcastOffsets } from "./offsets.js";
import * as onnx from "./onnx/arithmetic.js";
import { numbersOf, type One, reducedShape } from "./rules.js";
import { constant } from "./sources.js";

const maxOperator: Operator = {
  name: "max",
  doc: "The greatest value over the axes, which stay, with a side of 1. Where several are greatest, the gradient is shared among them.",
  attributes: { axes: "numbers" },
  extent: "over axes",
  arity: 1,
  shape: reducedShape,
  vjp: (node, dy) => {
    const [x] = node.inputs as One<Node>;
    const axes = numbersOf(node.attributes, "axes");
    return [
      () => {
        const distance = sub(x, node);
        // 1 where x is greatest: there the distance is zero, elsewhere negative
        const greatest = add(sign(distance), constant(1));
        return mul(div(greatest, sum(greatest, axes)), dy);
      },
    ];
  },
  evaluate: (inputs, _, shape) => {
    const [x] = inputs as One<Tensor>;
    const out = new Float64Array(sizeOf(shape)).fill(-Infinity);
    broadcastOffsets(shape, x.shape).forEach((offset, i) => {
      out[offset] = Math.max(out[offset] as number, x.data[i] as number);
    });
    return out;
  },
  onnx: onnx.max,
};

/** The greatest value over the axes (ascending), which stay, with a side of 1. */
export const max = (x: Node, axes: readonly number[]): Node =>
  make(maxOperator, [x], { axes: [...axes] });

/**
 * x - log(sum of e^x) over the axes (ascending): the logarithm of the softmax, finite for every x.
 */
export const logSoftmax = (x: Node, axes: readonly number[]): Node => {
  // A common summand changes no softmax: its gradient is zero, and it is cut rather than computed.
  const below = sub(x, stop(max(x, axes)));
  return sub(below, log(sum(exp(below), axes)));
};

/** e^x / (sum of e^x) over the axes (ascending), finite for every x. */
export const softmax = (x: Node, axes: readonly number[]): Node => {
  const powers = exp(sub(x, stop(max(x, axes))));
  return div(powers, sum(powers, axes));
};

export const extremes: readonly Operator[] = [maxOperator];
