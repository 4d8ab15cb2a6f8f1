/**
 * Typing of the functions of the table that take several values and numbers, of `stop`, and of
 * `grad`.
 */
import { isLeft } from "fp-ts/lib/Either.js";
import type { LossFunction } from "../../operators/functions.js";
import type * as ast from "../../syntax/ast.js";
import { children, type Term, type TermType } from "../values/term.js";
import { describeValue, unknown, type Value } from "../values/value.js";
import { bindOptions, type Call, matchArguments } from "./arguments.js";
import type { EvaluationScope, Evaluator } from "./evaluator.js";
import { asTerm, comparable, pointwiseType, shapeOf, termValue } from "./operands.js";

type Evaluate = (expr: ast.Expr) => Value;

/** A value of a function, or a number in its place; nothing where a mistake was reported. */
const operandOf = (
  { context }: Evaluator,
  name: string,
  argument: ast.Argument,
  evaluate: Evaluate,
): Term | undefined => {
  const value = evaluate(argument.value);
  if (value.kind === "unknown") return undefined;
  const term = asTerm(value, argument.value);
  if (term !== undefined && (term.kind === "constant" || term.type.kind !== "loss")) return term;
  context.report(
    "GAN305",
    argument.value.span,
    `\`${name}\` takes a drawn value, not ${describeValue(value)}`,
  );
  return undefined;
};

/** The numbers of a function as constants; nothing where one is missing or refused. */
const numbersOf = (
  { context }: Evaluator,
  { name, numbers }: LossFunction,
  call: Call,
  matched: ReadonlyMap<string, ast.Argument>,
  evaluate: Evaluate,
): readonly Term[] | undefined => {
  const given = numbers.flatMap((option) => {
    const argument = matched.get(option.name);
    return argument === undefined
      ? []
      : [{ ...argument, name: { text: option.name, span: argument.span } }];
  });
  // Of a generic loss, a number may be known to its uses alone.
  const open = given.some(({ value }) => {
    const number = evaluate(value);
    return number.kind === "number" && number.value === undefined;
  });
  const options = open
    ? {}
    : bindOptions(context, { callee: name, args: given, span: call.span }, numbers, evaluate);
  if (options === undefined) return undefined;
  return numbers.map((option): Term => {
    const expr = matched.get(option.name)?.value;
    const value = Number(options[option.name] ?? option.defaultValue);
    const written: ast.Expr = expr ?? {
      kind: "real",
      value,
      text: String(value),
      span: call.span,
    };
    return {
      kind: "constant",
      expr: written,
      value: open ? undefined : value,
      type: { kind: "loss" },
      span: written.span,
    };
  });
};

/** `mix(a, b, t)`, `clamp(v, low: 0, high: 1)`: by the function's own rules. */
export const applyGeneral = (
  evaluator: Evaluator,
  entry: LossFunction,
  call: Call,
  evaluate: Evaluate,
): Value => {
  const { context } = evaluator;
  const { name, values, numbers } = entry;
  const formals = [...values, ...numbers.map((option) => option.name)];
  const { matched, complete } = matchArguments(context, call, formals);
  if (!complete) return unknown;
  const missing = values.find((value) => !matched.has(value));
  if (missing !== undefined)
    return context.report("GAN404", call.span, `\`${name}\` needs \`${missing}\``, {
      notes: [`${name}: ${entry.doc}.`],
    });
  const operands = values.flatMap((value) => {
    const argument = matched.get(value);
    return argument === undefined ? [] : (operandOf(evaluator, name, argument, evaluate) ?? []);
  });
  const constants = numbersOf(evaluator, entry, call, matched, evaluate);
  const [first, second] = operands;
  if (operands.length < values.length || constants === undefined || first === undefined)
    return unknown;
  if (first.kind === "constant")
    return context.report(
      "GAN305",
      first.span,
      `\`${name}\` takes a drawn value, and this is a number`,
    );
  const together = entry.alike !== undefined && second !== undefined;
  if (together && !comparable(evaluator, first, second, call.span, `\`${name}\` joins`))
    return unknown;
  const known = constants.flatMap((term) => (term.kind === "constant" ? (term.value ?? []) : []));
  const shapes = operands.map((term) =>
    term.kind === "constant" ? ([1, 1, 1] as const) : shapeOf(term.type),
  );
  if (entry.kind !== "pointwise") context.asksShapes = true;
  const shape = entry.shape(shapes, known.length < constants.length ? [] : known);
  if (isLeft(shape)) return context.report("GAN306", call.span, `\`${name}\` ${shape.left}`);
  const keeps = entry.keepsDomain === true && first.type.kind === "sample";
  return termValue({
    kind: "function",
    of: entry,
    inputs: [...operands, ...constants],
    type: keeps ? first.type : { kind: "tensor", shape: shape.right },
    span: call.span,
  });
};

