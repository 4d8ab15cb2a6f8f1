/**
 * What holds along the two axes of an image: the sides of a window, its steps, a border. It is one
 * number where both are equal, else one of the height and one of the width, in the order of shapes.
 * To compute with it one must say which axis is meant.
 */

/** The height is 0, the width 1. */
export type Axis = 0 | 1;

export const axes: readonly [0, 1] = [0, 1];

export type Pair = readonly [height: number, width: number];

export type Sides = number | Pair;

/** The number of one axis. */
export const along = (sides: Sides, axis: Axis): number =>
  typeof sides === "number" ? sides : sides[axis];

/** Both numbers, equal or not. */
export const bothOf = (sides: Sides): Pair => [along(sides, 0), along(sides, 1)];

/** Two numbers as sides: one number where they are equal, so that each has one form. */
export const sidesOf = ([height, width]: Pair): Sides =>
  height === width ? height : [height, width];

/** The sides of which each is found for its axis. */
export const eachAxis = (of: (axis: Axis) => number): Sides => sidesOf([of(0), of(1)]);

export const sameSides = (a: Sides, b: Sides): boolean =>
  axes.every((axis) => along(a, axis) === along(b, axis));

/** As a spec writes them: `3`, or `(3, 7)`. */
export const sidesText = (sides: Sides): string =>
  typeof sides === "number" ? String(sides) : `(${sides.join(", ")})`;

/** What covers an area, in words: `3 x 3`, `3 x 7`. */
export const areaText = (sides: Sides): string => bothOf(sides).join(" x ");

/** A measure in words: `70`, `7 x 19`. */
export const measureText = (sides: Sides): string =>
  typeof sides === "number" ? String(sides) : areaText(sides);
