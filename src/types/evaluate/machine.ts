/** The face that the parts of the evaluator show each other. */
import type * as ast from "../../syntax/ast.js";
import type { Tracer } from "../shapes/trace.js";
import type { Context } from "../values/context.js";
import type { DomainType, Env, LossDeclaration, Net, Value } from "../values/value.js";

export interface Machine {
  readonly context: Context;
  /** Set while a network's shapes are followed. */
  readonly tracer: Tracer | undefined;
  evaluate(expr: ast.Expr, env: Env): Value;
  /** Networks of the spec, for suggestions. */
  networks(): readonly Net[];
  /** What `as` and signatures name: a domain, or a type variable's domain in this use. */
  domainOf(type: ast.TypeExpr, env: Env): DomainType | undefined;
  /** The domain that the value being evaluated is wanted in, for suggestions; nothing where any would do. */
  wanted: DomainType | undefined;
  /** How many expectations stand around what is evaluated. */
  expectations: number;
  /** Reports mistakes in the body of a generic loss, once, where it is declared; false where there are any. */
  checkLoss(declaration: LossDeclaration): boolean;
}
