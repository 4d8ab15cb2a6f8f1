/** Whether every name of an expression leads somewhere. */
import { builtinNames } from "../../operators/index.js";
import { type Expr, type Formal, type Local, subexpressions } from "../expression.js";
import type { Known } from "./names.js";

const builtins: ReadonlySet<string> = new Set(builtinNames);

/** Names that an expression may use: locals around it, and definitions before it. */
export interface Scope {
  /** Absent in formulas, which keep no binders of the losses and `let`s that they come from. */
  readonly locals?: ReadonlySet<Local>;
  readonly before: ReadonlySet<string>;
}

export const within = ({ locals, before }: Scope, more: readonly Local[]): Scope =>
  locals === undefined ? { before } : { locals: new Set([...locals, ...more]), before };

/** Lists problems of default values, which see only names outside of the function. */
export const defaultProblems = (
  formals: readonly Formal[],
  scope: Scope,
  known: Known,
): readonly string[] =>
  formals.flatMap(({ default: otherwise }) =>
    otherwise === undefined ? [] : exprProblems(otherwise, scope, known),
  );

const ownProblem = (expr: Expr, { locals, before }: Scope, known: Known): string | undefined => {
  switch (expr.kind) {
    case "local":
      return locals?.has(expr.of) === false ? `nothing binds ${expr.of}` : undefined;
    case "definition": {
      const kind = known.definitions.get(expr.of)?.kind;
      if (kind !== "param" && kind !== "let" && kind !== "domain")
        return `there is no definition ${expr.of}`;
      return before.has(expr.of) ? undefined : `${expr.of} is defined behind what needs it`;
    }
    case "network":
      return known.networks.has(expr.name) ? undefined : `there is no network ${expr.name}`;
    case "builtin":
      return builtins.has(expr.name) ? undefined : `there is no built-in ${expr.name}`;
    case "seq":
      return expr.blocks.length > 1 ? undefined : "a row has two blocks or more";
    default:
      return undefined;
  }
};

export const exprProblems = (expr: Expr, scope: Scope, known: Known): readonly string[] => {
  const own = ownProblem(expr, scope, known) ?? [];
  if (expr.kind === "lambda")
    return [own, exprProblems(expr.body, within(scope, expr.params), known)].flat();
  if (expr.kind === "let") {
    const { formals = [], value } = expr.binding;
    const locals = formals.map(({ local }) => local);
    return [
      own,
      exprProblems(value, within(scope, locals), known),
      defaultProblems(formals, scope, known),
      exprProblems(expr.body, within(scope, [expr.local]), known),
    ].flat();
  }
  return [own, subexpressions(expr).flatMap((below) => exprProblems(below, scope, known))].flat();
};
