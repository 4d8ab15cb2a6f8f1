/** Which losses become functions, which of their numbers parameters, and which numbers of formulas are written out. */

import { impossible } from "../../base/impossible.js";
import { byBinder, forwardOf } from "../../model/forward.js";
import type { LossTerm } from "../../model/plan.js";
import { stabilise } from "../../model/stable.js";
import type { Definition } from "../../names/resolve.js";
import * as ast from "../../syntax/ast.js";
import type { Checked } from "../../types/values/checked.js";
import { children, type NumberArgument, type Term } from "../../types/values/term.js";
import type { LossDeclaration } from "../../types/values/value.js";
import { measures } from "./dependencies.js";
import type { Writable } from "./writable.js";

/** Locals that have names in the code around a formula. */
export type Locals = ReadonlySet<Definition>;

export const noLocals: Locals = new Set();

/** Whether a term is of a function that reads what the host draws. */
export const isDrawn = (term: Term): boolean =>
  term.kind === "function" && term.of.isRandom === true;

export interface GenericLoss {
  readonly term: Term;
  /** Its formals that are numbers. */
  readonly locals: Locals;
  /** Whether it can be a function. If not, its uses are written out, where all numbers are known. */
  readonly isFunction: boolean;
  /** Formals that the function needs as parameters. */
  readonly numbers: readonly ast.Name[];
}

export class Formulas {
  private readonly known = new Map<LossDeclaration, GenericLoss>();

  constructor(
    private readonly checked: Checked,
    private readonly writable: Writable,
  ) {}

  of(declaration: LossDeclaration): GenericLoss {
    const known = this.known.get(declaration);
    if (known !== undefined) return known;
    const value = this.checked.genericLoss(declaration);
    if (value.kind !== "term") return impossible(`${declaration.name.text} is no loss`);
    const { locals: definitions } = this.checked.resolved;
    const formals = declaration.formals.flatMap(({ name, type }) => {
      const local = type?.kind === "arrow" ? undefined : definitions.get(name);
      return local === undefined ? [] : [{ name, local }];
    });
    const term = stabilise(value.term);
    const locals: Locals = new Set(formals.map(({ local }) => local));
    const read = new Set(this.written(term, locals).flatMap((expr) => this.namesIn(expr)));
    const loss = {
      term,
      locals,
      isFunction: this.isWritable(term, locals),
      numbers: formals.filter(({ local }) => read.has(local)).map(({ name }) => name),
    };
    this.known.set(declaration, loss);
    return loss;
  }

  private namesIn(expr: ast.Expr): readonly Definition[] {
    const definition = this.checked.resolved.uses.get(expr);
    const below = ast.subexpressions(expr).flatMap((e) => this.namesIn(e));
    return definition === undefined ? below : [definition, ...below];
  }

  /** Whether a number can be written as in the spec: a name that a `let` or a function binds is nothing to the code. */
  isText(expr: ast.Expr, locals: Locals): boolean {
    const names = this.namesIn(expr);
    return (
      names.every((name) => name.kind !== "local" || locals.has(name)) && this.writable.number(expr)
    );
  }

  /** `params(G)` of a formal: each use of the loss has its own answer. */
  private measuresFormal(expr: ast.Expr): boolean {
    const { uses } = this.checked.resolved;
    const callee = expr.kind === "call" ? uses.get(expr.callee) : undefined;
    const isMeasure = callee?.kind === "builtin" && measures.has(callee.name);
    return isMeasure
      ? !this.isText(expr, noLocals)
      : ast.subexpressions(expr).some((below) => this.measuresFormal(below));
  }

  /** What a use of a loss gives for a formal. */
  argument(term: LossTerm, { text }: ast.Name): NumberArgument {
    return term.numbers.get(text) ?? impossible(`${term.name} is called without ${text}`);
  }

  /** Whether every number of a formula can be written, as text or as its value. */
  private isWritable(term: Term, locals: Locals): boolean {
    const fits = ({ expr, value }: NumberArgument): boolean =>
      this.isText(expr, locals) || (value !== undefined && !this.measuresFormal(expr));
    if (term.kind === "constant") return fits(term);
    if (forwardOf(term, byBinder) !== undefined) return true;
    // The function of a loss takes values, neither networks nor what the host draws.
    if (term.kind === "apply" || isDrawn(term)) return false;
    if (term.kind !== "loss" || !this.of(term.declaration).isFunction)
      return children(term).every((child) => this.isWritable(child, locals));
    return this.of(term.declaration).numbers.every((name) => fits(this.argument(term, name)));
  }

  /** The numbers that a formula writes as text. */
  written(term: Term, locals: Locals): readonly ast.Expr[] {
    const texts = ({ expr }: NumberArgument): readonly ast.Expr[] =>
      this.isText(expr, locals) ? [expr] : [];
    if (term.kind === "constant") return texts(term);
    if (forwardOf(term, byBinder) !== undefined) return [];
    if (term.kind !== "loss" || !this.of(term.declaration).isFunction)
      return children(term).flatMap((child) => this.written(child, locals));
    const { numbers } = this.of(term.declaration);
    return numbers.flatMap((name) => texts(this.argument(term, name)));
  }

  /** The same, and those of the functions that it calls. */
  writtenBelow(term: Term, locals: Locals): readonly ast.Expr[] {
    if (term.kind === "constant" || forwardOf(term, byBinder) !== undefined)
      return this.written(term, locals);
    const loss = term.kind === "loss" ? this.of(term.declaration) : undefined;
    if (loss?.isFunction !== true)
      return children(term).flatMap((child) => this.writtenBelow(child, locals));
    return [...this.writtenBelow(loss.term, loss.locals), ...this.written(term, locals)];
  }
}
