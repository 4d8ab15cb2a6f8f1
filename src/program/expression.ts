/**
 * Numbers and architectures as a spec writes them: a small language whose every name is resolved,
 * for targets that write code which people read. `type` is the kind of value that an expression had
 * where it was used last; absent where nothing uses it.
 */

/** Kind of a value. `other` is a value that no architecture holds, such as a domain or a loss. */
export type ValueKind =
  | "number"
  | "bool"
  | "pair"
  | "block"
  | "function"
  | "builtin"
  | "net"
  | "activation"
  | "other";

export type Operator =
  | "+"
  | "-"
  | "*"
  | "/"
  | "//"
  | "%"
  | "^"
  | "=="
  | "!="
  | "<="
  | ">="
  | "<"
  | ">"
  | "and"
  | "or";

/**
 * The name that a formal, a lambda or a `let … in` binds: `%k`, or `%k#2` where another is called
 * k. Unique in its program.
 */
export type Local = string;

/**
 * A declaration that the spec names: `size`, or `size#2` where another is called size. Unique in
 * its program.
 */
export type Reference = string;

/** Returns the name that people call a local or a definition by. */
export const plainName = (id: Local | Reference): string =>
  id.replace(/^%/, "").replace(/#\d+$/, "");

export interface Argument {
  /** The option or formal that it is given to by name; absent where its place says that. */
  readonly name?: string;
  readonly value: Expr;
}

export interface Formal {
  readonly local: Local;
  /** As written. */
  readonly type?: string;
  readonly default?: Expr;
}

/** The binding of a `let`. */
export interface Binding {
  /** Absent for a plain value; empty for `f() = …`. */
  readonly formals?: readonly Formal[];
  readonly value: Expr;
}

export type Expr = { readonly type?: ValueKind } & (
  | { readonly kind: "number"; readonly value: number; readonly text: string }
  | { readonly kind: "bool"; readonly value: boolean }
  /** `(3, 7)`: numbers of the height and of the width. */
  | { readonly kind: "pair"; readonly height: Expr; readonly width: Expr }
  /** A param, a `let` or a domain. */
  | { readonly kind: "definition"; readonly of: Reference }
  | { readonly kind: "local"; readonly of: Local }
  | { readonly kind: "network"; readonly name: string }
  /** A layer, a function or a form of the language. */
  | { readonly kind: "builtin"; readonly name: string }
  | { readonly kind: "call"; readonly callee: Expr; readonly args: readonly Argument[] }
  | { readonly kind: "unary"; readonly operator: "-" | "not"; readonly operand: Expr }
  | {
      readonly kind: "binary";
      readonly operator: Operator;
      readonly left: Expr;
      readonly right: Expr;
    }
  /** `a >> b >> c`; two or more. */
  | { readonly kind: "seq"; readonly blocks: readonly Expr[] }
  | { readonly kind: "lambda"; readonly params: readonly Local[]; readonly body: Expr }
  | {
      readonly kind: "let";
      readonly local: Local;
      readonly binding: Binding;
      readonly body: Expr;
    }
  /** Text of an expression that is neither a number nor part of an architecture: `E[x ~ X] …`. */
  | { readonly kind: "other"; readonly text: string }
);

export type ExprOf<K extends Expr["kind"]> = Extract<Expr, { kind: K }>;

/** The expressions directly below one; default values of formals are not among them. */
export const subexpressions = (expr: Expr): readonly Expr[] => {
  switch (expr.kind) {
    case "call":
      return [expr.callee, ...expr.args.map(({ value }) => value)];
    case "pair":
      return [expr.height, expr.width];
    case "unary":
      return [expr.operand];
    case "binary":
      return [expr.left, expr.right];
    case "seq":
      return expr.blocks;
    case "lambda":
      return [expr.body];
    case "let":
      return [expr.binding.value, expr.body];
    default:
      return [];
  }
};

/** Folds an expression: `combine` is given each one with the results of those directly below. */
export const foldExpr = <A>(expr: Expr, combine: (expr: Expr, below: readonly A[]) => A): A =>
  combine(
    expr,
    subexpressions(expr).map((below) => foldExpr(below, combine)),
  );

/** The expression itself and all below it, outer ones first. */
export const allExprs = (expr: Expr): readonly Expr[] => [
  expr,
  ...subexpressions(expr).flatMap(allExprs),
];
