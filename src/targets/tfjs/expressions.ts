/**
 * Expressions of the spec as TypeScript: numbers stay formulas, architectures become calls of the
 * runtime.
 */

import { impossible } from "../../base/impossible.js";
import { concatJoin, joinBy } from "../../operators/joins.js";
import { layers, rescale } from "../../operators/layers.js";
import {
  type Binding,
  type Expr,
  type ExprOf,
  type Formal,
  type Local,
  plainName,
} from "../../program/expression.js";
import type { Identifiers } from "../written/identifiers.js";
import { Calls } from "./calls.js";
import { formsOfBlocks } from "./forms.js";
import { call, concat, type Doc, layout, object } from "./layout.js";
import type { Module } from "./module.js";
import { Numbers } from "./numbers.js";
import { lambdaSignature } from "./signatures.js";
import { isNumberFormal, isRead } from "./types.js";
import { sound, typeText } from "./written-types.js";

export class Expressions {
  private readonly numbers: Numbers;
  private readonly calls: Calls;

  /**
   * @param network the variable of a network that stands inside of another; none where no code has
   *   one
   */
  constructor(
    private readonly module: Module,
    private readonly names: Identifiers,
    private readonly network?: (name: string) => string,
  ) {
    this.numbers = new Numbers(module, names, (expr) =>
      expr.kind === "let" ? this.letIn(expr) : this.calls.user(expr),
    );
    this.calls = new Calls(module, names, this);
  }

  /** A number of the spec as JavaScript. */
  number(expr: Expr): string {
    return this.numbers.of(expr);
  }

  /**
   * Any expression of an architecture, by the kind of value that it has; `Forms` has found that it
   * has a form.
   */
  value(expr: Expr): Doc {
    if (expr.type === "number" || expr.type === "bool" || expr.type === "pair")
      return this.number(expr);
    switch (expr.kind) {
      case "network":
        return this.shared(expr.name);
      case "builtin":
        return this.layer(expr.name);
      case "call":
        return this.call(expr);
      case "seq":
        return call(this.module.runtime("seq"), this.pipeline(expr));
      case "binary":
        return this.binary(expr);
      case "unary":
        // What is no number is a value of the network.
        return concat(
          call(this.module.runtime(rescale.name), ["-1"]),
          call("", [this.value(expr.operand)]),
        );
      case "lambda":
        return this.lambda(expr);
      case "let":
        return this.letIn(expr);
      default:
        return this.number(expr);
    }
  }

  /** Writes a lambda. A lambda within a block needs no types; elsewhere it writes its own. */
  lambda(expr: ExprOf<"lambda">, isTyped = false): Doc {
    const { params, body } = expr;
    const of = lambdaSignature(expr);
    const isClear = !isTyped && of !== undefined && sound(this.module.types.isBlock(of));
    const inner = params.map((param) => {
      const variable = this.declare(param, body);
      return isClear ? variable : `${variable}: ${this.localType(param, body)}`;
    });
    return concat(`(${inner.join(", ")}) => `, this.value(body));
  }

  private localType(local: Local, body: Expr): string {
    return typeText(this.module, this.names, sound(this.module.types.local(local, body)));
  }

  /** The variable of a name that `body` may read; without a reader it begins with `_`. */
  private declare(local: Local, body: Expr): string {
    const name = plainName(local);
    const isMarked = name.startsWith("_") || isRead(local, body);
    return this.names.of(local, isMarked ? name : `_${name}`);
  }

  /** `k: number`, `stride = 2`; a formal that `value` does not read begins with `_`. */
  formals(formals: readonly Formal[], value: Expr): readonly string[] {
    return formals.map(({ local, default: otherwise }) => {
      const variable = this.declare(local, value);
      const type = sound(this.module.types.local(local, value));
      const text = typeText(this.module, this.names, type);
      if (otherwise === undefined) return `${variable}: ${text}`;
      return isNumberFormal(type, otherwise)
        ? `${variable} = ${this.number(otherwise)}`
        : `${variable}: ${text} = ${layout(this.value(otherwise))}`;
    });
  }

  /** `let y = v in body` as a function of y, called. */
  private letIn({ local, binding, body }: ExprOf<"let">): Doc {
    const value = this.bindingValue(local, binding);
    const name = this.declare(local, body);
    const type = typeText(this.module, this.names, sound(this.module.types.binding(binding)));
    return concat(`((${name}: ${type}) => `, this.value(body), ")(", value, ")");
  }

