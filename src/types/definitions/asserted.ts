/** Conditions of a spec: the `where` of params, and `expect`s. */
import type * as ast from "../../syntax/ast.js";
import { topScope } from "../evaluate/evaluator.js";
import { describeValue, intValue, type Value } from "../values/value.js";
import type { Definitions } from "./definitions.js";
import { checkWhere } from "./params.js";

/** Asks the `where` of each param that has been evaluated. */
export const checkWheres = (definitions: Definitions): void => {
  const { context, evaluator } = definitions;
  for (const [definition, value] of definitions.evaluated()) {
    const { declaration } = definition;
    if (declaration.kind !== "param" || declaration.where === undefined) continue;
    const { where } = declaration;
    const answer = evaluator.evaluate(where, topScope);
    const holdsAt = (candidate: number): boolean => {
      const other = definitions.assuming(new Map([[definition, intValue(candidate)]]));
      const then = other.evaluator.evaluate(where, topScope);
      return then.kind === "bool" && then.value === true;
    };
    checkWhere(context, declaration, value, answer, holdsAt);
  }
};

/** Reports `expect`s that do not hold. */
export const checkExpects = (definitions: Definitions): void => {
  const { context, evaluator, resolved } = definitions;
  for (const { condition } of resolved.expects) {
    const value = evaluator.evaluate(condition, topScope);
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
  return show(evaluator.evaluate(expr, topScope));
};
