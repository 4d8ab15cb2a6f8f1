/** Typing of losses: what networks, functions and arithmetic make of drawn values. */
import type { Span } from "../../base/source.js";
import { type Fix, type Label, replaceWith } from "../../diagnostics/diagnostic.js";
import { lossFunctions } from "../../operators/functions.js";
import type { Shape } from "../../operators/layer.js";
import type * as ast from "../../syntax/ast.js";
import {
  type DomainType,
  inputsOf,
  type Net,
  sameDomain,
  showDomain,
  showNet,
} from "../values/domain-type.js";
import { type Arithmetic, isMade, type Term, type TermType } from "../values/term.js";
import { describeValue, showShape, unknown, type Value } from "../values/value.js";
import { type Call, matchArguments } from "./arguments.js";
import type { EvaluationScope, Evaluator } from "./evaluator.js";
import { applyGeneral } from "./function-calls.js";
import { asTerm, comparable, isNumber, pointwiseType, shapeOf, termValue } from "./operands.js";

/** Where the type of a network is from. */
const declared = (net: Net): Label => ({
  span: net.span,
  text:
    net.isInferred === true
      ? `\`${showNet(net)}\`, by how it is used first`
      : `\`${showNet(net)}\` is declared here`,
});

/** Writing another network's name where exactly one would fit. */
const otherNet = (
  evaluator: Evaluator,
  { env, wanted }: EvaluationScope,
  net: Net,
  from: DomainType,
  callee: ast.Expr,
): Fix | undefined => {
  const formals = [...env.values()].flatMap((value) => (value.kind === "net" ? [value.net] : []));
  const fitting = (formals.length > 0 ? formals : evaluator.networks()).filter((n) =>
    sameDomain(n.from, from),
  );
  const best = fitting.filter((n) => sameDomain(n.to, wanted ?? net.to));
  const only = best.length === 1 ? best[0] : undefined;
  return only === undefined || callee.kind !== "name"
    ? undefined
    : replaceWith(callee.span, only.name);
};

/** `D(G(x))`, `D(x, G(x))`: a network applied to a value of each of its domains. */
export const applyNet = (
  evaluator: Evaluator,
  net: Net,
  call: Extract<ast.Expr, { kind: "call" }>,
  scope: EvaluationScope,
  /** The value of an argument, of which a domain is wanted. */
  argumentValue = (argument: ast.Expr, domain: DomainType): Value =>
    evaluator.evaluate(argument, {
      ...scope,
      wanted: argument.kind === "call" ? domain : undefined,
    }),
): Value => {
  const { context } = evaluator;
  const domains = inputsOf(net.from);
  const formals = domains.map((_, i) => (domains.length === 1 ? "value" : `value_${i + 1}`));
  const { matched, complete } = matchArguments(
    context,
    { callee: net.name, args: call.args, span: call.span },
    formals,
  );
  if (!complete) return unknown;
  const missing = domains.find((_, i) => !matched.has(formals[i] ?? ""));
  if (missing !== undefined) {
    return context.report(
      "GAN404",
      call.span,
      `\`${net.name}\` needs a value of ${showDomain(missing)}`,
      domains.length === 1 ? {} : { labels: [declared(net)] },
    );
  }
  const inputs = domains.map((domain, i) => {
    const argument = matched.get(formals[i] ?? "");
    return argument === undefined
      ? undefined
      : netInput(
          evaluator,
          { net, domain, callee: call.callee },
          argument.value,
          scope,
          argumentValue,
        );
  });
  const terms = inputs.flatMap((input) => input ?? []);
  if (terms.length < inputs.length) return unknown;
  return termValue({
    kind: "apply",
    net,
    inputs: terms,
    type: { kind: "sample", domain: net.to, shape: net.output },
    span: call.span,
  });
};

/** An input of a network that is applied: its domain, and how the network is written. */
interface Input {
  readonly net: Net;
  readonly domain: DomainType;
  readonly callee: ast.Expr;
}

/**
 * The argument of a network, where it is a value of the domain; nothing where a mistake was
 * reported.
 */
