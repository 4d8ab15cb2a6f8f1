/** Reading the attributes of a node, whose kinds the table of operators promises. */
import type { Sides } from "../../../base/sides.js";
import type { Node } from "../../graph.js";
import type { SidesAttribute } from "../rules.js";

export const numberOf = <Name extends string>(
  node: Node,
  name: Name extends SidesAttribute ? never : Name,
): number => node.attributes[name as string] as number;
export const sidesOf = (node: Node, name: SidesAttribute): Sides => node.attributes[name] as Sides;
export const flagOf = (node: Node, name: string): boolean => node.attributes[name] as boolean;
export const numbersOf = (node: Node, name: string): readonly number[] =>
  node.attributes[name] as readonly number[];

/** The four sides of an image batch, or of the weights of a convolution. */
export type Shape4 = readonly [number, number, number, number];

/** The shape of an input that the operator's rule has shown to be of rank 4. */
export const shape4 = (node: Node, input: number): Shape4 =>
  node.inputs[input]?.shape as unknown as Shape4;
