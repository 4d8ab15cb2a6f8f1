/** Conditions of a spec: the `where` of params, and `expect`s. */
import type { Declared } from "../../names/parts.js";
import type * as ast from "../../syntax/ast.js";
import { type EvaluationScope, topScope } from "../evaluate/evaluator.js";
import { balanced } from "../values/brackets.js";
import { describeValue, intValue, realValue, type Value } from "../values/value.js";
import type { Definitions } from "./definitions.js";
import { checkWhere } from "./params.js";

const conditions: EvaluationScope = { ...topScope, isFixed: true };

/** Asks the `where` of each param that has been evaluated. */
export const checkWheres = (definitions: Definitions): void => {
  const { context, evaluator } = definitions;
  for (const [definition, value] of definitions.evaluated()) {
    const { declaration } = definition;
    if (declaration.kind !== "param" || declaration.where === undefined) continue;
    const { where } = declaration;
    const answer = evaluator.evaluate(where, conditions);
    const holdsFor = (candidate: Value): boolean => {
      const other = definitions.assuming(new Map([[definition, candidate]]));
      const then = other.evaluator.evaluate(where, conditions);
      return then.kind === "bool" && then.value === true;
    };
    const holdsAt = (candidate: number): boolean => holdsFor(intValue(candidate));
    checkWhere(context, declaration, value, answer, holdsAt);
    if (answer.kind === "bool" && answer.value === true)
      checkMoved(definitions, definition, value, (moved) => holdsFor(realValue(moved)));
  }
};

/** Asks a param's `where` at the ends of what its schedule makes of it. */
const checkMoved = (
  { context, evaluator }: Definitions,
  definition: Declared,
  value: Value,
  holds: (value: number) => boolean,
): void => {
  const share = evaluator.shareOf(definition);
  if (share === undefined || value.kind !== "number" || value.value === undefined) return;
  const { value: whole } = value;
  const wrong = share.range.map((part) => part * whole).find((moved) => !holds(moved));
  const { declaration } = definition;
  if (wrong === undefined || declaration.kind !== "param" || declaration.where === undefined)
    return;
  const { name, where } = declaration;
  context.report(
    "GAN406",
    share.span,
    `this schedule makes \`${name.text}\` ${wrong}, which does not satisfy \`${context.quote(balanced(context, where.span))}\``,
    { labels: [{ span: name.span, text: "the param is declared here" }] },
  );
};

/** Reports `expect`s that do not hold. */
export const checkExpects = (definitions: Definitions): void => {
  const { context, evaluator, resolved } = definitions;
  for (const { condition } of resolved.expects) {
    const value = evaluator.evaluate(condition, conditions);
    if (value.kind === "unknown") continue;
    if (value.kind !== "bool") {
      context.report(
        "GAN305",
        condition.span,
        `\`expect\` takes a condition, not ${describeValue(value)}`,
      );
    } else if (value.value === false) {
      const is = condition.kind === "binary" ? shown(definitions, condition.left) : undefined;
      context.report(
        "GAN508",
        condition.span,
        `\`${context.quote(condition.span)}\` does not hold${is === undefined ? "" : `: it is ${is}`}`,
      );
    }
  }
};

/** An expression's value as a message shows it; nothing of what has no digits. */
const shown = ({ evaluator }: Definitions, expr: ast.Expr): string | undefined => {
  const show = (value: Value): string | undefined => {
    if (value.kind === "number" || value.kind === "bool")
      return value.value?.toLocaleString("en-US").replaceAll(",", "_");
    return value.kind === "tuple" ? `(${value.items.map(show).join(", ")})` : undefined;
  };
  return show(evaluator.evaluate(expr, conditions));
};
