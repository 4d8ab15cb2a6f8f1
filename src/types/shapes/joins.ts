/** Values of a network that meet each other, and numbers: `x + f(x)`, `0.2 * f(x)`, `1 - gate`. */
import type { Span } from "../../base/source.js";
import type { Shape } from "../../operators/layer.js";
import { rescale } from "../../operators/layers.js";
import type * as ast from "../../syntax/ast.js";
import type { Context } from "../values/context.js";
import { dividesByZero } from "../values/numbers.js";
import { type Activation, describeValue, showShape, unknown, type Value } from "../values/value.js";
import type { Tracer } from "./trace.js";

type Binary = ast.Expr & { readonly kind: "binary" };

/**
 * The shape of two values joined element by element. Numbers without places, one for each channel
 * or one for all, meet every place; a mask, which has one number for each place, is multiplied with
 * every channel.
 */
const joinedShape = (a: Shape, b: Shape, kind: string): Shape | undefined => {
  const meets = (small: Shape, large: Shape): boolean => {
    const isAlike = small[0] === large[0] && small[1] === large[1];
    const hasPlaces = small[0] * small[1] > 1;
    return (
      (isAlike && (small[2] === large[2] || (kind === "mul" && small[2] === 1))) ||
      (!hasPlaces && (small[2] === 1 || small[2] === large[2]))
    );
  };
  if (meets(b, a)) return a;
  return meets(a, b) ? b : undefined;
};

const kinds: Readonly<Record<string, string>> = { "+": "add", "-": "sub", "*": "mul" };

/** An operator with a number on one side, as value times `scale` plus `offset`. */
export interface Rescaling {
  readonly scale: number;
  readonly offset: number;
}

/** Nothing where the operator takes no number on that side. */
const rescaling = (operator: string, number: number, isLeft: boolean): Rescaling | undefined => {
  switch (operator) {
    case "+":
      return { scale: 1, offset: number };
    case "-":
      return isLeft ? { scale: -1, offset: number } : { scale: 1, offset: -number };
    case "*":
      return { scale: number, offset: 0 };
    case "/":
      return isLeft ? undefined : { scale: 1 / number, offset: 0 };
    default:
      return undefined;
  }
};

const activation = (of: Activation | undefined): Value =>
  of === undefined ? unknown : { kind: "activation", activation: of };

/** The value through the layer `rescale`. */
export const rescaled = (
  tracer: Tracer | undefined,
  x: Activation,
  options: Rescaling,
  { span }: ast.Expr,
): Value => {
  return activation(
    tracer?.apply({ kind: "layer", layer: rescale, options: { ...options }, span }, [x]),
  );
};

/** The network that values are of. */
interface Network {
  readonly context: Context;
  readonly tracer: Tracer | undefined;
}

const withNumber = (
  { context, tracer }: Network,
  expr: Binary,
  left: Value,
  right: Value,
): Value => {
  const [number, value] = left.kind === "number" ? [left, right] : [right, left];
  if (number.kind !== "number" || value.kind !== "activation")
    return refused(context, expr, left, right);
  if (number.value === undefined) return unknown;
  const options = rescaling(expr.operator, number.value, left.kind === "number");
  if (options === undefined) return refused(context, expr, left, right);
  if (expr.operator === "/" && number.value === 0)
    return context.report("GAN408", expr.span, dividesByZero);
  return rescaled(tracer, value.activation, options, expr);
};

const refused = (context: Context, expr: Binary, left: Value, right: Value): Value => {
  const wrong = left.kind === "activation" ? right : left;
  const { operator } = expr;
  if (wrong.kind === "activation" || wrong.kind === "number")
    return context.report(
      "GAN305",
      expr.span,
      `\`${operator}\` is no operation on values within a network; there are +, -, * and / by a number`,
    );
  return context.report(
    "GAN305",
    expr.span,
    `\`${operator}\` joins a value with a value of its shape or a number, and one side is ${describeValue(wrong)}`,
  );
};

/** `left operator right`, of which one at least is a value of the network at hand. */
export const joinValues = (network: Network, expr: Binary, left: Value, right: Value): Value => {
  const { context, tracer } = network;
  const kind = kinds[expr.operator];
  if (left.kind !== "activation" || right.kind !== "activation")
    return withNumber(network, expr, left, right);
  if (kind === undefined) return refused(context, expr, left, right);
  const [a, b] = [left.activation, right.activation];
  const shape = joinedShape(a.shape, b.shape, kind);
  return shape === undefined
    ? context.report(
        "GAN306",
        expr.span,
        `\`${expr.operator}\` joins ${showShape(a.shape)} with ${showShape(b.shape)}`,
      )
    : activation(tracer?.join(kind, [a, b], shape, expr.span));
};

/**
 * `concat(x, y, …)`: along the channels. What is 1 x 1 is repeated over the others' height and
 * width.
 */
export const concatValues = (
  { context, tracer }: Network,
  parts: readonly Activation[],
  span: Span,
): Value => {
  const isVector = ({ shape }: Activation): boolean => shape[0] === 1 && shape[1] === 1;
  const large = parts.find((part) => !isVector(part)) ?? parts[0];
  if (large === undefined) return unknown;
  const [height, width] = large.shape;
  const odd = parts.find(
    (part) => !isVector(part) && (part.shape[0] !== height || part.shape[1] !== width),
  );
  if (odd !== undefined) {
    const shapes = [...new Set(parts.map(({ shape }) => showShape(shape)))].join(" and ");
    return context.report(
      "GAN306",
      span,
      `\`concat\` joins channels of one size, and these are ${shapes}`,
    );
  }
  const channels = parts.reduce((sum, part) => sum + part.shape[2], 0);
  return activation(tracer?.join("concat", parts, [height, width, channels], span));
};
