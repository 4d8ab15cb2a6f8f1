/** Which definitions a definition is made of, as its text says: through all that it names. */

import type * as ast from "../syntax/ast.js";
import { expressionsIn } from "../syntax/expressions.js";
import { Flows } from "./flows.js";
import { body, type Declared, formalsOf } from "./parts.js";
import type { Resolved } from "./resolved.js";
import type { Definition } from "./scope.js";

export class Uses {
  private readonly known = new Map<Definition, ReadonlySet<Definition>>();
  /** All definitions that some name of the program leads to. */
  private used: ReadonlySet<Definition> | undefined;
  private flows: Flows | undefined;

  constructor(private readonly resolved: Resolved) {}

  /** All definitions that an expression needs, those behind them included. */
  of(exprs: readonly ast.Expr[], types: readonly ast.TypeExpr[] = []): ReadonlySet<Definition> {
    const found = new Set<Definition>();
    const add = (definition: Definition | undefined): void => {
      if (definition === undefined || found.has(definition)) return;
      found.add(definition);
      if (definition.kind === "declared")
        for (const further of this.behind(definition)) found.add(further);
    };
    const type = (t: ast.TypeExpr): void => {
      if (t.kind === "named") add(this.resolved.typeUses.get(t));
      else for (const item of t.kind === "product" ? t.items : [t.from, t.to]) type(item);
    };
    for (const expr of exprs.flatMap(expressionsIn)) {
      add(this.resolved.uses.get(expr));
      if (expr.kind === "relabel") type(expr.type);
    }
    types.forEach(type);
    return found;
  }

  /** All definitions that a definition needs. */
  behind(definition: Declared): ReadonlySet<Definition> {
    const known = this.known.get(definition);
    if (known !== undefined) return known;
    // What needs itself has been reported; here it ends.
    this.known.set(definition, new Set());
    const { exprs, types } = body(definition.declaration);
    const found = this.of(exprs, types);
    this.known.set(definition, found);
    return found;
  }

  /** Whether some name of the program leads to it. */
  isNamed(definition: Definition): boolean {
    this.used ??= new Set(this.resolved.uses.values());
    return this.used.has(definition);
  }

  /**
   * Inputs of a definition's functions that nothing uses. A name that begins with `_` says so
   * itself.
   */
  unusedInputs(definition: Declared): readonly ast.Name[] {
    const found: ast.Name[] = [];
    const add = (names: readonly ast.Name[]): void => {
      for (const name of names) {
        const local = this.resolved.locals.get(name);
        if (local !== undefined && !this.isNamed(local) && !name.text.startsWith("_"))
          found.push(name);
      }
    };
    const { declaration } = definition;
    add(formalsOf(declaration).map(({ name }) => name));
    for (const expr of body(declaration).exprs.flatMap(expressionsIn)) {
      if (expr.kind === "lambda") add(expr.params);
      if (expr.kind === "let") add((expr.binding.formals ?? []).map(({ name }) => name));
    }
    return found;
  }

  /**
   * Right sides of the `//` and `%` in all that a definition is made of, where they are literals,
   * and where what they divide may be made of the param.
   */
  divisors(param: Declared, definition: Declared): readonly number[] {
    return this.divisorsIn(param, [], [definition, ...this.behind(definition)]);
  }

  /** The same of expressions, and of all that they need. */
  divisorsIn(
    param: Declared,
    exprs: readonly ast.Expr[],
    definitions: Iterable<Definition> = this.of(exprs),
  ): readonly number[] {
    this.flows ??= new Flows(this.resolved);
    const { flows } = this;
    const found = new Set<number>();
    const visit = (expr: ast.Expr): void => {
      for (const one of expressionsIn(expr)) {
        if (one.kind !== "binary" || !["//", "%"].includes(one.operator)) continue;
        const { left, right } = one;
        if (right.kind !== "int" || right.value <= 1 || found.has(right.value)) continue;
        if (flows.mayHold(left, param)) found.add(right.value);
      }
    };
    exprs.forEach(visit);
    for (const one of definitions)
      if (one.kind === "declared") body(one.declaration).exprs.forEach(visit);
    return [...found];
  }
}
