/** Makes nodes. The operator's own rule gives the shape. */
import { isLeft } from "fp-ts/lib/Either.js";
import type { Attributes, Node } from "./graph.js";
import type { Operator } from "./operator.js";

/**
 * Makes a node.
 * @throws Error where the operator does not fit its inputs. The checker has proved the shapes by
 *   then, so this is a defect of ganc.
 */
export const make = (
  operator: Operator,
  inputs: readonly Node[],
  attributes: Attributes = {},
  label?: string,
): Node => {
  const shapes = inputs.map((input) => input.shape);
  const shape = operator.shape(shapes, attributes);
  if (isLeft(shape)) {
    const given = shapes.map((side) => `[${side.join(", ")}]`).join(", ");
    throw new Error(`${operator.name} of ${given}: ${shape.left}`);
  }
  return { operator: operator.name, inputs, attributes, shape: shape.right, label };
};