const netInput = (
  evaluator: Evaluator,
  { net, domain, callee }: Input,
  argument: ast.Expr,
  scope: EvaluationScope,
  argumentValue: (argument: ast.Expr, domain: DomainType) => Value,
): Term | undefined => {
  const { context } = evaluator;
  const value = argumentValue(argument, domain);
  if (value.kind === "unknown") return undefined;
  const at = argument.span;
  const labels = [declared(net)];
  if (value.kind !== "term" || value.term.type.kind !== "sample") {
    const isTensor = value.kind === "term" && value.term.type.kind === "tensor";
    context.report(
      value.kind === "term" ? "GAN301" : "GAN305",
      at,
      `\`${net.name}\` takes a value of ${showDomain(domain)}, not ${describeValue(value)}`,
      {
        labels,
        notes: isTensor
          ? [
              `Arithmetic leaves the domains. To say that the result counts as ${showDomain(domain)}, write \`(…) as ${showDomain(domain)}\`.`,
            ]
          : [],
      },
    );
    return undefined;
  }
  const { term } = value;
  if (sameDomain(value.term.type.domain, domain)) return term;
  const [is, wants] = [showDomain(value.term.type.domain), showDomain(domain)];
  context.report(
    "GAN301",
    at,
    `\`${net.name}\` takes ${wants}, and \`${context.quote(at)}\` is of ${is}`,
    {
      labels,
      notes: [
        `Domains are told apart by name, whatever their shapes. To say that a value counts as ${wants}, write \`… as ${wants}\`.`,
      ],
      suggestion: otherNet(evaluator, scope, net, value.term.type.domain, callee),
    },
  );
  return undefined;
};

/** A layer whose options and value stand in one call. */
const layerInLoss = ({ context }: Evaluator, name: string, call: Call): Value =>
  context.report(
    "GAN305",
    call.span,
    `\`${name}\` is a layer: its options come first, and then the value it is applied to`,
    { notes: [`Write \`${name}(…)(v)\`.`] },
  );

/**
 * `l1(a, b)`, `log(z)`, `replay(v, n)` … on terms. Values that are no terms were seen by the
 * caller.
 */
export const applyFunction = (
  evaluator: Evaluator,
  name: string,
  call: Call,
  evaluate: (expr: ast.Expr) => Value,
): Value => {
  const entry = lossFunctions.get(name);
  if (name === "replay") return replay(evaluator, call, evaluate);
  if (entry === undefined) return layerInLoss(evaluator, name, call);
  if (entry.kind === "general") return applyGeneral(evaluator, entry, call, evaluate);
  const formals = entry.kind === "distance" ? ["a", "b"] : ["z"];
  const { matched, complete } = matchArguments(evaluator.context, call, formals);
  const operands = formals.map((formal) => matched.get(formal)?.value);
  if (!complete) return unknown;
  if (operands.some((operand) => operand === undefined)) {
    return evaluator.context.report(
      "GAN404",
      call.span,
      `\`${name}\` takes ${formals.length === 2 ? "two values" : "a value"}`,
    );
  }
  const terms: Term[] = [];
  for (const operand of operands) {
    if (operand === undefined) return unknown;
    const value = evaluate(operand);
    if (value.kind === "unknown") return unknown;
    const term = asTerm(value, operand);
    if (term === undefined) {
      return evaluator.context.report(
        "GAN305",
        operand.span,
        `\`${name}\` takes a drawn value, not ${describeValue(value)}`,
      );
    }
    terms.push(term);
  }
  const [first, second] = terms;
  if (first === undefined) return unknown;
  if (entry.kind === "pointwise" || second === undefined) {
    return termValue({
      kind: "pointwise",
      of: entry,
      input: first,
      type: pointwiseType(first.type),
      span: call.span,
    });
  }
  if (!comparable(evaluator, first, second, call.span, `\`${name}\` compares`)) return unknown;
  return termValue({
    kind: "distance",
    of: entry,
    left: first,
    right: second,
    type: { kind: "tensor", shape: [1, 1, 1] },
    span: call.span,
  });
};

/**
 * `concat(x, y)`: along the channels; values of 1 x 1 are repeated over the height and width of the
 * others.
 */
export const concatTerms = (
  { context }: Evaluator,
  expr: Extract<ast.Expr, { kind: "call" }>,
  values: readonly Value[],
): Value => {
  context.asksShapes = true;
  const terms = values.flatMap((value) => (value.kind === "term" ? [value.term] : []));
  const odd = values.findIndex((value) => value.kind !== "term" || value.term.type.kind === "loss");
  const wrong = values[odd];
  if (wrong !== undefined || terms.length < 2) {
    return context.report(
      "GAN305",
      expr.args[odd]?.span ?? expr.span,
      `\`concat\` joins two or more drawn values${wrong === undefined ? "" : `, and this is ${describeValue(wrong)}`}`,
    );
  }
  const shapes = terms.map((term) => shapeOf(term.type));
  const known = shapes.flatMap((shape) => (shape === undefined ? [] : [shape]));
  const large = known.find(([height, width]) => height * width > 1) ?? known[0] ?? [1, 1, 1];
  const misfit = known.find(
    ([height, width]) => height * width > 1 && (height !== large[0] || width !== large[1]),
  );
  if (misfit !== undefined) {
    return context.report(
      "GAN306",
      expr.span,
      `\`concat\` joins channels of one size, and these are ${showShape(large)} and ${showShape(misfit)}`,
    );
  }
  const channels = known.reduce((sum, shape) => sum + shape[2], 0);
  const shape: Shape | undefined =
    known.length < shapes.length ? undefined : [large[0], large[1], channels];
  return termValue({
    kind: "concat",
    items: terms,
    type: { kind: "tensor", shape },
    span: expr.span,
  });
};

