/** Where numbers go: what formals of functions may be given, by the calls that a program writes. */

import type * as ast from "../syntax/ast.js";
import { childrenOf } from "../syntax/expressions.js";
import { body, type Declared, formalsOf } from "./parts.js";
import type { Resolved } from "./resolved.js";
import type { Definition } from "./scope.js";

export class Flows {
  /** By a function's definition, its formals; of a `let` without formals none are known. */
  private readonly functions = new Map<Definition, readonly ast.Formal[]>();
  /** What is written for a formal, in all calls. */
  private readonly given = new Map<Definition, ast.Expr[]>();
  /** What may be given anything: formals of functions that are handed on, and of `x => …`. */
  private readonly open = new Set<Definition>();

  constructor(private readonly resolved: Resolved) {
    const used = new Set([...resolved.definitions, ...resolved.uses.values()]);
    const declared = [...used].flatMap((one) => (one.kind === "declared" ? [one] : []));
    for (const one of declared) this.bind(one, formalsOf(one.declaration));
    const game = resolved.solve?.phases.flatMap(({ clauses }) => clauses) ?? [];
    const exprs = [
      ...declared.flatMap(({ declaration }) => body(declaration).exprs),
      ...game.map(({ objective }) => objective),
      ...[...resolved.train.values()].map(({ value }) => value),
      ...resolved.expects.map(({ condition }) => condition),
    ];
    exprs.forEach(this.declareIn);
    exprs.forEach(this.visit);
  }

  /** Whether a number may be made of this param; a condition on the param does not count. */
  mayHold(expr: ast.Expr, param: Declared): boolean {
    const seen = new Set<Definition>();
    const holds = (one: ast.Expr): boolean => {
      const definition = this.resolved.uses.get(one);
      return (definition !== undefined && isMadeOf(definition)) || childrenOf(one).some(holds);
    };
    const typeHolds = (type: ast.TypeExpr): boolean => {
      if (type.kind === "arrow") return typeHolds(type.from) || typeHolds(type.to);
      if (type.kind === "product") return type.items.some(typeHolds);
      const definition = this.resolved.typeUses.get(type);
      return definition !== undefined && isMadeOf(definition);
    };
    const isMadeOf = (definition: Definition): boolean => {
      if (definition === param || this.open.has(definition)) return true;
      if (seen.has(definition)) return false;
      seen.add(definition);
      if (definition.kind === "local")
        return [...(definition.value ? [definition.value] : []), ...this.givenTo(definition)].some(
          holds,
        );
      if (definition.kind !== "declared") return definition.kind === "type variable";
      const { exprs, types } = body(definition.declaration);
      return exprs.some(holds) || types.some(typeHolds);
    };
    return holds(expr);
  }

  private givenTo(local: Definition): readonly ast.Expr[] {
    return this.given.get(local) ?? [];
  }

  private bind(definition: Definition | undefined, formals: readonly ast.Formal[]): void {
    if (definition === undefined || formals.length === 0) return;
    this.functions.set(definition, formals);
    for (const { name, defaultValue } of formals) this.give(name, defaultValue);
  }

  private give(formal: ast.Name | undefined, expr: ast.Expr | undefined): void {
    const local = formal && this.resolved.locals.get(formal);
    if (local !== undefined && expr !== undefined)
      this.given.set(local, [...this.givenTo(local), expr]);
  }

  private readonly declareIn = (expr: ast.Expr): void => {
    if (expr.kind === "let") {
      const { name, formals = [], value } = expr.binding;
      const local = this.resolved.locals.get(name);
      if (formals.length > 0) {
        this.bind(local, formals);
        this.give(name, value);
      }
    }
    childrenOf(expr).forEach(this.declareIn);
  };

  private readonly visit = (expr: ast.Expr): void => {
    const { locals, uses } = this.resolved;
    const opened = (names: readonly ast.Name[]): void => {
      for (const name of names) {
        const local = locals.get(name);
        if (local !== undefined) this.open.add(local);
      }
    };
    const formals = (one: ast.Expr): readonly ast.Formal[] | undefined => {
      const definition = uses.get(one);
      return definition && this.functions.get(definition);
    };
    if (expr.kind === "lambda") opened(expr.params);
    // A function that is not called here may be called anywhere.
    opened((formals(expr) ?? []).map(({ name }) => name));
    const called = expr.kind === "call" ? formals(expr.callee) : undefined;
    if (expr.kind !== "call" || called === undefined) {
      childrenOf(expr).forEach(this.visit);
      return;
    }
    for (const [i, { name, value }] of expr.args.entries()) {
      const formal = name ? called.find((one) => one.name.text === name.text) : called[i];
      this.give(formal?.name, value);
      this.visit(value);
    }
  };
}
