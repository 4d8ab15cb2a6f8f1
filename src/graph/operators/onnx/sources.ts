/** Lowering of sources to ONNX. An `input` is a feed of the graph, which the emitter declares. */
import { type Shape, sizeOf } from "../../graph.js";
import type { OnnxEmitter, OnnxLowering } from "../../operator.js";
import { numbersOf } from "./attributes.js";

/** Above this many numbers a tensor of equal ones is written as one number and how often. */
const LARGE = 1024;

/** A tensor filled with one number. */
export const filled = (emitter: OnnxEmitter, value: number, shape: Shape): string => {
  const size = sizeOf(shape);
  return size <= LARGE
    ? emitter.floats(new Float32Array(size).fill(value), shape)
    : // runtimes expand it once, when they load the model
      emitter.node("Expand", [emitter.floats([value], []), emitter.ints(shape)]);
};

export const constant: OnnxLowering = (emitter, node) => {
  const data = numbersOf(node, "data");
  return data.length === 1
    ? filled(emitter, data[0] as number, node.shape)
    : emitter.floats(data, node.shape);
};
