/** Calls of layers and of the spec's functions. */

import type { Layer } from "../../operators/layer.js";
import type { Option } from "../../operators/signature.js";
import type * as ast from "../../syntax/ast.js";
import type { Value } from "../../types/values/value.js";
import type { Expressions } from "./expressions.js";
import { kindOfLocal, type Signature, signatureOf } from "./formals.js";
import { call, concat, type Doc, object } from "./layout.js";
import type { Module } from "./module.js";
import { camelCase, type Identifiers } from "./names.js";
import { refuse } from "./refusal.js";

type Call = Extract<ast.Expr, { kind: "call" }>;

export class Calls {
  constructor(
    private readonly module: Module,
    private readonly names: Identifiers,
    private readonly expressions: Expressions,
  ) {}

  private kind(expr: ast.Expr): Value["kind"] | undefined {
    return this.module.checked.kinds.get(expr);
  }

  functionOf({ name }: Layer): string {
    return this.module.runtime(camelCase(name));
  }

  /** Positional arguments first, then the options that differ from the runtime's defaults by name. */
  layer(layer: Layer, expr: Call): Doc {
    const { args } = expr;
    const given = new Map<string, ast.Expr>();
    args.forEach((argument, i) => {
      const name = argument.name?.text ?? layer.options[i]?.name;
      if (name !== undefined) given.set(name, argument.value);
    });
    const positional = layer.options
      .slice(0, layer.positional)
      .flatMap((option) => this.positional(option, given));
    const named = layer.options.slice(layer.positional).flatMap((option) => {
      const value = given.get(option.name);
      return value === undefined
        ? []
        : [`${camelCase(option.name)}: ${this.expressions.number(value)}`];
    });
    const options = named.length === 0 ? [] : [object(named)];
    return call(this.functionOf(layer), [...positional, ...options]);
  }

  private positional(option: Option, given: ReadonlyMap<string, ast.Expr>): readonly string[] {
    const value = given.get(option.name);
    return value === undefined ? [] : [this.expressions.number(value)];
  }

  /** A call of a function of the spec; TypeScript has no named arguments, so gaps are `undefined`. */
  user(expr: Call): Doc {
    const definition = this.module.checked.resolved.uses.get(expr.callee);
    const of = definition === undefined ? undefined : signatureOf(this.module, definition);
    if (of === undefined || definition === undefined) return this.anonymous(expr);
    this.requireOneKind(expr, of);
    const formals = of.formals.map((formal) => formal.name.text);
    const values = formals.map((formal, i) => {
      const argument = expr.args.find((a) => a.name?.text === formal) ?? expr.args[i];
      const fits =
        argument !== undefined && (argument.name === undefined || argument.name.text === formal);
      return fits ? this.expressions.value(argument.value) : undefined;
    });
    const last = values.reduce<number>((end, value, i) => (value === undefined ? end : i + 1), 0);
    return call(
      this.names.of(definition),
      values.slice(0, last).map((value) => value ?? "undefined"),
    );
  }

  private anonymous({ callee, args }: Call): Doc {
    if (this.kind(callee) === "builtin") return refuse("a built-in under another name");
    if (args.some(({ name }) => name !== undefined))
      return refuse("a call by names of a function that has none");
    const values = args.flatMap(({ value }, i) => [
      ...(i === 0 ? [] : [", "]),
      this.expressions.value(value),
    ]);
    const head =
      callee.kind === "lambda"
        ? concat("(", this.expressions.lambda(callee, true), ")")
        : this.expressions.value(callee);
    return concat(head, "(", ...values, ")");
  }

  /** TypeScript's functions take and give values of one kind, and the code inside is that of the last use. */
  private requireOneKind(expr: Call, { formals, body }: Signature): void {
    const kind = (k: string | undefined): string | undefined =>
      k === "builtin" || k === "function" || k === "net" ? "block" : k;
    const differ = (a: string | undefined, b: string | undefined): boolean =>
      a !== undefined && b !== undefined && kind(a) !== kind(b);
    const given = formals.map(({ name, defaultValue }, i) => {
      const positional = expr.args[i]?.name === undefined ? expr.args[i] : undefined;
      const argument = expr.args.find((a) => a.name?.text === name.text) ?? positional;
      const otherwise = defaultValue && this.kind(defaultValue);
      const inside = kindOfLocal(this.module, name, body) ?? otherwise;
      return [argument && this.kind(argument.value), inside] as const;
    });
    if (differ(this.kind(expr), this.kind(body)) || given.some(([a, b]) => differ(a, b)))
      refuse("a function that is used on values of several kinds");
  }
}
