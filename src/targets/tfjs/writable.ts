/**
 * What of a spec can be written as it stands. TypeScript's functions take and give values of one kind, and know nothing of
 * layers under other names: what goes beyond is written by what it comes to, a number by its value, a network layer by
 * layer.
 */
import type * as ast from "../../syntax/ast.js";
import type { CheckedNet } from "../../types/values/checked.js";
import { binding } from "./definitions.js";
import { type Declared, dependencies } from "./dependencies.js";
import { Expressions } from "./expressions.js";
import type { Module } from "./module.js";
import { whyUnwritten } from "./refusal.js";

export class Writable {
  /** Why not; nothing where it can be. */
  private readonly lets = new Map<Declared, string | undefined>();
  private readonly numbers = new Map<ast.Expr, boolean>();

  /** @param trial a module that comes to nothing: what is tried leaves names and imports in it */
  constructor(private readonly trial: Module) {}

  private whyNotBelow(start: readonly ast.Expr[]): string | undefined {
    // Those that others need come first.
    for (const definition of dependencies(this.trial.checked, start)) {
      if (definition.declaration.kind !== "let") continue;
      if (!this.lets.has(definition))
        this.lets.set(
          definition,
          whyUnwritten(() => binding(this.trial, definition)),
        );
      const why = this.lets.get(definition);
      if (why !== undefined) return why;
    }
    return undefined;
  }

  number(expr: ast.Expr): boolean {
    const known = this.numbers.get(expr);
    if (known !== undefined) return known;
    const expressions = new Expressions(this.trial, this.trial.identifiers.inner());
    const written =
      this.whyNotBelow([expr]) === undefined &&
      whyUnwritten(() => expressions.number(expr)) === undefined;
    this.numbers.set(expr, written);
    return written;
  }

  /** Why a network's own expression cannot be written; nothing where it can. */
  whyNot({ declaration: { value } }: CheckedNet): string | undefined {
    const expressions = new Expressions(this.trial, this.trial.identifiers.inner(), (name) => name);
    return this.whyNotBelow([value]) ?? whyUnwritten(() => expressions.value(value));
  }
}
