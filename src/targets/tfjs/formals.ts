/** Formals of the spec's functions as TypeScript parameters. */
import type { Definition } from "../../names/resolve.js";
import * as ast from "../../syntax/ast.js";
import type { Module } from "./module.js";
import type { Identifiers } from "./names.js";

/** `k: number`, `stride = 2`; a formal that `value` does not read begins with `_`. */
export const formalsOf = (
  module: Module,
  names: Identifiers,
  formals: readonly ast.Formal[],
  value: ast.Expr,
  number: (expr: ast.Expr) => string,
): readonly string[] =>
  formals.map((formal) => {
    const local = module.checked.resolved.locals.get(formal.name);
    const wish = isRead(module, local, value) ? formal.name.text : `_${formal.name.text}`;
    const name = local === undefined ? formal.name.text : names.of(local, wish);
    return formal.defaultValue === undefined
      ? `${name}: ${formalType(module, formal, value)}`
      : `${name} = ${number(formal.defaultValue)}`;
  });

/** Whether an expression uses a local. */
const isRead = (module: Module, local: Definition | undefined, expr: ast.Expr): boolean =>
  module.checked.resolved.uses.get(expr) === local ||
  ast.subexpressions(expr).some((below) => isRead(module, local, below));

/** A formal is what its uses were when the function was called. */
export const formalType = (module: Module, formal: ast.Formal, body: ast.Expr): string => {
  const { uses, locals } = module.checked.resolved;
  const local = locals.get(formal.name);
  let kind: string | undefined;
  let called: readonly ast.Argument[] | undefined;
  let passedOn: string | undefined;
  const visit = (expr: ast.Expr): void => {
    if (uses.get(expr) === local) kind ??= module.checked.kinds.get(expr);
    if (expr.kind === "call" && uses.get(expr.callee) === local) called ??= expr.args;
    if (expr.kind === "call") passedOn ??= passedTo(module, expr, local);
    ast.subexpressions(expr).forEach(visit);
  };
  visit(body);
  if (kind === "bool") return "boolean";
  if (kind === "function" && called === undefined && passedOn !== undefined) return passedOn;
  if (kind === "function") {
    const types = (called ?? []).map(({ value }, i) => {
      const of = module.checked.kinds.get(value);
      const type = of === "number" ? "number" : of === "bool" ? "boolean" : module.runtime("Block");
      return `${String.fromCharCode(97 + i)}: ${type}`;
    });
    return `(${types.join(", ")}) => ${module.runtime("Block")}`;
  }
  return kind === undefined || kind === "number" ? "number" : module.runtime("Block");
};

/** The type of the formal that a call of another function gives the local to. */
const passedTo = (
  module: Module,
  { callee, args }: Extract<ast.Expr, { kind: "call" }>,
  local: Definition | undefined,
): string | undefined => {
  const { uses } = module.checked.resolved;
  const target = uses.get(callee);
  const binding =
    target?.kind === "declared" && target.declaration.kind === "let"
      ? target.declaration.binding
      : undefined;
  const index = args.findIndex(({ value }) => uses.get(value) === local);
  const name = args[index]?.name?.text;
  const formal = binding?.formals?.find((f, i) =>
    name === undefined ? i === index : f.name.text === name,
  );
  return binding === undefined || formal === undefined
    ? undefined
    : formalType(module, formal, binding.value);
};
