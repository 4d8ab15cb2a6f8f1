/** Lowering of values at places to ONNX. */
import type { Node, Shape } from "../../graph.js";
import type { OnnxEmitter, OnnxLowering } from "../../operator.js";
import { stripsOf } from "../offsets.js";
import { numbersOf } from "./attributes.js";
import { reshaped } from "./shaping.js";
import { filled } from "./sources.js";

/** ONNX's type of 64-bit integers, by its number. */
const INT64 = 7;

/**
 * Casts places to integers. They are fed as 32-bit floats, which hold every whole number up to
 * 2^24.
 */
const whole = (emitter: OnnxEmitter, places: string): string =>
  emitter.node("Cast", [places], { to: { int: INT64 } });

/** A shape with the node's axes as one. */
const merged = (node: Node, shape: Shape): readonly [number, number, number] => {
  const { before, along, behind } = stripsOf(shape, numbersOf(node, "axes"));
  return [before, along, behind];
};

export const gather: OnnxLowering = (emitter, node, [x, places]) => {
  const strips = reshaped(emitter, x as string, merged(node, (node.inputs[0] as Node).shape));
  const found = emitter.node("Gather", [strips, whole(emitter, places as string)], {
    axis: { int: 1 },
  });
  return reshaped(emitter, found, node.shape);
};

export const scatterAdd: OnnxLowering = (emitter, node, [dy, places]) => {
  const strips = merged(node, node.shape);
  const given = merged(node, (node.inputs[0] as Node).shape);
  const [, count] = given;
  const list = reshaped(emitter, whole(emitter, places as string), [1, count, 1]);
  const sums = emitter.node(
    "ScatterElements",
    [
      filled(emitter, 0, strips),
      emitter.node("Expand", [list, emitter.ints(given)]),
      reshaped(emitter, dy as string, given),
    ],
    { axis: { int: 1 }, reduction: { string: "add" } },
  );
  return reshaped(emitter, sums, node.shape);
};
