/** Losses and what they are made of, as a graph. */
import { impossible } from "../base/impossible.js";
import { gradients } from "../graph/differentiate.js";
import { type Node, sameShape } from "../graph/graph.js";
import { add, broadcast, div, mean, mul, sub, sum } from "../graph/operators/arithmetic.js";
import { neg, power, stop } from "../graph/operators/functions.js";
import { concat, reshape } from "../graph/operators/shaping.js";
import { constant } from "../graph/operators/sources.js";
import type { HostDraws } from "../operators/functions.js";
import { functionOf } from "../operators/layer-functions.js";
import type { Forward } from "../program/forward.js";
import { byDomain, formulaKey, forwardOf } from "../program/forward.js";
import type { Term } from "../program/term.js";
import { valueText } from "../program/text.js";
import { slope } from "./names.js";

export interface Application {
  readonly network: string;
  readonly inputs: readonly Node[];
  /** What the inputs are called: equal for equal values. */
  readonly called: readonly string[];
  /** Equal for equal applications: these share what is drawn inside of them. */
  readonly key: string;
}

/** A value that a gradient is taken at. */
interface Point {
  readonly key: string;
  readonly text: string;
}

/** How the values that formulas are made of come about. */
export interface Leaves extends HostDraws {
  /** What is drawn, [n, c, h, w]. */
  readonly draw: (draw: Forward) => Node;
  readonly apply: (application: Application) => Node;
  /** What a history gives for the images that were made, [n, c, h, w]. */
  readonly replay: (replay: Forward, images: Node) => Node;
  /** What gradients around the term are taken for, by how many stand around them. */
  readonly variables?: ReadonlyMap<number, Node>;
  /** The values that they stand for. */
  readonly points?: ReadonlyMap<number, Point>;
}

const keysOf = ({ points = new Map() }: Leaves): ReadonlyMap<number, string> =>
  new Map([...points].map(([depth, { key }]) => [depth, key]));

const textsOf = ({ points = new Map() }: Leaves): ReadonlyMap<number, string> =>
  new Map([...points].map(([depth, { text }]) => [depth, text]));

/** `left ^ right`: an exponent is a number that is known. */
const powerOf = (left: Node, right: Term): Node => power(left, numberOf(right));

const arithmetic = (
  term: Extract<Term, { kind: "arithmetic" }>,
  value: (t: Term) => Node,
): Node => {
  const left = value(term.left);
  switch (term.operator) {
    case "+":
      return add(left, value(term.right));
    case "-":
      return sub(left, value(term.right));
    case "*":
      return mul(left, value(term.right));
    case "/":
      return div(left, value(term.right));
    case "^":
      return powerOf(left, term.right);
  }
};

/** Along the channels; what has one position is repeated over those of the others. */
const joined = (items: readonly Node[]): Node => {
  const sides = [2, 3].map((axis) => Math.max(...items.map(({ shape }) => shape[axis] ?? 1)));
  const wide = items.map((item) => {
    const shape = [...item.shape.slice(0, 2), ...sides];
    return sameShape(shape, item.shape) ? item : broadcast(item, shape);
  });
  return concat(wide, 1);
};

const meanOfAll = (x: Node): Node =>
  reshape(
    mean(
      x,
      x.shape.map((_, axis) => axis),
    ),
    [],
  );

/**
 * The value of a term: an image batch, a tensor, one number for each sample, or a scalar, as its
 * type says.
 */
export const termValue = (term: Term, leaves: Leaves): Node => {
  const value = (t: Term): Node => termValue(t, leaves);
  switch (term.kind) {
    case "constant":
      return constant(term.value);
    case "draw":
      return leaves.draw(forwardOf(term, byDomain) ?? impossible(`${term.name} is not drawn`));
    case "apply":
      return leaves.apply({
        network: term.network,
        inputs: term.inputs.map(value),
        called: term.inputs.map((input) => valueText(input, textsOf(leaves))),
        key: formulaKey(term, keysOf(leaves)),
      });
    case "replay": {
      const images = value(term.input);
      if (term.size === 0) return stop(images);
      return leaves.replay(forwardOf(term, byDomain) ?? impossible("a formula is kept"), images);
    }
    case "relabel":
      // Only the type changes.
      return value(term.input);
    case "pointwise": {
      const input = value(term.input);
      return functionOf(term.of).graph([input], [], leaves);
    }
    case "function": {
      const { values, graph } = functionOf(term.of);
      const count = values.length;
      const numbers = term.inputs.slice(count).map(numberOf);
      return graph(term.inputs.slice(0, count).map(value), numbers, leaves);
    }
    case "variable":
      return (
        leaves.variables?.get(term.depth) ?? impossible("a variable stands outside of its gradient")
      );
    case "gradient":
      return gradientValue(term, leaves);
    case "distance":
      return distance(term, value, leaves);
    case "negate":
      return neg(value(term.input));
    case "arithmetic":
      return arithmetic(term, value);
    case "concat":
      return joined(term.items.map(value));
    case "mean": {
      const body = value(term.body);
      return body.shape.length === 0 ? body : meanOfAll(body);
    }
    case "loss":
    case "objective":
      return value(term.body);
  }
};

/** Of two numbers a distance has no samples to average over; the checker admits one at most. */
const distance = (
  { of, left, right }: Extract<Term, { kind: "distance" }>,
  value: (t: Term) => Node,
  leaves: Leaves,
): Node => {
  const [a, b] = [value(left), value(right)];
  // A distance is symmetric: what has samples stands first.
  return functionOf(of).graph(a.shape.length === 0 ? [b, a] : [a, b], [], leaves);
};

const numberOf = (term: Term): number =>
  term.kind === "constant" ? term.value : impossible("a number is no constant");

/**
 * The derivative is taken for a node of its own, so that the same value elsewhere in the function
 * is a constant to it. What comes out is made of the same operators as everything else, and is
 * differentiated again with the objective.
 */
const gradientValue = (
  { depth, body, at }: Extract<Term, { kind: "gradient" }>,
  leaves: Leaves,
): Node => {
  const point = termValue(at, leaves);
  // Part of nothing, or else each application that reads it would have one of its own.
  const fresh = { ...reshape(point, point.shape), provenance: { of: [] } };
  const variables = new Map([...(leaves.variables ?? []), [depth, fresh]]);
  const own = { key: formulaKey(at, keysOf(leaves)), text: valueText(at, textsOf(leaves)) };
  const points = new Map([...(leaves.points ?? []), [depth, own]]);
  const value = termValue(body, { ...leaves, variables, points });
  const summed = sum(
    value,
    value.shape.map((_, axis) => axis),
  );
  return (
    gradients(summed, [fresh], slope).get(fresh) ?? impossible("the gradient was not asked for")
  );
};
