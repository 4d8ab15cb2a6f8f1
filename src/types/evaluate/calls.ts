/** Calls: of functions, of architectures, and of what the language itself has. */
import type { Span } from "../../base/source.js";
import { lossFunctions } from "../../operators/functions.js";
import { valuesOf } from "../../operators/layer.js";
import { layers } from "../../operators/layers.js";
import { recipeWords } from "../../operators/recipe.js";
import type * as ast from "../../syntax/ast.js";
import { concatValues } from "../shapes/joins.js";
import type { Term } from "../values/term.js";
import {
  type Activation,
  type Block,
  type Closure,
  describeValue,
  unknown,
  type Value,
} from "../values/value.js";
import { applyToTerms, type BlockParts } from "./applied-blocks.js";
import { bindOptions, type Call, matchArguments, placesOf, writtenIn } from "./arguments.js";
import { asBlock, blockForm, recipe } from "./composition.js";
import type { EvaluationScope, Evaluator } from "./evaluator.js";
import { pairs } from "./expectations.js";
import { applyGradient, gradientOf, stop } from "./function-calls.js";
import { callLoss } from "./loss-calls.js";
import { applyFunction, applyNet, concatTerms } from "./loss-terms.js";
import { termValue } from "./operands.js";

type CallExpr = Extract<ast.Expr, { kind: "call" }>;

/** The value of a call. */
export const call = (evaluator: Evaluator, expr: CallExpr, scope: EvaluationScope): Value => {
  const callee = evaluator.evaluate(expr.callee, scope);
  switch (callee.kind) {
    case "unknown":
      // Arguments may hold mistakes of their own.
      for (const argument of expr.args) evaluator.evaluate(argument.value, scope);
      return unknown;
    case "net":
      return scope.tracer === undefined
        ? applyNet(evaluator, callee.net, expr, scope)
        : applyBlock(evaluator, { kind: "net", net: callee.net, span: expr.span }, expr, scope);
    case "loss":
      return callLoss(evaluator, callee.declaration, expr, scope);
    case "function":
      return callFunction(evaluator, callee.closure, expr, scope);
    case "gradient":
      return applyGradient(evaluator, callee, expr, scope, (of, value, inside) =>
        applyTo(evaluator, of, expr, inside, value),
      );
    case "block":
      return applyBlock(evaluator, callee.block, expr, scope);
    case "builtin":
      return callBuiltin(evaluator, callee.name, expr, scope);
    default:
      return evaluator.context.report(
        "GAN307",
        expr.callee.span,
        `this is ${describeValue(callee)}, which cannot be called`,
      );
  }
};

/** A network or a function applied to a value, which stands for the call's only argument. */
const applyTo = (
  evaluator: Evaluator,
  of: Value,
  expr: CallExpr,
  scope: EvaluationScope,
  value: Value,
): Value => {
  if (of.kind === "net") return applyNet(evaluator, of.net, expr, scope, () => value);
  return of.kind === "function"
    ? callFunction(evaluator, of.closure, expr, scope, [value])
    : unknown;
};

/** @param given the arguments' values, where they are known already */
const callFunction = (
  evaluator: Evaluator,
  closure: Closure,
  expr: CallExpr,
  scope: EvaluationScope,
  given: readonly Value[] = [],
): Value => {
  const { context } = evaluator;
  const env = argumentsOf(evaluator, closure, expr, scope, given);
  if (env === undefined) return unknown;
  const result = evaluator.nested(() =>
    context.within({ span: expr.span }, () => evaluator.evaluate(closure.body, { ...scope, env })),
  );
  if (result === undefined) {
    if (context.has("GAN203")) return unknown;
    return context.report("GAN203", expr.span, "calls nest without end here", {
      notes: ["The language has no recursion. To repeat an architecture, write `block * times`."],
    });
  }
  // What takes several values may be a function of numbers too.
  const isOfSeveral = result.kind === "function" && result.closure.formals.length > 1;
  const block = isOfSeveral ? undefined : asBlock(context, result, closure.body);
  if (closure.name === undefined || block === undefined) return result;
  return { kind: "block", block: { kind: "named", name: closure.name, block, span: expr.span } };
};

/**
 * The values that the names of a function's body have in a call. Nothing where a mistake was
 * reported.
 */
const argumentsOf = (
  evaluator: Evaluator,
  closure: Closure,
  expr: CallExpr,
  scope: EvaluationScope,
  given: readonly Value[],
): Closure["env"] | undefined => {
  const { context } = evaluator;
  const name = closure.name ?? "the function";
  const { matched, complete } = matchArguments(
    context,
    { callee: name, args: expr.args, span: expr.span },
    closure.formals.map((formal) => formal.name.text),
  );
  if (!complete) return undefined;
  const inner = new Map(closure.env);
  for (const formal of closure.formals) {
    const argument = matched.get(formal.name.text)?.value;
    const definition = context.resolved.locals.get(formal.name);
    if (definition === undefined) continue;
    const written = argument ?? formal.defaultValue;
    if (written === undefined) {
      context.report("GAN404", expr.span, `\`${name}\` needs \`${formal.name.text}\``, {
        labels: [{ span: closure.span, text: "it is declared here" }],
      });
      return undefined;
    }
    const value =
      argument === undefined
        ? evaluator.evaluate(written, { ...scope, env: closure.env })
        : (given[expr.args.findIndex((a) => a.value === argument)] ??
          evaluator.evaluate(argument, scope));
    inner.set(definition, annotated(evaluator, formal, value, written.span));
  }
  return inner;
};

