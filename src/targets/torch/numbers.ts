/** Numbers of a spec as Python, formulas as they stand. */
import { impossible } from "../../base/impossible.js";
import { type Expr, type ExprOf, plainName } from "../../program/expression.js";
import { exprText } from "../../program/expression-text.js";
import { matched, measured } from "../written/calls.js";
import type { Module } from "./module.js";
import {
  atom,
  binary,
  bool,
  call,
  negated,
  number,
  type Py,
  pair,
  sides,
  strengths,
  within,
} from "./python.js";

/** A name, which says whether it is one of a tuple. */
const told = (name: Py, { type }: Expr): Py => (type === "pair" ? { ...name, isPair: true } : name);

/** What the locals that a formula reads are called. */
export type Locals = (local: string) => Py;

export const noLocals: Locals = (local) => impossible(`${local} is bound nowhere`);

export class Numbers {
  constructor(
    private readonly module: Module,
    private readonly locals: Locals,
  ) {}

  of(expr: Expr): Py {
    switch (expr.kind) {
      case "number":
        // Python refuses a number that begins with a superfluous 0.
        return /^0[\d_]/.test(expr.text) ? number(expr.value) : atom(expr.text);
      case "bool":
        return bool(expr.value);
      case "definition":
        return told(atom(this.module.nameOf(expr.of)), expr);
      case "local":
        return told(this.locals(expr.of), expr);
      case "pair":
        return pair(this.of(expr.height), this.of(expr.width));
      case "unary": {
        const operand = this.of(expr.operand);
        return expr.operator === "-"
          ? negated(operand)
          : { text: `not ${within(operand, strengths.not)}`, strength: strengths.not };
      }
      case "binary":
        return binary(expr.operator, this.of(expr.left), this.of(expr.right));
      case "call":
        return this.call(expr);
      default:
        return impossible(`\`${exprText(expr)}\` is no number`);
    }
  }

  private call(expr: ExprOf<"call">): Py {
    const answer = measured(expr, this.module.model);
    if (answer !== undefined) return sides(answer);
    const { callee } = expr;
    const of = callee.kind === "definition" ? this.module.definitions.get(callee.of) : undefined;
    if (of?.kind !== "let") return impossible(`\`${exprText(expr)}\` is no number`);
    const formals = (of.formals ?? []).map(({ local }) => plainName(local));
    return call(
      this.module.nameOf(of.id),
      givenArguments(expr, formals, (e) => this.of(e)),
    );
  }
}

/** Arguments in the order of the formals; behind one that is left out, by name. */
export const givenArguments = (
  expr: ExprOf<"call">,
  formals: readonly string[],
  write: (expr: Expr) => Py,
): readonly string[] => {
  let isGap = false;
  return matched(expr, formals).flatMap((value, i) => {
    if (value === undefined) {
      isGap = true;
      return [];
    }
    const { text } = write(value);
    return [isGap ? `${formals[i]}=${text}` : text];
  });
};
