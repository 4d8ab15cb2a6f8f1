/** The entry of an operator in the table: all that the compiler knows about it. */
import type { Either } from "fp-ts/lib/Either.js";
import type { Attributes, Node, Shape } from "./graph.js";

/** A tensor of the reference evaluator, row-major. */
export interface Tensor {
  readonly shape: Shape;
  readonly data: Float64Array;
}

export type OnnxAttribute =
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly string: string };

/**
 * Writes ONNX nodes. Values are named by strings. Equal nodes of equal inputs are written once, so
 * a lowering may ask for the same helper value (a rotated weight, a statistic) as often as it
 * likes.
 */
export interface OnnxEmitter {
  /** Whether the nodes must hold for images of any size, wherever that is possible. */
  readonly anySize?: boolean;
  /** Adds one node of the standard domain with a single output. */
  node(
    type: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, OnnxAttribute>>,
  ): string;
  /** Adds one node with `count` outputs. */
  nodes(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>>,
    count: number,
  ): readonly string[];
  /** A constant of 32-bit floats. */
  floats(data: ArrayLike<number>, shape: Shape): string;
  /** A constant of 64-bit integers; without a shape a vector. */
  ints(data: readonly number[], shape?: Shape): string;
}

/**
 * ONNX nodes that compute the node from `inputs`, the names of its inputs; returns the name of its
 * value.
 */
export type OnnxLowering = (emitter: OnnxEmitter, node: Node, inputs: readonly string[]) => string;

/**
 * The gradients for the inputs of `node`, in their order, given `dy`, the gradient for its value.
 * An entry is absent where none flows, and a function, so that only wanted ones are built. They are
 * made of operators of the table.
 */
export type Vjp = (node: Node, dy: Node) => readonly ((() => Node) | undefined)[];

/**
 * How an operator goes along the axes of its inputs, which is what lets a pass move it past a
 * transpose or let it work on several samples at once: on each element, `elementwise`, or each pair
 * that broadcasting makes, `pairwise`; over the attribute `axes`, for each place of the others,
 * `over axes`; on each image of [n, c, h, w] alone, `each image`; absent: otherwise.
 */
export type Extent = "elementwise" | "pairwise" | "over axes" | "each image";

/**
 * Whose memory holds a value that is its first input, seen otherwise: the input's, `always`;
 * `by axes`, in an engine that gives names to the axes of what it holds; `by order`, in an engine
 * that computes in the order that it is told.
 */
export type View = "always" | "by axes" | "by order";

export interface Operator {
  readonly name: string;
  /** One or two sentences: what it computes, its attributes, whose convention it follows. */
  readonly doc: string;
  /**
   * Names and kinds of all attributes; none is optional. `sides` are a number for both axes of an
   * image, or two.
   */
  readonly attributes: Readonly<
    Record<string, "number" | "boolean" | "string" | "numbers" | "sides">
  >;
  readonly extent?: Extent;
  /** Absent: its value has memory of its own. */
  readonly view?: View;
  /** Whether every number of its value is one of its first input's. */
  readonly moves?: true;
  /**
   * Whether it takes away what is the same all along its `axes`: a constant added there changes
   * nothing.
   */
  readonly ignoresShift?: true;
  /**
   * Of two operands, the number that leaves the other as it is, in the left place and in the right.
   */
  readonly neutral?: { readonly left?: number; readonly right?: number };
  /** How many inputs it takes; `many` is one or more. */
  readonly arity: number | "many";
  /** The shape of its value, or why there is none. */
  readonly shape: (inputs: readonly Shape[], attributes: Attributes) => Either<string, Shape>;
  readonly vjp: Vjp;
  /** Its meaning, in float64: plain loops, as readable as can be. */
  readonly evaluate: (
    inputs: readonly Tensor[],
    attributes: Attributes,
    shape: Shape,
  ) => Float64Array;
  readonly onnx: OnnxLowering;
}

/** Whether the node is one of the operator. */
export function isOf(node: Node, operator: Operator): boolean;
export function isOf(node: Node | undefined, operator: Operator): node is Node;
export function isOf(node: Node | undefined, { name }: Operator): boolean {
  return node?.operator === name;
}
