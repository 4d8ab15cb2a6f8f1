/** Lowering of the order of computation to ONNX. */
import type { Node } from "../../graph.js";
import type { OnnxEmitter, OnnxLowering } from "../../operator.js";
import { reshaped } from "./shaping.js";

/** The first number of a value of this rank, as a scalar. */
const first = (emitter: OnnxEmitter, value: string, rank: number): string => {
  if (rank === 0) return value;
  const [from, to] = [0, 1].map((place) => emitter.ints(Array<number>(rank).fill(place)));
  return reshaped(emitter, emitter.node("Slice", [value, from as string, to as string]), []);
};

/**
 * ONNX knows no order but that of values: x is chosen whatever a number of the other is, which must
 * be there to say so.
 */
export const after: OnnxLowering = (emitter, node, [x, ...others]) =>
  others.reduce((value, other, i) => {
    const one = first(emitter, other, (node.inputs[i + 1] as Node).shape.length);
    return emitter.node("Where", [emitter.node("Equal", [one, one]), value, value]);
  }, x as string);
