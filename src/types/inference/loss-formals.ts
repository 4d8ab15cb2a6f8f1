/** Types of the formals of losses, as they were written or follow from a loss's body. */

import type { Resolved } from "../../names/resolved.js";
import type { Definition } from "../../names/scope.js";
import type * as ast from "../../syntax/ast.js";
import type { LossDeclaration } from "../../syntax/ast.js";
import { type FormalTypes, inferFormals } from "./inference.js";

export class LossFormals {
  private readonly known = new Map<LossDeclaration, FormalTypes>();
  /** Definitions that inferred types name. */
  private readonly inferred = new Map<ast.TypeExpr, Definition>();

  constructor(private readonly resolved: Resolved) {}

  of(declaration: LossDeclaration): FormalTypes {
    const known = this.known.get(declaration);
    if (known !== undefined) return known;
    // A loss that needs itself is reported elsewhere.
    this.known.set(declaration, { types: new Map(), uses: new Map(), loose: [], fixed: [] });
    const { uses, locals } = this.resolved;
    const names = { uses, locals, typeUse: (type: ast.TypeExpr) => this.typeUse(type) };
    const found = inferFormals(names, declaration, (used) => this.of(used).types);
    this.known.set(declaration, found);
    for (const [type, definition] of found.uses) this.inferred.set(type, definition);
    return found;
  }

  /** The domain or type variable that a type names; nothing of a built-in type. */
  typeUse(type: ast.TypeExpr): Definition | undefined {
    return this.resolved.typeUses.get(type) ?? this.inferred.get(type);
  }
}
