/** When a value is computed, which changes no number but how many are held at once. */
import { make } from "../build.js";
import type { Node } from "../graph.js";
import type { Operator, Tensor } from "../operator.js";
import * as onnx from "./onnx/order.js";
import { shapeUnless } from "./rules.js";

const afterOperator: Operator = {
  name: "after",
  doc: "The first input itself, to be had not before all others are computed.",
  attributes: {},
  view: "by order",
  arity: "many",
  shape: ([x = []]) => shapeUnless(undefined, () => x),
  vjp: (node, dy) => node.inputs.map((_, i) => (i === 0 ? () => dy : undefined)),
  evaluate: ([x]) => (x as Tensor).data,
  onnx: onnx.after,
};

/** x, to be had not before the others are computed. */
export const after = (x: Node, others: readonly Node[]): Node =>
  make(afterOperator, [x, ...others]);

export const order: readonly Operator[] = [afterOperator];
