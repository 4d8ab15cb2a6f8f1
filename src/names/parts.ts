/** The expressions and types that a declaration is written of. */
import type * as ast from "../syntax/ast.js";
import type { Definition } from "./scope.js";

export type Declared = Extract<Definition, { kind: "declared" }>;

/** The inputs of a function; none of what is no function. */
export const formalsOf = (declaration: Declared["declaration"]): readonly ast.Formal[] => {
  if (declaration.kind === "loss") return declaration.formals;
  return declaration.kind === "let" ? (declaration.binding.formals ?? []) : [];
};

const defaults = (formals: readonly ast.Formal[]): readonly ast.Expr[] =>
  formals.flatMap(({ defaultValue }) => defaultValue ?? []);

const typesOf = (formals: readonly ast.Formal[]): readonly ast.TypeExpr[] =>
  formals.flatMap(({ type }) => type ?? []);

/**
 * The expressions and types that a declaration consists of; a param's `where` is no part of its
 * value.
 */
export const body = (
  declaration: Declared["declaration"],
): { readonly exprs: readonly ast.Expr[]; readonly types: readonly ast.TypeExpr[] } => {
  switch (declaration.kind) {
    case "param":
    case "domain":
    case "objective":
      return { exprs: [declaration.value], types: [] };
    case "let": {
      const { value, formals = [] } = declaration.binding;
      return { exprs: [value, ...defaults(formals)], types: [] };
    }
    case "net":
      return { exprs: [declaration.value], types: [declaration.type] };
    case "loss":
      return {
        exprs: [declaration.value, ...defaults(declaration.formals)],
        types: typesOf(declaration.formals),
      };
  }
};
