/** Joins of values at one place of a network: arithmetic on two, and channels side by side. */
import type { Node } from "../graph/graph.js";
import { add, broadcast, mul, sub } from "../graph/operators/arithmetic.js";
import { concat } from "../graph/operators/shaping.js";
import type { Shape } from "./layer.js";
import { hull, minus, plus, type Range, times } from "./range.js";

export interface Join {
  /** Also the name of its function in the runtime. */
  readonly name: string;
  /** The operator that is written between two values; absent where its name is called. */
  readonly symbol?: string;
  /** The shape of what it gives; undefined where the values do not meet. */
  readonly shape: (inputs: readonly Shape[]) => Shape | undefined;
  /** Range of its values, given the ranges of two inputs. */
  readonly range: (a: Range, b: Range) => Range;
  /** Its value for values [n, c, h, w]. */
  readonly graph: (inputs: readonly Node[]) => Node;
}

const isVector = ([height, width]: Shape): boolean => height === 1 && width === 1;

/**
 * Joins two values element by element. A vector of one number for each channel, or of one for all,
 * meets every place; a map, which has one number for each place, meets every channel.
 */
const elementwise = (
  name: string,
  symbol: string,
  range: Join["range"],
  of: (a: Node, b: Node) => Node,
): Join => {
  const meets = (small: Shape, large: Shape): boolean => {
    const isAlike = small[0] === large[0] && small[1] === large[1];
    return (
      (isAlike && (small[2] === large[2] || small[2] === 1)) ||
      (isVector(small) && (small[2] === 1 || small[2] === large[2]))
    );
  };
  return {
    name,
    symbol,
    shape: (inputs) =>
      inputs.find((large) => inputs.every((small) => small === large || meets(small, large))),
    range,
    graph: (inputs) => inputs.reduce(of),
  };
};

/** Repeats each 1 x 1 value at every place of the others. */
const repeated = (inputs: readonly Node[]): readonly Node[] => {
  const [height, width] = [2, 3].map((axis) => Math.max(...inputs.map((x) => x.shape[axis] ?? 1)));
  return inputs.map((x) => {
    const [n = 1, c = 1, h = 1, w = 1] = x.shape;
    return h === height && w === width ? x : broadcast(x, [n, c, height ?? h, width ?? w]);
  });
};

export const addJoin: Join = elementwise("add", "+", plus, add);

/**
 * Puts channels side by side; what is 1 x 1 is repeated over the height and width of the others.
 */
export const concatJoin: Join = {
  name: "concat",
  shape: (inputs) => {
    const [height = 1, width = 1] = inputs.find((input) => !isVector(input)) ?? inputs[0] ?? [];
    const fits = (input: Shape): boolean =>
      isVector(input) || (input[0] === height && input[1] === width);
    const channels = inputs.reduce((sum, [, , c]) => sum + c, 0);
    return inputs.every(fits) ? [height, width, channels] : undefined;
  },
  range: hull,
  graph: (inputs) => concat(repeated(inputs), 1),
};

/** All joins, by name. */
export const joins: ReadonlyMap<string, Join> = new Map(
  [
    addJoin,
    elementwise("sub", "-", minus, sub),
    elementwise("mul", "*", times, mul),
    concatJoin,
  ].map((join) => [join.name, join]),
);

/** The join that is written by an operator between two values. */
export const joinBy = (symbol: string): Join | undefined =>
  [...joins.values()].find((join) => join.symbol === symbol);
