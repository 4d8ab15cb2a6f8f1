/**
 * Decides which losses become functions, which of their numbers become parameters, and which
 * numbers are written out.
 */

import { impossible } from "../../base/impossible.js";
import type { Shape } from "../../operators/layer.js";
import { functionOf } from "../../operators/layer-functions.js";
import type { Definition, DefinitionOf } from "../../program/definitions.js";
import type { Reference } from "../../program/expression.js";
import { type Expr, type Local, plainName, subexpressions } from "../../program/expression.js";
import { byBinder, forwardOf } from "../../program/forward.js";
import {
  children,
  foldTerm,
  type GenericLossTerm,
  type GenericNumber,
  type GenericTerm,
  type Term,
} from "../../program/term.js";
import { measures } from "./dependencies.js";

/** Locals that have names in the code around a formula. */
export type Locals = ReadonlySet<Local>;

export const noLocals: Locals = new Set();

/** Whether a term is of a function that reads what the host draws. */
export const isDrawn = (term: GenericTerm): boolean =>
  term.kind === "function" && functionOf(term.of).isRandom === true;

/** Whether a term reads anything that the host draws beside the batch. */
export const readsDraws = (term: Term): boolean =>
  foldTerm<boolean>(term, (t, below) => isDrawn(t) || below.includes(true));

/** The shape of the value that a layer is applied to, which is known as its options are. */
export const shapeIn = ({ inputs }: Extract<GenericTerm, { kind: "function" }>): Shape => {
  const type = (inputs[0] as Term | undefined)?.type;
  if (type === undefined || type.kind === "loss") return [1, 1, 1];
  return type.shape;
};

/** The numbers of a layer that a formula applies, all of which are known where it is written. */
export const numbersIn = ({
  inputs,
}: Extract<GenericTerm, { kind: "function" }>): readonly number[] =>
  inputs
    .slice(1)
    .map((term) =>
      term.kind === "constant" && term.value !== undefined
        ? term.value
        : impossible("a layer is written before its options are known"),
    );

/** A loss as a function: its formals and body. */
export interface GenericLoss {
  readonly definition: DefinitionOf<"loss">;
  /** Its formals that are numbers. */
  readonly locals: Locals;
  /**
   * Whether it can be a function. If not, its uses are written out, where all numbers are known.
   */
  readonly isFunction: boolean;
  /** Formals that the function needs as parameters. */
  readonly numbers: readonly Local[];
}

/** What formulas are written into. */
export interface Target {
  readonly definitions: ReadonlyMap<Reference, Definition>;
  /** Whether a number can be written as in the spec. */
  readonly hasNumber: (expr: Expr) => boolean;
}

export class Formulas {
  private readonly known = new Map<string, GenericLoss>();

  constructor(private readonly target: Target) {}

  of(id: string): GenericLoss {
    const known = this.known.get(id);
    if (known !== undefined) return known;
    const definition = this.target.definitions.get(id);
    if (definition?.kind !== "loss") return impossible(`${id} is no loss`);
    const { formals, body } = definition;
    const numbers = formals.flatMap(({ local, of }) => (of === "number" ? [local] : []));
    const locals: Locals = new Set(numbers);
    const read = new Set(this.written(body, locals).flatMap(localsIn));
    const loss = {
      definition,
      locals,
      isFunction: this.isWritable(body, locals),
      numbers: numbers.filter((local) => read.has(local)),
    };
    this.known.set(id, loss);
    return loss;
  }

  /**
   * Whether a number can be written as in the spec: a name that a `let` or a function binds is
   * nothing to the code.
   */
  isText(expr: Expr, locals: Locals): boolean {
    return localsIn(expr).every((local) => locals.has(local)) && this.target.hasNumber(expr);
  }

  /** `params(G)` of a formal: each use of the loss has its own answer. */
  private measuresFormal(expr: Expr): boolean {
    const isMeasure =
      expr.kind === "call" && expr.callee.kind === "builtin" && measures.has(expr.callee.name);
    return isMeasure
      ? !this.isText(expr, noLocals)
      : subexpressions(expr).some((below) => this.measuresFormal(below));
  }

  /** Writes the argument that a use of a loss gives for a formal. */
  argument({ name, numbers }: GenericLossTerm, local: Local): GenericNumber {
    const formal = plainName(local);
    return numbers[formal] ?? impossible(`${name} is called without ${formal}`);
  }

  /** Whether every number of a formula can be written, as text or as its value. */
  private isWritable(term: GenericTerm, locals: Locals): boolean {
    const fits = ({ written, value }: GenericNumber): boolean =>
      this.isText(written, locals) || (value !== undefined && !this.measuresFormal(written));
    if (term.kind === "constant") return fits(term);
    if (forwardOf(term, byBinder) !== undefined) return true;
    // The function of a loss takes values, neither networks nor what the host draws.
    if (term.kind === "apply" || isDrawn(term)) return false;
    // Nor does it know the sizes that some layers are made for.
    if (term.kind === "function" && functionOf(term.of).layer !== undefined) return false;
    if (term.kind !== "loss" || !this.of(term.of).isFunction)
      return children(term).every((child) => this.isWritable(child, locals));
    return this.of(term.of).numbers.every((local) => fits(this.argument(term, local)));
  }

  /** The numbers that a formula writes as text. */
  written(term: GenericTerm, locals: Locals): readonly Expr[] {
    const texts = ({ written }: GenericNumber): readonly Expr[] =>
      this.isText(written, locals) ? [written] : [];
    if (term.kind === "constant") return texts(term);
    if (forwardOf(term, byBinder) !== undefined) return [];
    if (term.kind !== "loss" || !this.of(term.of).isFunction)
      return children(term).flatMap((child) => this.written(child, locals));
    return this.of(term.of).numbers.flatMap((local) => texts(this.argument(term, local)));
  }

  /** The same, and those of the functions that it calls. */
  writtenBelow(term: GenericTerm, locals: Locals): readonly Expr[] {
    if (term.kind === "constant" || forwardOf(term, byBinder) !== undefined)
      return this.written(term, locals);
    const loss = term.kind === "loss" ? this.of(term.of) : undefined;
    if (loss?.isFunction !== true)
      return children(term).flatMap((child) => this.writtenBelow(child, locals));
    return [...this.writtenBelow(loss.definition.body, loss.locals), ...this.written(term, locals)];
  }
}

/** The locals that an expression names, those that it binds itself included. */
const localsIn = (expr: Expr): readonly Local[] => [
  ...(expr.kind === "local" ? [expr.of] : []),
  ...subexpressions(expr).flatMap(localsIn),
];
