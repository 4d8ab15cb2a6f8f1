/** A spec without mistakes, in the terms of the checker: `elaborate` makes the closed program of it. */
import type { Definition, Resolved } from "../../names/resolve.js";
import type { Shape } from "../../operators/layer.js";
import type { Recipe } from "../../program/recipe.js";
import type * as ast from "../../syntax/ast.js";
import type { FormalTypes } from "../inference/inference.js";
import type { ParamDeclaration, ParamType } from "../recipe/params.js";
import type { Traced } from "../shapes/trace.js";
import type { NamedDomain } from "./domains.js";
import type { Phase, Player } from "./player.js";
import type { Block, LossDeclaration, Net, Value } from "./value.js";

export type NetDeclaration = Extract<ast.Declaration, { kind: "net" }>;
export type Declared = Extract<Definition, { kind: "declared" }>;

/** A network, and what it is made of. */
export interface CheckedNet extends Traced {
  readonly net: Net;
  readonly declaration: NetDeclaration;
  readonly block: Block;
  readonly inputs: readonly Shape[];
}

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
  /** Of players of judges that others play against: the objective that they could not better. */
  readonly aims: ReadonlyMap<Player, number>;
  /** A definition's value. */
  readonly valueOf: (definition: Declared) => Value;
  /** What kind of value each evaluated expression had. */
  readonly kinds: ReadonlyMap<ast.Expr, Value["kind"]>;
  /** The body of a generic loss with its formals unbound. */
  readonly genericLoss: (declaration: LossDeclaration) => Value;
  /** The types of a loss's formals, written or inferred. */
  readonly formalTypes: (declaration: LossDeclaration) => FormalTypes["types"];
}
