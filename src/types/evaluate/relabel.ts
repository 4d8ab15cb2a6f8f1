/** `y as X`: a value counts as one of another domain, which has its shape and holds its range. */
import { type Fix, replaceWith } from "../../diagnostics/diagnostic.js";
import { isBounded, isWithin, type Range, showRange } from "../../operators/range.js";
import type * as ast from "../../syntax/ast.js";
import { domainRange } from "../ranges/network-ranges.js";
import { sameDomain } from "../values/domain-type.js";
import type { NamedDomain } from "../values/domains.js";
import type { TermType } from "../values/term.js";
import { describeValue, showShape, unknown, type Value } from "../values/value.js";
import type { EvaluationScope, Evaluator } from "./evaluator.js";
import { termValue } from "./operands.js";

type Relabel = Extract<ast.Expr, { kind: "relabel" }>;

export const relabel = (evaluator: Evaluator, expr: Relabel, scope: EvaluationScope): Value => {
  const value = evaluator.evaluate(expr.value, scope);
  const domain = evaluator.domainOf(expr.type, scope.env);
  if (value.kind === "unknown" || domain === undefined) return unknown;
  const { context } = evaluator;
  if (value.kind !== "term" || value.term.type.kind === "loss" || value.term.kind === "constant") {
    return context.report(
      "GAN305",
      expr.value.span,
      `\`as\` relabels a value of a domain, not ${describeValue(value)}`,
    );
  }
  const [from, to] = [value.term.type, domain];
  if (from.shape !== undefined && to.kind === "domain") {
    const isSame = from.kind === "sample" && sameDomain(from.domain, to);
    if (!isSame) context.asksShapes = true;
    if (showShape(from.shape) !== showShape(to.shape)) {
      return context.report(
        "GAN306",
        expr.span,
        `a value of ${showShape(from.shape)} cannot count as ${to.name}, which is ${showShape(to.shape)}`,
      );
    }
    const given = rangeOf(from, to);
    if (!isWithin(given, domainRange(to))) return refuseRange(evaluator, expr, given, to);
  }
  return termValue({
    kind: "relabel",
    input: value.term,
    domain,
    type: { kind: "sample", domain, shape: from.shape },
    span: expr.span,
  });
};

/**
 * Where the domain of a value lies. What arithmetic makes has no range of its own, and features no
 * ends to keep.
 */
const rangeOf = (from: TermType, to: NamedDomain): Range => {
  const known = from.kind === "sample" && from.domain.kind === "domain";
  return known && from.domain.sampler !== "features" ? domainRange(from.domain) : domainRange(to);
};

const refuseRange = (
  { context }: Evaluator,
  { value, type, span }: Relabel,
  given: Range,
  to: NamedDomain,
): Value => {
  const wants = domainRange(to);
  const written = context.quote(value.span);
  const inside = within(written, given, wants);
  // A type variable is another domain in every use.
  const isOwn = context.quote(type.span) === to.name && !context.isLibrary(span);
  const suggestion: Fix | undefined = isOwn ? replaceWith(value.span, inside) : undefined;
  return context.report(
    "GAN306",
    span,
    `a value in ${showRange(given)} cannot count as ${to.name}, whose values lie in ${showRange(wants)}`,
    {
      labels: [{ span: to.span, text: `${to.name} is declared here` }],
      notes: [
        `A narrower range fits a wider one, and not the reverse. ${isBounded(given) ? "Scaled" : "Cut off at the ends"}, it fits: \`${inside} as ${to.name}\`.`,
      ],
      suggestion,
    },
  );
};

/** The value brought into a range: from end to end where it has ends, else cut off. */
const within = (written: string, given: Range, wants: Range): string => {
  const { low, high } = wants;
  if (!isBounded(given)) return `clamp(${written}, ${low}, ${high})`;
  const scale = Number(((high - low) / (given.high - given.low)).toPrecision(12));
  const offset = Number((low - scale * given.low).toPrecision(12));
  const isSimple = /^[\w.]+(\([^()]*\))?$/.test(written);
  const scaled = scale === 1 ? written : `${scale} * ${isSimple ? written : `(${written})`}`;
  if (offset === 0) return `(${scaled})`;
  return `(${scaled} ${offset < 0 ? "-" : "+"} ${Math.abs(offset)})`;
};
