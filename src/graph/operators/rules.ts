/** Helpers that the table's entries share: they read attributes, and say why there is no shape. */
import { type Either, left, right } from "fp-ts/lib/Either.js";
import { bothOf, type Sides } from "../../base/sides.js";
import type { Attributes, Shape } from "../graph.js";

export type One<T> = readonly [T];
export type Two<T> = readonly [T, T];
/** Batch, channels, height, width; or output channels, input channels, height, width. */
export type Shape4 = readonly [number, number, number, number];

/** Attributes that may differ between the axes of an image. */
export type SidesAttribute = "dilation" | "kernel" | "pad" | "stride";

/** An attribute that is a number. What may differ between the axes is none, as its type tells. */
export const numberOf = <Name extends string>(
  attributes: Attributes,
  name: Name extends SidesAttribute ? never : Name,
): number => attributes[name as string] as number;

export const sidesOf = (attributes: Attributes, name: SidesAttribute): Sides =>
  attributes[name] as Sides;

export const numbersOf = (attributes: Attributes, name: string): readonly number[] =>
  attributes[name] as readonly number[];

/** A problem, or none. */
export type Problem = string | undefined;

/** The shape where there is no problem; it is computed only then. */
export const shapeUnless = (problem: Problem, shape: () => Shape): Either<string, Shape> =>
  problem === undefined ? right(shape()) : left(problem);

export const show = (shape: Shape): string => `[${shape.join(", ")}]`;

const isWhole = (n: number, least: number): boolean => Number.isSafeInteger(n) && n >= least;

/** The first of the named attributes, numbers or sides, that is not whole or below `least`. */
export const notWhole = (
  attributes: Attributes,
  least: number,
  names: readonly string[],
): Problem => {
  const bad = names.find((name) =>
    bothOf(attributes[name] as Sides).some((number) => !isWhole(number, least)),
  );
  return bad === undefined ? undefined : `${bad} must be a whole number of at least ${least}`;
};

/** Whether the attribute is not a list of `length` whole numbers of at least `least`. */
export const notWholes = (
  attributes: Attributes,
  least: number,
  name: string,
  length: number,
): Problem => {
  const list = numbersOf(attributes, name);
  return list.length === length && list.every((n) => isWhole(n, least))
    ? undefined
    : `${name} must be ${length} whole numbers of at least ${least}`;
};

/** A tensor has at least one number: every side is a whole number of at least 1. */
export const notShape = (attributes: Attributes): Problem => {
  const shape = numbersOf(attributes, "shape");
  return notWholes(attributes, 1, "shape", shape.length);
};

/** Whether `axes` is not a set of axes of a tensor of this rank, in ascending order. */
export const notAxes = (attributes: Attributes, rank: number): Problem => {
  const axes = numbersOf(attributes, "axes");
  return axes.every(
    (axis, i) => isWhole(axis, i === 0 ? 0 : (axes[i - 1] as number) + 1) && axis < rank,
  )
    ? undefined
    : `axes must ascend and lie below the rank, ${rank}`;
};

/**
 * The shape without the axes of the attribute `axes`, which stay with a side of 1; or why they are
 * no axes of it.
 */
export const reducedShape = (
  [x]: readonly Shape[],
  attributes: Attributes,
): Either<string, Shape> => {
  const shape = x as Shape;
  const axes = numbersOf(attributes, "axes");
  return shapeUnless(notAxes(attributes, shape.length), () =>
    shape.map((side, axis) => (axes.includes(axis) ? 1 : side)),
  );
};

export const notRank = (shape: Shape, rank: number, what: string): Problem =>
  shape.length === rank ? undefined : `${what} must have rank ${rank}, not ${shape.length}`;
