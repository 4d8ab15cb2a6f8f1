/** Architectures and recipes made of parts: in a row, repeated, wrapped. */
import { equalizedBy, equalizedOptions } from "../../operators/equalized.js";
import { layers } from "../../operators/layers.js";
import { recipeWords } from "../../operators/recipe.js";
import type * as ast from "../../syntax/ast.js";
import { layerBudget } from "../shapes/trace.js";
import type { Context } from "../values/context.js";
import { type Block, describeValue, unknown, type Value } from "../values/value.js";
import { bindOptions, type Call, matchArguments } from "./arguments.js";
import { type EvaluationScope, type Evaluator, topScope } from "./evaluator.js";

type Binary = Extract<ast.Expr, { kind: "binary" }>;

/** A value that can stand in a pipeline of layers. */
export const asBlock = (context: Context, value: Value, expr: ast.Expr): Block | undefined => {
  if (value.kind === "block") return value.block;
  if (value.kind === "net") return { kind: "net", net: value.net, span: expr.span };
  if (
    value.kind === "function" &&
    value.closure.formals.length > 0 &&
    value.closure.name === undefined
  ) {
    return { kind: "lambda", closure: value.closure, span: expr.span };
  }
  if (value.kind === "builtin") {
    const layer = layers.get(value.name);
    if (layer === undefined) return undefined;
    const options = bindOptions(
      context,
      { callee: layer.name, args: [], span: expr.span },
      layer.options,
      () => unknown,
    );
    return options === undefined ? undefined : { kind: "layer", layer, options, span: expr.span };
  }
  return undefined;
};

/** A stage of a schedule, of an augmentation, a domain: a word of the recipe with its options. */
export const recipe = (evaluator: Evaluator, call: Call, scope: EvaluationScope): Value => {
  const word = recipeWords.get(call.callee);
  if (word === undefined) return unknown;
  const options = bindOptions(evaluator.context, call, word.options, (expr) =>
    evaluator.evaluate(expr, scope),
  );
  if (options === undefined) return unknown;
  return { kind: "recipe", of: word.kind, stages: [{ word, options, span: call.span }] };
};

/** A word of the recipe without arguments, such as `random_flip`, stands for its call. */
export const asRecipe = (evaluator: Evaluator, value: Value, expr: ast.Expr): Value => {
  if (value.kind !== "builtin") return value;
  const word = recipeWords.get(value.name);
  return word === undefined
    ? value
    : recipe(evaluator, { callee: word.name, args: [], span: expr.span }, topScope);
};

/** `left >> right`: layers, or stages of a schedule or of an augmentation, one after the other. */
export const compose = (evaluator: Evaluator, expr: Binary, left: Value, right: Value): Value => {
  const { context } = evaluator;
  if (
    left.kind === "recipe" &&
    right.kind === "recipe" &&
    left.of === right.of &&
    ["schedule", "augment"].includes(left.of)
  ) {
    return { kind: "recipe", of: left.of, stages: [...left.stages, ...right.stages] };
  }
  if (left.kind === "recipe" && right.kind === "recipe")
    return context.report(
      "GAN305",
      expr.right.span,
      `\`>>\` puts stages of a schedule or of an augmentation in a row, and here ${describeValue(right)} follows ${describeValue(left)}`,
    );
  // A stage in error makes no architecture of its neighbours.
  const isStage = (v: Value): boolean =>
    v.kind === "recipe" || (v.kind === "builtin" && recipeWords.has(v.name) && !layers.has(v.name));
  if ((left.kind === "unknown" && isStage(right)) || (right.kind === "unknown" && isStage(left)))
    return unknown;
  const refused = (): number =>
    context.diagnostics.filter(({ severity }) => severity === "error").length;
  const known = refused();
  // Where one operand is refused, the other is not blamed as well: it may be the sign between them
  // that is wrong.
  const isRefused = (): boolean => refused() > known;
  const recipes = [left, right].map((v, i) =>
    asRecipe(evaluator, v, i === 0 ? expr.left : expr.right),
  );
  const [a, b] = recipes;
  if (
    a?.kind === "recipe" &&
    b?.kind === "recipe" &&
    (left.kind === "recipe" || right.kind === "recipe")
  ) {
    return compose(evaluator, expr, a, b);
  }
  const blocks = [left, right].map((value, i) => {
    const operand = i === 0 ? expr.left : expr.right;
    if (value.kind === "unknown") return undefined;
    const block = asBlock(context, value, operand);
    const isLayer = value.kind === "builtin" && layers.has(value.name);
    if (block === undefined && !isLayer && !isRefused()) {
      const notes =
        value.kind === "function"
          ? [`Call it: \`${value.closure.name}(…)\` is an architecture.`]
          : [];
      context.report(
        "GAN305",
        operand.span,
        `\`>>\` composes architectures, and this is ${describeValue(value)}`,
        { notes },
      );
    }
    return block;
  });
  const [first, second] = blocks;
  return first === undefined || second === undefined
    ? unknown
    : { kind: "block", block: { kind: "seq", first, second } };
};

