/** One traversal of expressions, for all that asks the same of every kind. */
import type * as ast from "./ast.js";

const defaultsOf = ({ formals = [] }: ast.Binding): readonly ast.Expr[] =>
  formals.flatMap(({ defaultValue }) => defaultValue ?? []);

/** The expressions directly below one, as they are written from left to right. */
export const childrenOf = (expr: ast.Expr): readonly ast.Expr[] => {
  switch (expr.kind) {
    case "call":
      return [expr.callee, ...expr.args.map(({ value }) => value)];
    case "member":
      return [expr.object];
    case "unary":
      return [expr.operand];
    case "binary":
      return [expr.left, expr.right];
    case "lambda":
      return [expr.body];
    case "let":
      return [...defaultsOf(expr.binding), expr.binding.value, expr.body];
    case "tuple":
      return expr.items;
    case "expectation":
      return [...expr.binders.map(({ sampler }) => sampler), expr.body];
    case "relabel":
      return [expr.value];
    case "int":
    case "real":
    case "bool":
    case "name":
    case "missing":
      return [];
  }
};

/** An expression and all below it, each before those below it. */
export const expressionsIn = (expr: ast.Expr): readonly ast.Expr[] => {
  const found: ast.Expr[] = [];
  const visit = (one: ast.Expr): void => {
    found.push(one);
    childrenOf(one).forEach(visit);
  };
  visit(expr);
  return found;
};
