/**
 * A spec without mistakes, in the terms of the checker: `elaborate` makes the closed program of it.
 */
import type { Declared } from "../names/parts.js";
import type { Resolved } from "../names/resolved.js";
import type { Recipe } from "../program/recipe.js";
import type * as ast from "../syntax/ast.js";
import type { LossDeclaration } from "../syntax/ast.js";
import type { ParamDeclaration, ParamType } from "./definitions/params.js";
import type { FormalTypes } from "./inference/inference.js";
import type { CheckedNet } from "./shapes/checked-net.js";
import type { NamedDomain } from "./values/domains.js";
import type { Phase, Player } from "./values/player.js";
import type { Value } from "./values/value.js";

export type { CheckedNet, NetDeclaration } from "./shapes/checked-net.js";

export interface CheckedParam {
  readonly declaration: ParamDeclaration;
  readonly type: ParamType;
  readonly value: number | boolean;
}

export interface Checked {
  readonly resolved: Resolved;
  readonly params: readonly CheckedParam[];
  readonly domains: readonly NamedDomain[];
  readonly networks: readonly CheckedNet[];
  readonly phases: readonly Phase[];
  readonly recipe: Recipe;
  /**
   * The best value that a judge's objective could reach, by player, where others play against the
   * judge.
   */
  readonly aims: ReadonlyMap<Player, number>;
  /** A definition's value. */
  readonly valueOf: (definition: Declared) => Value;
  /** The kind of value that each evaluated expression had. */
  readonly kinds: ReadonlyMap<ast.Expr, Value["kind"]>;
  /** The body of a generic loss with its formals unbound. */
  readonly genericLoss: (declaration: LossDeclaration) => Value;
  /** The types of a loss's formals, written or inferred. */
  readonly formalTypes: (declaration: LossDeclaration) => FormalTypes["types"];
}
