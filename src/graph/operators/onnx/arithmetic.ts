/** Lowering of arithmetic to ONNX. */
import { type Node, sameShape } from "../../graph.js";
import type { OnnxLowering } from "../../operator.js";
import { numbersOf } from "./attributes.js";

const binary =
  (type: string): OnnxLowering =>
  (emitter, _node, inputs) =>
    emitter.node(type, inputs);

export const add = binary("Add");
export const sub = binary("Sub");
export const mul = binary("Mul");
export const div = binary("Div");

const unchanged = (node: Node): boolean => sameShape(node.shape, (node.inputs[0] as Node).shape);

/**
 * Over a single number there is nothing to do, and the fewer axes there are, the faster is the
 * kernel that runs.
 */
const reduction =
  (type: string): OnnxLowering =>
  (emitter, node, [x]) => {
    const { shape } = node.inputs[0] as Node;
    const axes = numbersOf(node, "axes").filter((axis) => shape[axis] !== 1);
    // without axes the reductions of ONNX would go over all
    if (axes.length === 0) return x as string;
    return emitter.node(type, [x as string, emitter.ints(axes)], { keepdims: { int: 1 } });
  };

export const sum = reduction("ReduceSum");
export const max = reduction("ReduceMax");

export const broadcast: OnnxLowering = (emitter, node, [x]) =>
  unchanged(node) ? (x as string) : emitter.node("Expand", [x as string, emitter.ints(node.shape)]);