  private bindingValue(local: Local, { formals, value }: Binding): Doc {
    if (formals === undefined) return this.value(value);
    const inner = new Expressions(this.module, this.names.inner());
    const params = inner.formals(formals, value);
    return concat(`(${params.join(", ")}) => `, inner.result(plainName(local), value));
  }

  /** The type to write at a constant; none where its value shows it. */
  constantType(value: Expr): string | undefined {
    const type = sound(this.module.types.constant(value));
    return type === undefined ? undefined : typeText(this.module, this.names, type);
  }

  /** Returns the result type of a function of the spec. */
  resultType(body: Expr): string {
    return typeText(this.module, this.names, sound(this.module.types.result(body)));
  }

  /** Its body: an architecture stands in a scope of the function's name. */
  result(name: string, body: Expr): Doc {
    return this.resultType(body) === "Block"
      ? call(this.module.runtime("block"), [JSON.stringify(name), ...this.pipeline(body)])
      : this.value(body);
  }

  private layer(name: string): Doc {
    const layer = layers.get(name) ?? impossible(`${name} is no layer`);
    return `${this.calls.functionOf(layer)}()`;
  }

  /** A network inside of another: only the function that builds that one is given it. */
  private shared(name: string): Doc {
    const network = this.network ?? impossible(`${name} is named outside of a network`);
    return call(this.module.runtime("shared"), [network(name)]);
  }

  private binary(expr: ExprOf<"binary">): Doc {
    const { operator, left, right, type } = expr;
    if (type !== "activation")
      return call(this.module.runtime("repeat"), [this.value(left), this.number(right)]);
    if (left.type === "number") return this.rescaled(expr, true);
    if (right.type === "number") return this.rescaled(expr, false);
    const join = joinBy(operator) ?? impossible(`${operator} joins no values`);
    return call(this.module.runtime(join.name), [this.value(left), this.value(right)]);
  }

  /** `0.2 * v` as `rescale(0.2)(v)`, `1 - v` as `rescale(-1, { offset: 1 })(v)`. */
  private rescaled({ operator, left, right }: ExprOf<"binary">, isLeft: boolean): Doc {
    const [number, value] = isLeft ? [left, right] : [right, left];
    const written = this.number(number);
    const isPlain = ["number", "definition", "local"].includes(number.kind);
    const bracketed = isPlain ? written : `(${written})`;
    const args: Readonly<Record<string, readonly [scale: string, offset?: string]>> = {
      "+": ["1", written],
      "-": isLeft ? ["-1", written] : ["1", `-${bracketed}`],
      "*": [written],
      "/": [`1 / ${bracketed}`],
    };
    const [scale, offset] = args[operator] ?? impossible(`${operator} takes no number here`);
    const options = offset === undefined ? [] : [object([`offset: ${offset}`])];
    const block = call(this.module.runtime(rescale.name), [scale, ...options]);
    return concat(block, call("", [this.value(value)]));
  }

  /** `a >> b >> c` as the list of its blocks. */
  private pipeline(expr: Expr): readonly Doc[] {
    return expr.kind === "seq" ? expr.blocks.map((block) => this.value(block)) : [this.value(expr)];
  }

  private call(expr: ExprOf<"call">): Doc {
    const { callee, args } = expr;
    if (callee.kind !== "builtin") return this.calls.user(expr);
    const values = args.map(({ value }) => value);
    const [first] = values;
    const around = formsOfBlocks.get(callee.name);
    if (around !== undefined && first !== undefined) {
      const { of, options } = around;
      const parts =
        options === undefined
          ? this.pipeline(first)
          : [this.value(first), ...this.calls.options(options, args.slice(1))];
      return call(this.module.runtime(of), parts);
    }
    if (callee.name === concatJoin.name)
      return call(
        this.module.runtime(concatJoin.name),
        values.map((value) => this.value(value)),
      );
    const layer = layers.get(callee.name) ?? impossible(`${callee.name} is no layer`);
    if (expr.type !== "activation") return this.calls.layer(layer, expr);
    const value = first === undefined ? "" : this.value(first);
    return concat(`${this.calls.functionOf(layer)}()(`, value, ")");
  }
}
