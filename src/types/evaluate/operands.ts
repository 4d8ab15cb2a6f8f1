/** Checks of the operands of functions and arithmetic in losses. */
import type { Span } from "../../base/source.js";
import type { Shape } from "../../operators/layer.js";
import type * as ast from "../../syntax/ast.js";
import { sameDomain, showDomain } from "../values/domain-type.js";
import type { Term, TermType } from "../values/term.js";
import { isPerSample, showShape, type Value } from "../values/value.js";
import type { Evaluator } from "./evaluator.js";

export const termValue = (term: Term): Value => ({ kind: "term", term });

export const shapeOf = (type: TermType): Shape | undefined =>
  type.kind === "sample" || type.kind === "tensor" ? type.shape : undefined;

/** A number of the spec as a term, or the term itself. */
export const asTerm = (value: Value, expr: ast.Expr): Term | undefined => {
  if (value.kind === "term") return value.term;
  if (value.kind !== "number") return undefined;
  return { kind: "constant", expr, value: value.value, type: { kind: "loss" }, span: expr.span };
};

export const pointwiseType = (type: TermType): TermType =>
  type.kind === "sample" ? { kind: "tensor", shape: type.shape } : type;

/** Whether a term is one number for each sample, as far as its shape is known. */
export const isNumber = (term: Term): boolean =>
  term.kind === "constant" || isPerSample(shapeOf(term.type));

/**
 * Whether two terms have one shape at every size, being of one domain, or meet whatever the other's
 * is.
 */
const areAlike = (a: Term, b: Term): boolean => {
  if (a.kind === "constant" || b.kind === "constant") return true;
  const isSame = a.type.kind === "sample" && b.type.kind === "sample";
  return isSame && a.type.domain.kind === "domain" && sameDomain(a.type.domain, b.type.domain);
};

/**
 * Whether two terms may meet in one operation: one domain, one shape; a constant and one number for
 * each sample meet everything.
 */
export const comparable = (
  evaluator: Evaluator,
  a: Term,
  b: Term,
  span: Span,
  verb: string,
): boolean => {
  const { context } = evaluator;
  if (shapeOf(a.type) !== undefined && shapeOf(b.type) !== undefined && !areAlike(a, b))
    context.asksShapes = true;
  if (isNumber(a) || isNumber(b)) return true;
  if (
    a.type.kind === "sample" &&
    b.type.kind === "sample" &&
    !sameDomain(a.type.domain, b.type.domain)
  ) {
    const [x, y] = [showDomain(a.type.domain), showDomain(b.type.domain)];
    context.report("GAN301", span, `${verb} a value of ${x} with one of ${y}`, {
      labels: [
        { span: a.span, text: `this is of ${x}` },
        { span: b.span, text: `this is of ${y}` },
      ],
      notes: [
        "Values of different domains have no common measure. Bring one of them over by a network, or relabel it with `as`.",
      ],
    });
    return false;
  }
  const [x, y] = [shapeOf(a.type), shapeOf(b.type)];
  if (x === undefined || y === undefined || showShape(x) === showShape(y)) return true;
  context.report("GAN306", span, `${verb} ${showShape(x)} with ${showShape(y)}`, {
    labels: [
      { span: a.span, text: `this is ${showShape(x)}` },
      { span: b.span, text: `this is ${showShape(y)}` },
    ],
  });
  return false;
};
