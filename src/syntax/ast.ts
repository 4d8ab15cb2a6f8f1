/**
 * The abstract syntax of `.gan`. Every node carries its span. What the parser could not read is a
 * `missing` expression, which later rooms pass over in silence: its diagnostic has been given.
 */
import type { Span } from "../base/source.js";

export interface Name {
  readonly text: string;
  readonly span: Span;
}

export type BinaryOperator =
  | "+"
  | "-"
  | "*"
  | "/"
  | "//"
  | "%"
  | "^"
  | ">>"
  | "=="
  | "!="
  | "<="
  | ">="
  | "<"
  | ">"
  | "and"
  | "or";

export type Expr =
  | { readonly kind: "int"; readonly value: number; readonly text: string; readonly span: Span }
  | { readonly kind: "real"; readonly value: number; readonly text: string; readonly span: Span }
  | { readonly kind: "bool"; readonly value: boolean; readonly span: Span }
  | { readonly kind: "name"; readonly name: string; readonly span: Span }
  | {
      readonly kind: "call";
      readonly callee: Expr;
      readonly args: readonly Argument[];
      readonly span: Span;
    }
  | { readonly kind: "member"; readonly object: Expr; readonly member: Name; readonly span: Span }
  | {
      readonly kind: "unary";
      readonly operator: "-" | "not";
      readonly operand: Expr;
      readonly span: Span;
    }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expr;
      readonly right: Expr;
      readonly span: Span;
    }
  /** `x => body`, `(x, y) => body` */
  | {
      readonly kind: "lambda";
      readonly params: readonly Name[];
      readonly body: Expr;
      readonly span: Span;
    }
  | { readonly kind: "let"; readonly binding: Binding; readonly body: Expr; readonly span: Span }
  /** `(a, b)`: a product; always two items or more. */
  | { readonly kind: "tuple"; readonly items: readonly Expr[]; readonly span: Span }
  /** `E[x ~ X, y ~ Y] body` */
  | {
      readonly kind: "expectation";
      readonly binders: readonly Binder[];
      readonly body: Expr;
      readonly span: Span;
    }
  /** `y as A` */
  | { readonly kind: "relabel"; readonly value: Expr; readonly type: TypeExpr; readonly span: Span }
  | { readonly kind: "missing"; readonly span: Span };

export interface Argument {
  /** The option that the argument is given to by name; positional without. */
  readonly name?: Name;
  readonly value: Expr;
  readonly span: Span;
}

/** `x ~ X`, `(x, y) ~ pairs(X, Y)` */
export interface Binder {
  readonly names: readonly Name[];
  readonly sampler: Expr;
  readonly span: Span;
}

export type TypeExpr =
  | { readonly kind: "named"; readonly name: string; readonly span: Span }
  | { readonly kind: "product"; readonly items: readonly TypeExpr[]; readonly span: Span }
  | { readonly kind: "arrow"; readonly from: TypeExpr; readonly to: TypeExpr; readonly span: Span };

/** A formal parameter of a block, function or loss. */
export interface Formal {
  /** Whether a network of a loss is meant to lower the loss or to raise it. */
  readonly role?: "min" | "max";
  readonly name: Name;
  readonly type?: TypeExpr;
  readonly defaultValue?: Expr;
  readonly span: Span;
}

/** `name = value` or `name(formals) = value`, of a `let`. */
export interface Binding {
  readonly name: Name;
  /** Absent for a plain value; empty for `f() = …`. */
  readonly formals?: readonly Formal[];
  readonly value: Expr;
  readonly span: Span;
}

export interface Quantifier {
  readonly sense: "min" | "max";
  readonly networks: readonly Name[];
  readonly span: Span;
}

/** `min[G, F] max[D] L`: every quantifier is a player of the same objective. */
export interface Clause {
  readonly quantifiers: readonly Quantifier[];
  readonly objective: Expr;
  readonly span: Span;
}

/** Clauses that are differentiated together, at the weights held when the phase begins. */
export interface Phase {
  /** `repeat times { … }`: once where absent. */
  readonly times?: Expr;
  /** `every n { … }`: in each n-th step, the first among them; in all where absent. */
  readonly every?: Expr;
  readonly clauses: readonly Clause[];
  readonly span: Span;
}

/** `batch: 1`, `optimizer[D_X, D_Y]: adam(4e-4)` */
export interface Field {
  readonly name: Name;
  /** The networks that it is about; all of them where absent. */
  readonly networks?: readonly Name[];
  readonly value: Expr;
  readonly span: Span;
}

export type Declaration =
  | {
      readonly kind: "param";
      readonly name: Name;
      /** Absent where its value says it. */
      readonly type?: TypeExpr;
      readonly value: Expr;
      readonly where?: Expr;
      readonly span: Span;
    }
  | { readonly kind: "domain"; readonly name: Name; readonly value: Expr; readonly span: Span }
  | { readonly kind: "let"; readonly name: Name; readonly binding: Binding; readonly span: Span }
  | {
      readonly kind: "net";
      readonly name: Name;
      readonly type: TypeExpr;
      readonly value: Expr;
      /** Whether no player trains it. */
      readonly isFrozen: boolean;
      /** The path, as written, of the file that its first weights are in. */
      readonly weights?: Name;
      readonly span: Span;
    }
  | {
      readonly kind: "loss";
      readonly name: Name;
      readonly formals: readonly Formal[];
      readonly value: Expr;
      readonly span: Span;
    }
  | { readonly kind: "objective"; readonly name: Name; readonly value: Expr; readonly span: Span }
  | { readonly kind: "expect"; readonly condition: Expr; readonly span: Span }
  | {
      readonly kind: "import";
      /** `std.losses` or the path as written. */
      readonly target: Name;
      readonly form: "library" | "path";
      /** All of it when absent. */
      readonly names?: readonly Name[];
      readonly span: Span;
    }
  | {
      readonly kind: "module";
      readonly name: Name;
      readonly body: readonly Declaration[];
      readonly span: Span;
    }
  | { readonly kind: "solve"; readonly phases: readonly Phase[]; readonly span: Span }
  | { readonly kind: "train"; readonly fields: readonly Field[]; readonly span: Span };

export type LossDeclaration = Extract<Declaration, { kind: "loss" }>;

/** One file. */
export interface Spec {
  readonly file: string;
  readonly declarations: readonly Declaration[];
}
