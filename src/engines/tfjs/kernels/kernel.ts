/** Defines a kernel, and the parts that kernels are made of. */
import * as tf from "@tensorflow/tfjs";
import type { Sides } from "../../../base/sides.js";
import type { Attributes, Node, Shape } from "../../../graph/graph.js";
import type { SidesAttribute } from "../../../graph/operators/rules.js";
import { onTensorflow } from "../../../runtime/kernels/backend.js";
import { held, type LayoutRule, type Order } from "./axis-order.js";

/** A node with a fixed layout. Shapes are those of memory. */
export interface Placed {
  readonly attributes: Attributes;
  readonly inputs: readonly Shape[];
  readonly shape: Shape;
  /** Order of the value, and of each input. */
  readonly order: Order;
  readonly orders: readonly Order[];
}

/** Makes a new tensor. Its inputs stay, and it disposes its own intermediates. */
export type Compute = (inputs: readonly tf.Tensor[]) => tf.Tensor;

export interface GraphKernel {
  readonly layout: LayoutRule;
  /** Compiles for the current tfjs backend. */
  readonly compile: (placed: Placed) => Compute;
}

/** By operator name. */
export type GraphKernels = Readonly<Record<string, GraphKernel>>;

/** Returns a node's shape in memory. The order may have more axes than the node. */
export const placedShape = ({ shape }: Node, order: Order): Shape =>
  held([...Array<number>(order.length - shape.length).fill(1), ...shape], order);

/** Makes a kernel of several tfjs operations, whose intermediates are disposed. */
export const composed =
  (compute: (...inputs: tf.Tensor[]) => tf.Tensor): Compute =>
  (inputs) =>
    tf.tidy(() => compute(...inputs));

/** Makes a kernel of one tfjs operation. */
export const single =
  (compute: (...inputs: tf.Tensor[]) => tf.Tensor): Compute =>
  (inputs) =>
    compute(...inputs);

/** Chooses the form for the current backend. */
export const choose = (tensorflow: () => Compute, portable: () => Compute): Compute =>
  onTensorflow() ? tensorflow() : portable();

export const number = <Name extends string>(
  { attributes }: Placed,
  name: Name extends SidesAttribute ? never : Name,
): number => attributes[name as string] as number;
export const sides = ({ attributes }: Placed, name: SidesAttribute): Sides =>
  attributes[name] as Sides;
export const numbers = ({ attributes }: Placed, name: string): readonly number[] =>
  attributes[name] as readonly number[];
