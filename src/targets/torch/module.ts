/** State that the parts of one generated module of Python share. */
import type { Definition, DefinitionOf } from "../../program/definitions.js";
import { type Expr, plainName, type Reference, subexpressions } from "../../program/expression.js";
import type { Model } from "../../program/model.js";
import type { Program } from "../../program/program.js";
import { measured } from "../written/calls.js";
import { reachable } from "../written/dependencies.js";
import type { Identifiers } from "../written/identifiers.js";
import { libraryNames } from "./library/index.js";
import { moduleNames } from "./names.js";

export class Module {
  readonly identifiers: Identifiers = moduleNames(libraryNames);
  readonly model: Model;
  readonly definitions: ReadonlyMap<Reference, Definition>;
  private readonly numbers = new Map<Expr, boolean>();

  constructor(readonly program: Program) {
    this.model = program.model;
    this.definitions = new Map(program.definitions.map((one) => [one.id, one]));
  }

  /** Whether a number can be written as in the spec. */
  hasNumber(expr: Expr): boolean {
    const known = this.numbers.get(expr);
    if (known !== undefined) return known;
    const lets = reachable(this.definitions, [expr]).definitions.flatMap((one) =>
      one.kind === "let" ? [one] : [],
    );
    const has = this.isNumber(expr) && lets.every((one) => this.isNumeric(one));
    this.numbers.set(expr, has);
    return has;
  }

  /** Whether a `let` is a number, or a function of numbers that gives one. */
  isNumeric({ formals = [], body }: DefinitionOf<"let">): boolean {
    const given = formals.flatMap(({ default: otherwise }) => otherwise ?? []);
    return isNumericType(body) && [body, ...given].every((expr) => this.isNumber(expr));
  }

  private isNumber(expr: Expr): boolean {
    switch (expr.kind) {
      case "number":
      case "bool":
        return true;
      case "definition": {
        const of = this.definitions.get(expr.of);
        return of?.kind === "param" || (of?.kind === "let" && of.formals === undefined);
      }
      case "local":
        return isNumericType(expr) || expr.type === undefined;
      case "pair":
      case "unary":
      case "binary":
        return subexpressions(expr).every((below) => this.isNumber(below));
      case "call": {
        if (measured(expr, this.model) !== undefined) return true;
        const { callee, args } = expr;
        const of = callee.kind === "definition" ? this.definitions.get(callee.of) : undefined;
        return (
          of?.kind === "let" &&
          of.formals !== undefined &&
          args.every(({ value }) => this.isNumber(value))
        );
      }
      default:
        return false;
    }
  }

  nameOf(id: Reference): string {
    return this.identifiers.of(id, plainName(id));
  }
}

/** Whether it is a number, or one for each axis. */
export const isNumericType = ({ type }: Expr): boolean =>
  type === "number" || type === "bool" || type === "pair";
