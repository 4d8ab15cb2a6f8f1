/** What a kernel is, and what kernels are made of. */
import * as tf from "@tensorflow/tfjs";
import type { Attributes, Node, Shape } from "../../../graph/graph.js";
import { onTensorflow } from "../../../runtime/backend.js";
import { held, type LayoutRule, type Order } from "./layout.js";

/** A node whose layout is settled. Shapes are those of memory. */
export interface Placed {
  readonly attributes: Attributes;
  readonly inputs: readonly Shape[];
  readonly shape: Shape;
  /** Order of the value, and of each input. */
  readonly order: Order;
  readonly orders: readonly Order[];
}

/** Makes a new tensor of those given, which stay. What else it makes, it disposes. */
export type Compute = (inputs: readonly tf.Tensor[]) => tf.Tensor;

export interface GraphKernel {
  readonly layout: LayoutRule;
  /** For the backend that tfjs has now. */
  readonly compile: (placed: Placed) => Compute;
}

/** By the operator's name. */
export type GraphKernels = Readonly<Record<string, GraphKernel>>;

/** The memory's shape of a node in an order, which may have more axes than the node. */
export const placedShape = ({ shape }: Node, order: Order): Shape =>
  held([...Array<number>(order.length - shape.length).fill(1), ...shape], order);

/** Of tfjs operations, whose intermediates are disposed. */
export const composed =
  (compute: (...inputs: tf.Tensor[]) => tf.Tensor): Compute =>
  (inputs) =>
    tf.tidy(() => compute(...inputs));

/** One tfjs operation. */
export const single =
  (compute: (...inputs: tf.Tensor[]) => tf.Tensor): Compute =>
  (inputs) =>
    compute(...inputs);

/** The form for the backend of now. */
export const choose = (tensorflow: () => Compute, portable: () => Compute): Compute =>
  onTensorflow() ? tensorflow() : portable();

export const number = ({ attributes }: Placed, name: string): number => attributes[name] as number;
export const numbers = ({ attributes }: Placed, name: string): readonly number[] =>
  attributes[name] as readonly number[];