/** `block * times`; nothing where neither side is an architecture. */
export const repeat = (
  context: Context,
  expr: Binary,
  left: Value,
  right: Value,
): Value | undefined => {
  const block = asBlock(context, left, expr.left);
  if (block === undefined) {
    const swapped = left.kind === "number" && asBlock(context, right, expr.right) !== undefined;
    if (!swapped) return undefined;
    const quote = (side: ast.Expr): string =>
      side.kind === "binary" ? `(${context.quote(side.span)})` : context.quote(side.span);
    const swap = {
      title: "swap the sides",
      edits: [
        { span: expr.left.span, text: quote(expr.right) },
        { span: expr.right.span, text: quote(expr.left) },
      ],
    };
    return context.report(
      "GAN305",
      expr.left.span,
      `\`*\` multiplies numbers or repeats an architecture, and this is ${describeValue(left)}`,
      {
        notes: ["The architecture stands on the left: `block * times`."],
        fix: left.int ? swap : undefined,
      },
    );
  }
  if (right.kind !== "number" || !right.int) {
    return context.report(
      "GAN402",
      expr.right.span,
      `an architecture is repeated an Int of times, not ${describeValue(right)}`,
      {
        notes:
          right.kind === "number"
            ? [
                "`/` gives a Real; `//` divides and rounds down to an Int.",
                `What the architecture gives is multiplied by \`>> rescale(${context.quote(expr.right.span)})\`.`,
              ]
            : [],
      },
    );
  }
  if (right.value === undefined) return unknown;
  if (right.value < 0) {
    return context.report(
      "GAN403",
      expr.right.span,
      `an architecture cannot be repeated ${right.value} times`,
    );
  }
  if (right.value > layerBudget) {
    return context.report(
      "GAN409",
      expr.right.span,
      `repeating ${right.value} times grows the network beyond ${layerBudget} layers`,
    );
  }
  return { kind: "block", block: { kind: "repeat", block, times: right.value, span: expr.span } };
};

/**
 * `residual(branch)`, `spectral_norm(block)`, `equalized(block, rate: 0.01)`: forms that take an
 * architecture.
 */
export const blockForm = (
  evaluator: Evaluator,
  name: "residual" | "spectral_norm" | "equalized",
  expr: Extract<ast.Expr, { kind: "call" }>,
  scope: EvaluationScope,
): Value => {
  const { context } = evaluator;
  const options = name === "equalized" ? equalizedOptions : [];
  const call: Call = { callee: name, args: expr.args, span: expr.span };
  const { matched, complete } = matchArguments(context, call, [
    "branch",
    ...options.map((option) => option.name),
  ]);
  const branch = matched.get("branch")?.value;
  if (branch === undefined || !complete) {
    return complete
      ? context.report("GAN404", expr.span, `\`${name}\` needs the architecture of its branch`)
      : unknown;
  }
  const value = evaluator.evaluate(branch, scope);
  if (value.kind === "unknown") return unknown;
  const block = asBlock(context, value, branch);
  if (block === undefined) {
    return context.report(
      "GAN305",
      branch.span,
      `\`${name}\` takes an architecture, not ${describeValue(value)}`,
    );
  }
  const { span } = expr;
  if (name === "residual")
    return { kind: "block", block: { kind: "residual", branch: block, span } };
  if (name === "spectral_norm") return { kind: "block", block: { kind: "spectral", block, span } };
  const args = expr.args.filter(({ value }) => value !== branch);
  const bound = bindOptions(context, { ...call, args }, options, (one) =>
    evaluator.evaluate(one, scope),
  );
  return bound === undefined
    ? unknown
    : { kind: "block", block: { kind: "equalized", block, by: equalizedBy(bound), span } };
};