/** `stop(v)`: what a history of nothing gives, v without a gradient. */
export const stop = (evaluator: Evaluator, call: Call, evaluate: Evaluate): Value => {
  const { context } = evaluator;
  const { matched, complete } = matchArguments(context, call, ["value"]);
  const argument = matched.get("value");
  if (!complete) return unknown;
  if (argument === undefined) return context.report("GAN404", call.span, "`stop` takes a value");
  const term = operandOf(evaluator, "stop", argument, evaluate);
  return term === undefined
    ? unknown
    : termValue({ kind: "replay", input: term, size: 0, type: term.type, span: call.span });
};

/** `grad(f)`: what is still to be applied to a value. */
export const gradientOf = (evaluator: Evaluator, call: Call, evaluate: Evaluate): Value => {
  const { context } = evaluator;
  const { matched, complete } = matchArguments(context, call, ["function"]);
  const argument = matched.get("function");
  if (!complete) return unknown;
  if (argument === undefined)
    return context.report(
      "GAN404",
      call.span,
      "`grad` takes a network or a function: `grad(D)(x)`",
    );
  const of = evaluate(argument.value);
  if (of.kind === "unknown") return unknown;
  if (of.kind === "net" || of.kind === "function")
    return { kind: "gradient", of, callee: argument.value };
  return context.report(
    "GAN305",
    argument.value.span,
    `\`grad\` takes a network or a function of a value, not ${describeValue(of)}`,
  );
};

/** Whether a term's value moves with the variable of the gradient at that depth. */
const movesWith = (term: Term, depth: number): boolean =>
  term.kind === "variable"
    ? term.depth === depth
    : term.kind !== "replay" && children(term).some((child) => movesWith(child, depth));

/** `grad(f)(v)` */
export const applyGradient = (
  evaluator: Evaluator,
  { of, callee }: Extract<Value, { kind: "gradient" }>,
  call: Extract<ast.Expr, { kind: "call" }>,
  scope: EvaluationScope,
  /** The function applied to this value, as if the call had it as its argument. */
  apply: (of: Value, value: Value, inside: EvaluationScope) => Value,
): Value => {
  const { context } = evaluator;
  const { matched, complete } = matchArguments(
    context,
    { callee: "grad", args: call.args, span: call.span },
    ["value"],
  );
  const argument = matched.get("value");
  if (!complete) return unknown;
  if (argument === undefined)
    return context.report("GAN404", call.span, "`grad(f)` takes the value to differentiate at");
  const at = operandOf(evaluator, "grad(f)", argument, (expr) => evaluator.evaluate(expr, scope));
  if (at === undefined) return unknown;
  if (at.kind === "constant")
    return context.report(
      "GAN305",
      argument.value.span,
      "`grad(f)` takes a drawn value, and this is a number",
    );
  const depth = scope.gradients;
  const variable: Extract<Term, { kind: "variable" }> = {
    kind: "variable",
    depth,
    type: at.type,
    span: argument.value.span,
  };
  const body = apply(of, termValue(variable), { ...scope, gradients: depth + 1 });
  if (body.kind === "unknown") return unknown;
  if (body.kind !== "term" || body.term.type.kind === "loss")
    return context.report(
      "GAN305",
      callee.span,
      `\`grad\` differentiates a function that gives a value, and this one gives ${describeValue(body)}`,
    );
  if (!movesWith(body.term, depth))
    return context.report(
      "GAN317",
      callee.span,
      "what this function gives does not depend on the value that it is given",
      { notes: ["Its gradient is 0 everywhere."] },
    );
  const type: TermType = pointwiseType(at.type);
  return termValue({ kind: "gradient", variable, body: body.term, at, type, span: call.span });
};