/** The value of a formal, where it is of the type that the formal has. */
const annotated = ({ context }: Evaluator, formal: ast.Formal, value: Value, at: Span): Value => {
  const wanted = formal.type?.kind === "named" ? formal.type.name : undefined;
  if (wanted === undefined || value.kind === "unknown") return value;
  const fits =
    (value.kind === "number" && (wanted === "Real" || (wanted === "Int" && value.int))) ||
    (value.kind === "bool" && wanted === "Bool");
  if (fits || !["Int", "Real", "Bool"].includes(wanted)) return value;
  return context.report(
    "GAN402",
    at,
    `\`${formal.name.text}\` takes ${wanted === "Int" ? "an Int" : `a ${wanted}`}, not ${describeValue(value)}`,
  );
};

const activationValue = (activation: Activation | undefined): Value =>
  activation === undefined ? unknown : { kind: "activation", activation };

/** The function that a call of another gave, which carries that one's name. */
const functionIn = (block: Block): Closure | undefined =>
  block.kind === "named" && block.block.kind === "lambda"
    ? { ...block.block.closure, name: block.name }
    : undefined;

/** The value of one sample, which no expectation has been taken of. */
const termsOf = (value: Value): readonly Term[] =>
  value.kind === "term" && value.term.type.kind !== "loss" ? [value.term] : [];

/** How networks and functions inside of an architecture are applied to values of a loss. */
const partsInLoss = (evaluator: Evaluator, expr: CallExpr, scope: EvaluationScope): BlockParts => ({
  net: ({ net }, values) => {
    const args = values.map(({ span }) => ({ value: { kind: "missing" as const, span }, span }));
    const given = (argument: ast.Expr): Value => {
      const term = values[args.findIndex(({ value }) => value === argument)];
      return term === undefined ? unknown : termValue(term);
    };
    return applyNet(evaluator, net, { ...expr, args }, scope, given);
  },
  lambda: ({ closure }, values) => {
    const { context } = evaluator;
    const { formals } = closure;
    if (formals.length !== values.length) {
      const takes = formals.length === 1 ? "one value" : `${formals.length} values`;
      const here = values.length === 1 ? "is one" : `are ${values.length}`;
      return context.report(
        "GAN303",
        closure.span,
        `this function takes ${takes}, and here ${here}`,
      );
    }
    const env = new Map(closure.env);
    formals.forEach(({ name }, i) => {
      const definition = context.resolved.locals.get(name);
      const term = values[i];
      if (definition !== undefined && term !== undefined) env.set(definition, termValue(term));
    });
    return evaluator.nested(() => evaluator.evaluate(closure.body, { ...scope, env })) ?? unknown;
  },
});

const applyBlock = (
  evaluator: Evaluator,
  block: Block,
  expr: CallExpr,
  scope: EvaluationScope,
  given = expr.args.map(({ value }): Value => evaluator.evaluate(value, scope)),
): Value => {
  const { context } = evaluator;
  const closure = functionIn(block);
  // What a call gave for numbers may be a function of anything: `real(D)(G(x))`.
  if (closure !== undefined && given.some((v) => v.kind !== "activation" && v.kind !== "unknown"))
    return callFunction(evaluator, closure, expr, scope, given);
  if (expr.args.length === 0 || expr.args.some(({ name }) => name !== undefined)) {
    return context.report(
      "GAN405",
      expr.span,
      "a configured architecture is applied to values, without names",
    );
  }
  const terms = given.flatMap(termsOf);
  if (scope.tracer === undefined && terms.length === given.length)
    return applyToTerms(evaluator, block, terms, expr, partsInLoss(evaluator, expr, scope));
  const values: Activation[] = [];
  for (const [i, argument] of expr.args.entries()) {
    const value = given[i] ?? unknown;
    if (value.kind === "unknown") return unknown;
    if (value.kind !== "activation") {
      return context.report(
        "GAN305",
        argument.value.span,
        `an architecture is applied to values, and this is ${describeValue(value)}`,
        value.kind === "term"
          ? { notes: ["Apply it to what stands within the expectation: `E[x ~ X] f(x)`."] }
          : {},
      );
    }
    values.push(value.activation);
  }
  return activationValue(scope.tracer?.apply(block, values));
};

