/** Values of a network that meet each other, and numbers: `x + f(x)`, `0.2 * f(x)`, `1 - gate`. */
import type { Span } from "../../base/source.js";
import { concatJoin, joinBy } from "../../operators/joins.js";
import { rescale } from "../../operators/layers.js";
import type * as ast from "../../syntax/ast.js";
import type { Context } from "../values/context.js";
import { dividesByZero } from "../values/numbers.js";
import { type Activation, describeValue, showShape, unknown, type Value } from "../values/value.js";
import type { Tracer } from "./trace.js";

type Binary = ast.Expr & { readonly kind: "binary" };

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
  const join = joinBy(expr.operator);
  if (left.kind !== "activation" || right.kind !== "activation")
    return withNumber(network, expr, left, right);
  if (join === undefined) return refused(context, expr, left, right);
  const [a, b] = [left.activation, right.activation];
  const shape = join.shape([a.shape, b.shape]);
  return shape === undefined
    ? context.report(
        "GAN306",
        expr.span,
        `\`${expr.operator}\` joins ${showShape(a.shape)} with ${showShape(b.shape)}`,
      )
    : activation(tracer?.join(join, [a, b], shape, expr.span));
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
  const shape = concatJoin.shape(parts.map((part) => part.shape));
  if (shape !== undefined) return activation(tracer?.join(concatJoin, parts, shape, span));
  const shapes = [...new Set(parts.map((part) => showShape(part.shape)))].join(" and ");
  return context.report(
    "GAN306",
    span,
    `\`concat\` joins channels of one size, and these are ${shapes}`,
  );
};
