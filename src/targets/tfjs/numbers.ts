/** Numbers of the spec as JavaScript, formulas as they stand. */

import type { Definition } from "../../names/resolve.js";
import type * as ast from "../../syntax/ast.js";
import { measures } from "./dependencies.js";
import { type Doc, layout } from "./layout.js";
import type { Module } from "./module.js";
import type { Identifiers } from "./names.js";
import { refuse } from "./refusal.js";

type Of<K extends ast.Expr["kind"]> = Extract<ast.Expr, { kind: K }>;

/** How tightly JavaScript's operators bind. */
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

const isMixed = (outer: ast.BinaryOperator, inner: ast.BinaryOperator): boolean =>
  (inner === "%" && outer !== "^" && outer !== "==" && precedence[outer] !== 3) ||
  (precedence[outer] === product && precedence[inner] === product && outer !== inner) ||
  (outer === "or" && inner === "and");

const product = 5;
const unary = 7;

/** How JavaScript writes the operators that it writes otherwise. */
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
    private readonly rest: (expr: Of<"call"> | Of<"let">) => Doc,
  ) {}

  private definitionOf(expr: ast.Expr): Definition | undefined {
    return this.module.checked.resolved.uses.get(expr);
  }

  /** A number of the spec as JavaScript. */
  of(expr: ast.Expr, outer = 0): string {
    switch (expr.kind) {
      case "int":
      case "real":
        // JavaScript refuses a number that begins with a superfluous 0.
        return /^0\d/.test(expr.text) ? String(expr.value) : expr.text;
      case "bool":
        return String(expr.value);
      case "name":
      case "member":
        return this.name(expr);
      case "unary":
        return this.unary(expr, outer);
      case "binary":
        return this.arithmetic(expr, outer);
      case "call":
        return this.measure(expr) ?? layout(this.rest(expr));
      case "let":
        return layout(this.rest(expr));
      default:
        return refuse("this expression as a number");
    }
  }

  /** What has a name, by its variable. */
  name(expr: ast.Expr): string {
    const definition = this.definitionOf(expr);
    if (definition?.kind !== "declared" && definition?.kind !== "local")
      return refuse(`\`${this.module.quote(expr.span)}\` as a value`);
    return this.names.of(definition);
  }

  /** `params(G)`: what the answer is. */
  private measure({ callee, args, span }: Of<"call">): string | undefined {
    const form = this.definitionOf(callee);
    if (form?.kind !== "builtin" || !measures.has(form.name)) return undefined;
    const subject = args[0] === undefined ? undefined : this.definitionOf(args[0].value);
    const net = this.module.model.networks.find(({ name }) => name === subject?.name);
    if (subject?.kind !== "declared" || net === undefined || form.name === "shape")
      return refuse(`\`${this.module.quote(span)}\` as a number`);
    return String(form.name === "params" ? net.size : net.receptiveField);
  }

  /** Signs do not touch, and JavaScript refuses a sign before or under `**` without brackets. */
  private unary(expr: Of<"unary">, outer: number): string {
    const sign = expr.operator === "not" ? "!" : "-";
    const operand = this.of(expr.operand, unary);
    const text = operand.startsWith("-") ? `${sign}(${operand})` : `${sign}${operand}`;
    return outer > product ? `(${text})` : text;
  }

  /** Whether a number is certainly not below 0. */
  private isNatural(expr: ast.Expr): boolean {
    if (expr.kind === "int" || expr.kind === "real") return true;
    if (expr.kind === "binary")
      return expr.operator !== "-" && this.isNatural(expr.left) && this.isNatural(expr.right);
    const definition = this.definitionOf(expr);
    if (definition?.kind !== "declared" || expr.kind === "call") return false;
    const value = this.module.checked.valueOf(definition);
    return value.kind === "number" && (value.value ?? -1) >= 0;
  }

  private arithmetic(expr: Of<"binary">, outer: number): string {
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
    const inner = (side: ast.Expr, least: number): string => {
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
