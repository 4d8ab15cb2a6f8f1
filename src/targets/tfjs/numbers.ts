/** Numbers of the spec as JavaScript, formulas as they stand. */

import { impossible } from "../../base/impossible.js";
import type { Expr, ExprOf, Operator } from "../../program/expression.js";
import { exprText } from "../../program/expression-text.js";
import { measured } from "../written/calls.js";
import type { Identifiers } from "../written/identifiers.js";
import { type Doc, layout } from "./layout.js";
import type { Module } from "./module.js";

/** Binding strength of JavaScript's operators. */
const precedence: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  "==": 3,
  "!=": 3,
  "<=": 3,
  ">=": 3,
  "<": 3,
  ">": 3,
  "+": 4,
  "-": 4,
  "*": 5,
  "/": 5,
  "%": 5,
  "^": 6,
};

const isMixed = (outer: Operator, inner: Operator): boolean =>
  (inner === "%" && outer !== "^" && outer !== "==" && precedence[outer] !== 3) ||
  (precedence[outer] === product && precedence[inner] === product && outer !== inner) ||
  (outer === "or" && inner === "and");

const product = 5;
const unary = 7;

/** Operators that JavaScript writes otherwise. */
const symbols: Readonly<Record<string, string>> = {
  "^": "**",
  "==": "===",
  "!=": "!==",
  and: "&&",
  or: "||",
};

export class Numbers {
  /** @param rest writes calls of the spec's functions, and `let … in` */
  constructor(
    private readonly module: Module,
    private readonly names: Identifiers,
    private readonly rest: (expr: ExprOf<"call"> | ExprOf<"let">) => Doc,
  ) {}

  /** A number of the spec as JavaScript. */
  of(expr: Expr, outer = 0): string {
    switch (expr.kind) {
      case "number":
        // JavaScript refuses a number that begins with a superfluous 0.
        return /^0\d/.test(expr.text) ? String(expr.value) : expr.text;
      case "bool":
        return String(expr.value);
      case "definition":
      case "local":
        return this.names.of(expr.of);
      case "pair":
        return `[${this.of(expr.height)}, ${this.of(expr.width)}]`;
      case "unary":
        return this.unary(expr, outer);
      case "binary":
        return this.arithmetic(expr, outer);
      case "call": {
        const answer = measured(expr, this.module.model);
        if (answer === undefined) return layout(this.rest(expr));
        return typeof answer === "number" ? String(answer) : `[${answer.join(", ")}]`;
      }
      case "let":
        return layout(this.rest(expr));
      default:
        return impossible(`\`${exprText(expr)}\` is no number`);
    }
  }

  /** Signs do not touch, and JavaScript refuses a sign before or under `**` without brackets. */
  private unary(expr: ExprOf<"unary">, outer: number): string {
    const sign = expr.operator === "not" ? "!" : "-";
    const operand = this.of(expr.operand, unary);
    const text = operand.startsWith("-") ? `${sign}(${operand})` : `${sign}${operand}`;
    return outer > product ? `(${text})` : text;
  }

  /** Whether a number is certainly not below 0. */
  private isNatural(expr: Expr): boolean {
    switch (expr.kind) {
      case "number":
        return true;
      case "binary":
        return expr.operator !== "-" && this.isNatural(expr.left) && this.isNatural(expr.right);
      case "definition": {
        const definition = this.module.definitions.get(expr.of);
        const known = definition?.kind === "param" || definition?.kind === "let";
        return known && typeof definition.value === "number" && definition.value >= 0;
      }
      default:
        return false;
    }
  }

  private arithmetic(expr: ExprOf<"binary">, outer: number): string {
    const { operator } = expr;
    if (operator === "//") {
      const [left, right] = [this.of(expr.left, product), this.of(expr.right, product + 1)];
      return `Math.floor(${left} / ${right})`;
    }
    if (operator === "%" && !(this.isNatural(expr.left) && this.isNatural(expr.right))) {
      // `%` floors in a spec and truncates in JavaScript.
      const [left, right] = [this.of(expr.left, product), this.of(expr.right, product + 1)];
      const text = `((${left} % ${right}) + ${right}) % ${right}`;
      return product < outer ? `(${text})` : text;
    }
    const level = precedence[operator] ?? 0;
    const [left, right] = operator === "^" ? [level + 1, level] : [level, level + 1];
    // Formatters bracket what readers mix up: `%` in a sum, `*` with `/`, `&&` in `||`.
    const inner = (side: Expr, least: number): string => {
      const text = this.of(side, least);
      const mixed =
        side.kind === "binary" && side.operator !== "//" && isMixed(operator, side.operator);
      return mixed && !text.startsWith("(") ? `(${text})` : text;
    };
    const symbol = symbols[operator] ?? operator;
    const text = `${inner(expr.left, left)} ${symbol} ${inner(expr.right, right)}`;
    return level < outer ? `(${text})` : text;
  }
}