const replay = (evaluator: Evaluator, call: Call, evaluate: (expr: ast.Expr) => Value): Value => {
  const { matched, complete } = matchArguments(evaluator.context, call, ["value", "size"]);
  const [subject, size] = [matched.get("value"), matched.get("size")];
  if (subject === undefined || size === undefined) {
    return complete
      ? evaluator.context.report(
          "GAN404",
          call.span,
          "`replay` takes a value and how many of its kind to keep",
        )
      : unknown;
  }
  const [value, count] = [evaluate(subject.value), evaluate(size.value)];
  if (value.kind === "unknown" || count.kind === "unknown") return unknown;
  if (value.kind !== "term") {
    return evaluator.context.report(
      "GAN305",
      subject.span,
      `\`replay\` keeps values made by networks, not ${describeValue(value)}`,
    );
  }
  if (!isMade(value.term) && count.kind === "number" && count.value !== 0) {
    return evaluator.context.report(
      "GAN305",
      subject.value.span,
      "`replay` keeps what is drawn or made by a network, and this is a formula over such values",
      { notes: ["Replay what the formula is made of, or cut its gradient by `stop`."] },
    );
  }
  if (count.kind !== "number" || !count.int) {
    return evaluator.context.report(
      "GAN402",
      size.value.span,
      `\`size\` of \`replay\` takes an Int, not ${describeValue(count)}`,
    );
  }
  if ((count.value ?? 0) < 0) {
    return evaluator.context.report(
      "GAN403",
      size.value.span,
      `\`size\` of \`replay\` must be at least 0, and this is ${count.value}`,
    );
  }
  return termValue({
    kind: "replay",
    input: value.term,
    size: count.value,
    written: size.value,
    type: value.term.type,
    span: call.span,
  });
};

/** The type of what is not a single number, if there is any such. */
const arithmeticType = (a: Term, b: Term): TermType => {
  // An expectation is one number for all samples.
  if (a.kind === "constant" || a.type.kind === "loss") return pointwiseType(b.type);
  if (b.kind === "constant" || b.type.kind === "loss") return pointwiseType(a.type);
  return pointwiseType(isNumber(a) ? b.type : a.type);
};

/** `+ - * / ^` where at least one side is a term. */
export const termArithmetic = (
  evaluator: Evaluator,
  expr: Extract<ast.Expr, { kind: "binary" }>,
  left: Value,
  right: Value,
): Value => {
  const { context } = evaluator;
  const operator = expr.operator;
  if (!["+", "-", "*", "/", "^"].includes(operator)) {
    return context.report(
      "GAN305",
      expr.span,
      `\`${operator}\` does not work on ${describeValue(left.kind === "term" ? left : right)}`,
    );
  }
  if (left.kind === "activation" || right.kind === "activation") {
    const [at, value] = left.kind === "term" ? [expr.left, left] : [expr.right, right];
    return context.report(
      "GAN305",
      at.span,
      `inside of a network \`${operator}\` takes values and fixed numbers, not ${describeValue(value)}`,
    );
  }
  const [a, b] = [asTerm(left, expr.left), asTerm(right, expr.right)];
  if (a === undefined || b === undefined) {
    const [at, value] = a === undefined ? [expr.left.span, left] : [expr.right.span, right];
    return context.report(
      "GAN305",
      at,
      `\`${operator}\` needs a loss, a drawn value or a number here, not ${describeValue(value)}`,
    );
  }
  if (operator === "^" && b.kind !== "constant")
    return context.report(
      "GAN305",
      expr.right.span,
      `an exponent is a number of the spec, not ${describeValue(right)}`,
      { notes: ["Where v is above 0, `exp(w * log(v))` is v to the power of w."] },
    );
  if (!comparable(evaluator, a, b, expr.span, `\`${operator}\` joins`)) return unknown;
  return termValue({
    kind: "arithmetic",
    operator: operator as Arithmetic,
    left: a,
    right: b,
    type: arithmeticType(a, b),
    span: expr.span,
  });
};

export const negateTerm = (term: Term, span: Span): Value =>
  termValue({ kind: "negate", input: term, type: pointwiseType(term.type), span });
