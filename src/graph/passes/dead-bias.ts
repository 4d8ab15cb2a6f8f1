/**
 * Dead-bias elimination. A value that is constant along the normalised axes vanishes in the
 * normalisation, so a bias between a convolution and an instance norm does nothing, and its
 * gradient is zero. Rounding would make the gradient a small number of either sign, which Adam
 * turns into steps of the full learning rate.
 */
import type { Graph, Node } from "../graph.js";
import { isOf } from "../operator.js";
import { addOperator } from "../operators/arithmetic.js";
import { operatorOf } from "../operators/index.js";
import { onInputs, rewrite } from "./rewrite.js";

/** Whether a value of that shape, broadcast to `rank` axes, is constant along `axes`. */
const constantAlong = ({ shape }: Node, rank: number, axes: readonly number[]): boolean =>
  axes.every((axis) => (shape[axis - rank + shape.length] ?? 1) === 1);

export const eliminateDeadBiases = (graph: Graph): Graph =>
  rewrite(graph, (node, inputs) => {
    const [sum] = inputs;
    if (operatorOf(node).ignoresShift !== true || !isOf(sum, addOperator)) return undefined;
    const rank = sum.shape.length;
    const axes = node.attributes.axes as readonly number[];
    const rest = sum.inputs.filter((part) => !constantAlong(part, rank, axes));
    const [x] = rest;
    const whole = x !== undefined && rest.length === 1 && x.shape.length === rank;
    // A part that is broadcast along other axes would give a smaller result.
    return whole && x.shape.every((side, axis) => side === sum.shape[axis])
      ? onInputs(node, [x])
      : undefined;
  });
