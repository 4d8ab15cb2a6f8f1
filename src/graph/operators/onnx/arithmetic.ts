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

export const sum: OnnxLowering = (emitter, node, [x]) => {
  const { shape } = node.inputs[0] as Node;
  // sums over a single number are none, and the fewer axes there are, the faster is the kernel that runs
  const axes = numbersOf(node, "axes").filter((axis) => shape[axis] !== 1);
  // without axes ReduceSum would sum over all
  if (axes.length === 0) return x as string;
  return emitter.node("ReduceSum", [x as string, emitter.ints(axes)], { keepdims: { int: 1 } });
};

export const broadcast: OnnxLowering = (emitter, node, [x]) =>
  unchanged(node) ? (x as string) : emitter.node("Expand", [x as string, emitter.ints(node.shape)]);
