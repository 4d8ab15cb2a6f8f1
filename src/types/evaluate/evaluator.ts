/** The evaluator as its parts see it, and the scope that an expression stands in. */

import type { Declared } from "../../names/parts.js";
import type * as ast from "../../syntax/ast.js";
import type { LossDeclaration } from "../../syntax/ast.js";
import type { LossFormals } from "../inference/loss-formals.js";
import type { Tracer } from "../shapes/trace.js";
import type { Context } from "../values/context.js";
import type { DomainType, Net } from "../values/domain-type.js";
import type { Share } from "../values/moving.js";
import type { Env, Value } from "../values/value.js";

/** Where an expression stands. */
export interface EvaluationScope {
  /** The values of local names. */
  readonly env: Env;
  /** Follows the shapes of the network around the expression; absent outside of networks. */
  readonly tracer?: Tracer | undefined;
  /** The domain that the value is wanted in, for suggestions; absent where any would do. */
  readonly wanted?: DomainType | undefined;
  /** How many expectations stand around the expression. */
  readonly expectations: number;
  /** How many gradients do. */
  readonly gradients: number;
  /** Whether params that follow a schedule are their own values: in conditions. */
  readonly isFixed?: true;
}

/** Where the value of a declaration stands. */
export const topScope: EvaluationScope = { env: new Map(), expectations: 0, gradients: 0 };

export interface Evaluator {
  readonly context: Context;
  readonly formals: LossFormals;
  /** The value of an expression, `unknown` where a mistake was reported. */
  evaluate(expr: ast.Expr, scope: EvaluationScope): Value;
  /** The networks of the spec. */
  networks(): readonly Net[];
  /** The value of `params`, `receptive_field` or `shape` of a network. */
  measure(form: string, net: Net): Value;
  /** The domain that a type names; of a type variable, the one that `env` binds it to. */
  domainOf(type: ast.TypeExpr, env: Env): DomainType | undefined;
  /** Whether a generic loss is sound. Reports mistakes in its body once, where it is declared. */
  checkLoss(declaration: LossDeclaration): boolean;
  /** The shares that a param goes through; nothing where it follows no schedule. */
  shareOf(definition: Declared): Share | undefined;
  /** Evaluates a call in a call. Nothing where calls nest too deep. */
  nested(body: () => Value): Value | undefined;
}
