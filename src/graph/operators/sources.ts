/** Sources of values: inputs and constants. */
import { make } from "../build.js";
import { inputName, type Node, type Shape, sizeOf } from "../graph.js";
import { isOf, type Operator } from "../operator.js";
import * as onnx from "./onnx/sources.js";
import { notShape, numbersOf, shapeUnless } from "./rules.js";

const inputOperator: Operator = {
  name: "input",
  doc: "A tensor that is fed from outside, by its name.",
  attributes: { name: "string", shape: "numbers" },
  arity: 0,
  shape: (_, attributes) => shapeUnless(notShape(attributes), () => numbersOf(attributes, "shape")),
  vjp: () => [],
  evaluate: (_, { name }) => {
    throw new Error(`the input ${name} is fed, not computed`);
  },
  // what is fed keeps its name
  onnx: (_, node) => inputName(node),
};

/** A value fed under `name`, which is the only one of its graph. */
export const input = (name: string, shape: Shape): Node =>
  make(inputOperator, [], { name, shape: [...shape] });

const constantOperator: Operator = {
  name: "constant",
  doc: "Known numbers in row-major order; a single one fills the whole shape.",
  attributes: { data: "numbers", shape: "numbers" },
  arity: 0,
  shape: (_, attributes) => {
    const count = numbersOf(attributes, "data").length;
    const shape = numbersOf(attributes, "shape");
    const fits = count === 1 || count === sizeOf(shape);
    return shapeUnless(
      notShape(attributes) ?? (fits ? undefined : `${count} numbers do not fill the shape`),
      () => shape,
    );
  },
  vjp: () => [],
  evaluate: (_, attributes, shape) => {
    const data = numbersOf(attributes, "data");
    return data.length === 1
      ? new Float64Array(sizeOf(shape)).fill(data[0] as number)
      : Float64Array.from(data);
  },
  onnx: onnx.constant,
};

/** A tensor filled with one number; by default a scalar. */
export const constant = (value: number, shape: Shape = []): Node =>
  make(constantOperator, [], { data: [value], shape: [...shape] });

/** A tensor of known numbers, row-major. */
export const tensor = (data: ArrayLike<number>, shape: Shape): Node =>
  make(constantOperator, [], { data: Array.from(data), shape: [...shape] });

/** The number that a constant holds everywhere; nothing of what is no such constant. */
export const numberIn = (node: Node | undefined): number | undefined => {
  if (!isOf(node, constantOperator)) return undefined;
  const data = numbersOf(node.attributes, "data");
  return data.length === 1 ? data[0] : undefined;
};

export const isInput = (node: Node): boolean => isOf(node, inputOperator);

export const isConstant = (node: Node): boolean => isOf(node, constantOperator);

export const sources: readonly Operator[] = [inputOperator, constantOperator];
