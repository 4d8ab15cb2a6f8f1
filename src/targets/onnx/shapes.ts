/**
 * The shapes of all values of an ONNX model, from the shapes of what is fed: of the operators that
 * the lowerings use.
 */
import { impossible } from "../../base/impossible.js";
import { type Shape, sizeOf } from "../../graph/graph.js";
import type { OnnxAttribute } from "../../graph/operator.js";
import type { OnnxModel, OnnxNode, OnnxTensor } from "./model.js";

/** A value of a model: its shape, and how many bytes one of its numbers takes. */
export interface OnnxSize {
  readonly shape: Shape;
  readonly width: number;
}

export const bytesOf = ({ shape, width }: OnnxSize): number => width * sizeOf(shape);

const FLOAT = 4;
const INT64 = 8;
const BOOL = 1;

/** Facts that a rule may ask about a node. */
interface Asked {
  /** The shape of an input. */
  readonly shape: (input: number) => Shape;
  /** The numbers of an input, which is constant; nothing where there is no such input. */
  readonly numbers: (input: number) => readonly number[] | undefined;
  readonly ints: (attribute: string) => readonly number[];
  readonly int: (attribute: string, otherwise: number) => number;
  readonly inputs: number;
}

type Rule = (asked: Asked) => Shape;

const same: Rule = ({ shape }) => shape(0);

const broadcastTwo = (a: Shape, b: Shape): Shape => {
  const rank = Math.max(a.length, b.length);
  const side = (shape: Shape, axis: number): number => shape[axis - rank + shape.length] ?? 1;
  return Array.from({ length: rank }, (_, axis) =>
    side(a, axis) === 1 ? side(b, axis) : side(a, axis),
  );
};

const broadcast: Rule = ({ shape, inputs }) =>
  Array.from({ length: inputs }, (_, i) => shape(i)).reduce(broadcastTwo);

const reduction: Rule = ({ shape, numbers }) => {
  const from = shape(0);
  const axes = numbers(1)?.map((axis) => (axis < 0 ? axis + from.length : axis));
  return from.map((side, axis) => (axes === undefined || axes.includes(axis) ? 1 : side));
};

const padsOf = (asked: Asked, axes: number): readonly number[] =>
  Array.from({ length: axes }, (_, i) => {
    const pads = asked.ints("pads");
    return (pads[i] ?? 0) + (pads[i + axes] ?? 0);
  });

/** Pixels from the first place of a window to its last along an axis, both counted. */
const spanOf = (asked: Asked, kernel: readonly number[], axis: number): number =>
  ((kernel[axis] ?? 1) - 1) * (asked.ints("dilations")[axis] ?? 1) + 1;

/** Positions of a window along each axis behind the first two. */
const slid = (asked: Asked, kernel: readonly number[]): readonly number[] => {
  const pads = padsOf(asked, kernel.length);
  const strides = asked.ints("strides");
  return asked
    .shape(0)
    .slice(2)
    .map((side, i) => {
      const room = side + (pads[i] ?? 0) - spanOf(asked, kernel, i);
      return Math.floor(room / (strides[i] ?? 1)) + 1;
    });
};

const pool: Rule = (asked) => [
  ...asked.shape(0).slice(0, 2),
  ...slid(asked, asked.ints("kernel_shape")),
];

const conv: Rule = (asked) => {
  const [n = 0] = asked.shape(0);
  const [o = 0, , ...kernel] = asked.shape(1);
  return [n, o, ...slid(asked, kernel)];
};

const convTranspose: Rule = (asked) => {
  const [n = 0, , ...sides] = asked.shape(0);
  const [, o = 0, ...kernel] = asked.shape(1);
  const pads = padsOf(asked, kernel.length);
  const [strides, more] = [asked.ints("strides"), asked.ints("output_padding")];
  const reached = sides.map(
    (side, i) =>
      (side - 1) * (strides[i] ?? 1) + spanOf(asked, kernel, i) - (pads[i] ?? 0) + (more[i] ?? 0),
  );
  return [n, o * asked.int("group", 1), ...reached];
};

const gemm: Rule = ({ shape, int }) => {
  const [rows, columns] = [shape(0), shape(1)];
  return [
    rows[int("transA", 0) === 1 ? 1 : 0] as number,
    columns[int("transB", 0) === 1 ? 0 : 1] as number,
  ];
};

const matmul: Rule = ({ shape }) => {
  const [a, b] = [shape(0), shape(1)];
  const outer = broadcastTwo(a.slice(0, -2), b.slice(0, -2));
  return [...outer, a.at(-2) as number, b.at(-1) as number];
};

const reshape: Rule = ({ shape, numbers }) => {
  const from = shape(0);
  const to = (numbers(1) ?? impossible("a reshape to nothing")).map((side, axis) =>
    side === 0 ? (from[axis] as number) : side,
  );
  const known = to.reduce((size, side) => (side === -1 ? size : size * side), 1);
  return to.map((side) => (side === -1 ? sizeOf(from) / known : side));
};

/** Counts the places from `begin` up to `end`, as ONNX does. */
const places = (side: number, begin: number, end: number, step: number): number => {
  const from = begin < 0 ? begin + side : begin;
  const to = end < 0 ? end + side : end;
  if (step > 0) {
    const [first, last] = [Math.min(Math.max(from, 0), side), Math.min(Math.max(to, 0), side)];
    return Math.max(0, Math.ceil((last - first) / step));
  }
  const [first, last] = [Math.min(Math.max(from, 0), side - 1), Math.max(to, -1)];
  return Math.max(0, Math.ceil((first - last) / -step));
};

