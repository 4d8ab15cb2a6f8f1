/**
 * What holds along the two axes of an image: one number where both are equal, or one of the height
 * and one of the width.
 */
export type Sides = number | readonly [height: number, width: number];

/** The height is 0, the width 1. */
export type Axis = 0 | 1;

/** The number of one axis. */
export const along = (sides: Sides, axis: Axis): number =>
  typeof sides === "number" ? sides : sides[axis];

/** Both numbers, equal or not. */
export const bothOf = (sides: Sides): [height: number, width: number] => [
  along(sides, 0),
  along(sides, 1),
];

/** Whether both numbers are this one. */
export const areBoth = (sides: Sides, value: number): boolean =>
  along(sides, 0) === value && along(sides, 1) === value;
