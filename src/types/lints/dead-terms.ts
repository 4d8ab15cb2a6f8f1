/** Terms times 0: they are computed and reported, and train nobody. */
import type * as ast from "../../syntax/ast.js";
import { childrenOf } from "../../syntax/expressions.js";
import { applications } from "../game/judges.js";
import { balanced } from "../values/brackets.js";
import type { Context } from "../values/context.js";
import { children, isZeroFactor, type Term } from "../values/term.js";
import type { GameLook, Lint } from "./lint.js";

/**
 * Whether a number is of an argument: another use of the same function has another one. A `let …
 * in` is what it says that it is.
 */
const isOfArgument = (context: Context, expr: ast.Expr): boolean => {
  const definition = context.resolved.uses.get(expr);
  if (definition?.kind === "local")
    return definition.value === undefined || isOfArgument(context, definition.value);
  return childrenOf(expr).some((part) => isOfArgument(context, part));
};

const checkSummands = (term: Term, look: GameLook): void => {
  const { context, report } = look;
  if (term.kind === "arithmetic" && term.operator === "*" && isZeroFactor(term)) {
    const isLeft = term.left.kind === "constant" && term.left.value === 0;
    const [zero, live] = isLeft ? [term.left, term.right] : [term.right, term.left];
    const isGiven = zero.kind === "constant" && isOfArgument(context, zero.expr);
    const span = balanced(context, term.span);
    if (!isGiven && applications(live).length > 0)
      report("GAN603", span, `\`${context.quote(span)}\` counts nothing`, {
        notes: ["Its factor is 0, so it is computed and reported, and trains nobody."],
      });
    return;
  }
  for (const child of children(term)) checkSummands(child, look);
};

export const deadTerms: Lint = {
  name: "dead-terms",
  codes: ["GAN603"],
  player: ({ objective }, look) => {
    // Who sets params may switch a term off by a factor of 0 on purpose.
    if (!look.isSet) checkSummands(objective, look);
  },
};