const callBuiltin = (
  evaluator: Evaluator,
  name: string,
  expr: CallExpr,
  scope: EvaluationScope,
): Value => {
  const written: Call = { callee: name, args: expr.args, span: expr.span };
  const evaluate = (e: ast.Expr): Value => evaluator.evaluate(e, scope);
  switch (name) {
    case "residual":
    case "spectral_norm":
    case "equalized":
      return blockForm(evaluator, name, expr, scope);
    case "pairs":
      return pairs(evaluator, written, evaluate);
    case "stop":
      return stop(evaluator, written, evaluate);
    case "grad":
      return gradientOf(evaluator, written, evaluate);
    case "concat":
      return concat(evaluator, expr, scope);
    case "params":
    case "receptive_field":
    case "shape":
      return measure(evaluator, name, expr, scope);
  }
  return recipeWords.has(name)
    ? recipe(evaluator, written, scope)
    : applyBuiltin(evaluator, name, expr, scope);
};

/** A function of losses, or a layer: applied to a value, or configured by its options. */
const applyBuiltin = (
  evaluator: Evaluator,
  name: string,
  expr: CallExpr,
  scope: EvaluationScope,
): Value => {
  const { context } = evaluator;
  const written: Call = { callee: name, args: expr.args, span: expr.span };
  const layer = layers.get(name);
  // Evaluated once: a layer applied below it must not be counted twice.
  const argument = expr.args[0];
  const first = argument === undefined ? unknown : evaluator.evaluate(argument.value, scope);
  const evaluate = (e: ast.Expr): Value =>
    e === argument?.value ? first : evaluator.evaluate(e, scope);
  // `relu(x)`: without options of its own, the call applies it.
  const isOnly = expr.args.length === 1 && argument?.name === undefined;
  if (isOnly && first.kind === "term" && layer !== undefined && !lossFunctions.has(name)) {
    const block = asBlock(context, { kind: "builtin", name }, expr.callee);
    return block === undefined ? unknown : applyBlock(evaluator, block, expr, scope, [first]);
  }
  const isApplied =
    first.kind === "term" || name === "replay" || (layer === undefined && lossFunctions.has(name));
  if (isApplied) return applyFunction(evaluator, name, written, evaluate);
  if (layer === undefined) return unknown;
  const isOfValues = expr.args.length === valuesOf(layer) && first.kind === "activation";
  if (isOfValues && argument?.name === undefined) {
    const block = asBlock(context, { kind: "builtin", name }, expr.callee);
    const given = expr.args.map(({ value }) => evaluate(value));
    return block === undefined ? unknown : applyBlock(evaluator, block, expr, scope, given);
  }
  if (isOnly && first.kind === "unknown" && layer.options.length === 0) return unknown;
  const options = bindOptions(context, written, layer.options, evaluate);
  const isOpen = options === undefined && isOpenCall(expr, evaluate);
  if (options === undefined && !isOpen) return unknown;
  const block: Block = {
    kind: "layer",
    layer,
    options: options ?? {},
    span: expr.span,
    places: placesOf(written, layer.options),
    written: writtenIn(written, layer.options),
    ...(isOpen ? { isOpen } : {}),
  };
  return { kind: "block", block };
};

/** Whether a number of a call is known to the uses of a generic loss alone. */
const isOpenCall = ({ args }: CallExpr, evaluate: (e: ast.Expr) => Value): boolean =>
  args.some((argument) => isOpenNumber(evaluate(argument.value)));

const isOpenNumber = (value: Value): boolean =>
  value.kind === "tuple"
    ? value.items.some(isOpenNumber)
    : value.kind === "number" && value.value === undefined;

const concat = (evaluator: Evaluator, expr: CallExpr, scope: EvaluationScope): Value => {
  const { context } = evaluator;
  const values = expr.args.map((argument) => evaluator.evaluate(argument.value, scope));
  if (values.some((value) => value.kind === "unknown")) return unknown;
  const parts = values.flatMap((value) => (value.kind === "activation" ? [value.activation] : []));
  if (parts.length === values.length && parts.length > 1)
    return concatValues({ context, tracer: scope.tracer }, parts, expr.span);
  const wrong = values.find((value) => value.kind !== "activation");
  return wrong?.kind === "term"
    ? concatTerms(evaluator, expr, values)
    : context.report(
        "GAN305",
        expr.span,
        `\`concat\` joins two or more values inside of a network${wrong === undefined ? "" : `, and this is ${describeValue(wrong)}`}`,
      );
};

/** `params(G)`, `receptive_field(D)`, `shape(D)` */
const measure = (
  evaluator: Evaluator,
  name: string,
  expr: CallExpr,
  scope: EvaluationScope,
): Value => {
  const { context } = evaluator;
  const { matched, complete } = matchArguments(
    context,
    { callee: name, args: expr.args, span: expr.span },
    ["network"],
  );
  const argument = matched.get("network")?.value;
  if (argument === undefined || !complete) {
    return complete ? context.report("GAN404", expr.span, `\`${name}\` needs a network`) : unknown;
  }
  const value = evaluator.evaluate(argument, scope);
  if (value.kind === "unknown") return unknown;
  return value.kind === "net"
    ? evaluator.measure(name, value.net)
    : context.report(
        "GAN305",
        argument.span,
        `\`${name}\` takes a network, not ${describeValue(value)}`,
      );
};
