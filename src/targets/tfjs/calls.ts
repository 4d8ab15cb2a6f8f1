/** Calls of layers and of the spec's functions. */

import type { Layer } from "../../operators/layer.js";
import type { Option, Signature } from "../../operators/signature.js";
import { type Expr, type ExprOf, plainName } from "../../program/expression.js";
import { matched } from "../written/calls.js";
import type { Identifiers } from "../written/identifiers.js";
import { call, concat, type Doc, object } from "./layout.js";
import type { Module } from "./module.js";
import { camelCase } from "./names.js";

type Call = ExprOf<"call">;

/** Writes the parts of a call: its arguments, and what is called. */
export interface Parts {
  number(expr: Expr): string;
  value(expr: Expr): Doc;
  /**
   * `isTyped`: whether formals need their types written, as nothing around the function tells them.
   */
  lambda(expr: ExprOf<"lambda">, isTyped?: boolean): Doc;
}

export class Calls {
  constructor(
    private readonly module: Module,
    private readonly names: Identifiers,
    private readonly parts: Parts,
  ) {}

  functionOf({ name }: Layer): string {
    return this.module.runtime(camelCase(name));
  }

  /**
   * Positional arguments first, then the options that differ from the runtime's defaults by name.
   */
  layer(layer: Layer, expr: Call): Doc {
    const { args } = expr;
    const given = new Map<string, Expr>();
    args.forEach((argument, i) => {
      const name = argument.name ?? layer.options[i]?.name;
      if (name !== undefined) given.set(name, argument.value);
    });
    const positional = layer.options
      .slice(0, layer.positional)
      .flatMap((option) => this.positional(option, given));
    const named = layer.options.slice(layer.positional).flatMap((option) => {
      const value = given.get(option.name);
      return value === undefined ? [] : [`${camelCase(option.name)}: ${this.parts.number(value)}`];
    });
    const options = named.length === 0 ? [] : [object(named)];
    return call(this.functionOf(layer), [...positional, ...options]);
  }

  /** Numbers by name, as one object; nothing where there are none. */
  options(signature: Signature, args: Call["args"]): readonly Doc[] {
    const written = args.map(({ name, value }, i) => {
      const option = name ?? signature[i]?.name ?? "";
      return `${camelCase(option)}: ${this.parts.number(value)}`;
    });
    return written.length === 0 ? [] : [object(written)];
  }

  private positional(option: Option, given: ReadonlyMap<string, Expr>): readonly string[] {
    const value = given.get(option.name);
    return value === undefined ? [] : [this.parts.number(value)];
  }

  /**
   * A call of a function of the spec; TypeScript has no named arguments, so gaps are `undefined`.
   */
  user(expr: Call): Doc {
    const { callee } = expr;
    const of = this.module.signatures.of(callee);
    const isNamed = callee.kind === "definition" || callee.kind === "local";
    if (of === undefined || !isNamed) return this.anonymous(expr);
    const formals = of.formals.map(({ local }) => plainName(local));
    const values = matched(expr, formals).map((value) =>
      value === undefined ? undefined : this.parts.value(value),
    );
    const last = values.reduce<number>((end, value, i) => (value === undefined ? end : i + 1), 0);
    return call(
      this.names.of(callee.of),
      values.slice(0, last).map((value) => value ?? "undefined"),
    );
  }

  private anonymous({ callee, args }: Call): Doc {
    const values = args.flatMap(({ value }, i) => [
      ...(i === 0 ? [] : [", "]),
      this.parts.value(value),
    ]);
    const head =
      callee.kind === "lambda"
        ? concat("(", this.parts.lambda(callee, true), ")")
        : this.parts.value(callee);
    return concat(head, "(", ...values, ")");
  }
}