const slice: Rule = ({ shape, numbers }) => {
  const from = shape(0);
  const begins = numbers(1) ?? [];
  const ends = numbers(2) ?? [];
  const axes = numbers(3) ?? begins.map((_, i) => i);
  const steps = numbers(4) ?? begins.map(() => 1);
  return from.map((side, axis) => {
    const i = axes.findIndex((each) => (each < 0 ? each + from.length : each) === axis);
    return i < 0 ? side : places(side, begins[i] as number, ends[i] as number, steps[i] as number);
  });
};

const pad: Rule = ({ shape, numbers }) => {
  const from = shape(0);
  const amounts = numbers(1) ?? [];
  return from.map((side, i) => side + (amounts[i] ?? 0) + (amounts[i + from.length] ?? 0));
};

const concat: Rule = ({ shape, int, inputs }) => {
  const first = shape(0);
  const along = int("axis", 0);
  const all = Array.from({ length: inputs }, (_, i) => shape(i)[along] as number);
  return first.map((side, axis) => (axis === along ? all.reduce((a, b) => a + b, 0) : side));
};

const gather: Rule = ({ shape, int }) => {
  const [from, indices, axis] = [shape(0), shape(1), int("axis", 0)];
  return [...from.slice(0, axis), ...indices, ...from.slice(axis + 1)];
};

const rules: Readonly<Record<string, Rule>> = {
  Add: broadcast,
  Sub: broadcast,
  Mul: broadcast,
  Div: broadcast,
  Pow: broadcast,
  Sum: broadcast,
  Equal: broadcast,
  Greater: broadcast,
  Where: broadcast,
  Expand: ({ shape, numbers }) => broadcastTwo(shape(0), numbers(1) ?? []),
  ReduceSum: reduction,
  ReduceMean: reduction,
  ReduceMax: reduction,
  AveragePool: pool,
  MaxPool: pool,
  Conv: conv,
  ConvTranspose: convTranspose,
  Gemm: gemm,
  MatMul: matmul,
  Reshape: reshape,
  Transpose: ({ shape, ints }) => ints("perm").map((axis) => shape(0)[axis] as number),
  Slice: slice,
  Pad: pad,
  Concat: concat,
  Gather: gather,
  Resize: ({ shape, numbers }) =>
    shape(0).map((side, axis) => Math.floor(side * (numbers(2)?.[axis] ?? 1))),
};

/** Returns the operator's rule. An operator without one has the shape of its first input. */
const ruleOf = ({ type }: OnnxNode): Rule => rules[type] ?? same;

const intsOf = (attribute: OnnxAttribute | undefined): readonly number[] =>
  attribute !== undefined && "ints" in attribute ? attribute.ints : [];

const intOf = (attribute: OnnxAttribute | undefined, otherwise: number): number =>
  attribute !== undefined && "int" in attribute ? attribute.int : otherwise;

/** ONNX's type of 64-bit integers, by its number. */
const TO_INT64 = 7;

const widthOf = (node: OnnxNode, output: number, input: number): number => {
  if (node.type === "Equal" || node.type === "Greater") return BOOL;
  if (node.type === "Cast") return intOf(node.attributes.to, 1) === TO_INT64 ? INT64 : FLOAT;
  if (node.type === "MaxPool") return output === 1 ? INT64 : FLOAT;
  return node.type === "Where" ? FLOAT : input;
};

/** Shape of LayerNormalization's further outputs: one statistic for each row. */
const shapeOfOutput = (node: OnnxNode, output: number, asked: Asked): Shape => {
  if (node.type === "LayerNormalization" && output > 0) {
    const axis = asked.int("axis", -1);
    return asked.shape(0).map((side, i) => (i < axis ? side : 1));
  }
  return ruleOf(node)(asked);
};

const numbersIn = ({ data }: OnnxTensor): readonly number[] => Array.from(data, Number);

/** Returns the shape of every value by name: fed, constant and computed. */
export const onnxSizes = (model: OnnxModel): ReadonlyMap<string, OnnxSize> => {
  const constants = new Map(model.initializers.map((tensor) => [tensor.name, tensor]));
  const sizes = new Map<string, OnnxSize>();
  for (const { name, shape } of model.inputs) sizes.set(name, { shape, width: FLOAT });
  for (const { name, shape, data } of model.initializers)
    sizes.set(name, { shape, width: data.BYTES_PER_ELEMENT });
  const sizeNamed = (name: string | undefined): OnnxSize =>
    sizes.get(name ?? "") ?? impossible(`the value ${name} is computed by none`);
  for (const node of model.nodes) {
    const asked: Asked = {
      shape: (input) => sizeNamed(node.inputs[input]).shape,
      numbers: (input) => {
        const tensor = constants.get(node.inputs[input] ?? "");
        return tensor === undefined ? undefined : numbersIn(tensor);
      },
      ints: (attribute) => intsOf(node.attributes[attribute]),
      int: (attribute, otherwise) => intOf(node.attributes[attribute], otherwise),
      inputs: node.inputs.length,
    };
    const { width } = sizeNamed(node.inputs[0]);
    node.outputs.forEach((name, output) => {
      sizes.set(name, {
        shape: shapeOfOutput(node, output, asked),
        width: widthOf(node, output, width),
      });
    });
  }
  return sizes;
};
