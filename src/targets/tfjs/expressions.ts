/** Expressions of the spec as TypeScript: numbers stay formulas, architectures become calls of the runtime. */
import type { Definition } from "../../names/resolve.js";
import { type Layer, layers } from "../../operators/layers.js";
import type { Option } from "../../operators/signature.js";
import type * as ast from "../../syntax/ast.js";
import { array, call, concat, type Doc, layout, object } from "./layout.js";
import type { Module } from "./module.js";
import type { Identifiers } from "./names.js";

type Of<K extends ast.Expr["kind"]> = Extract<ast.Expr, { kind: K }>;

/** `conv_transpose`'s `output_pad` is `outputPad` in TypeScript. */
export const camelCase = (name: string): string =>
  name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** How tightly JavaScript's operators bind. */
const precedence: Readonly<Record<string, number>> = {
  "+": 1,
  "-": 1,
  "*": 2,
  "/": 2,
  "%": 2,
  "^": 3,
};

export class Expressions {
  constructor(
    private readonly module: Module,
    private readonly names: Identifiers,
  ) {}

  private kind(expr: ast.Expr): string | undefined {
    return this.module.checked.kinds.get(expr);
  }

  definitionOf(expr: ast.Expr): Definition | undefined {
    return this.module.checked.resolved.uses.get(expr);
  }

  /** A number of the spec as JavaScript. */
  number(expr: ast.Expr, outer = 0): string {
    switch (expr.kind) {
      case "int":
      case "real":
        return expr.text;
      case "bool":
        return String(expr.value);
      case "name":
      case "member": {
        const definition = this.definitionOf(expr);
        return definition === undefined ? this.module.quote(expr.span) : this.names.of(definition);
      }
      case "unary":
        return `-${this.number(expr.operand, 4)}`;
      case "binary":
        return this.arithmetic(expr, outer);
      case "call":
        return layout(this.userCall(expr));
      default:
        return this.module.quote(expr.span);
    }
  }

  private arithmetic(expr: Of<"binary">, outer: number): string {
    const { operator } = expr;
    if (operator === "//")
      return `Math.floor(${this.number(expr.left, 2)} / ${this.number(expr.right, 3)})`;
    const level = precedence[operator] ?? 0;
    const [left, right] = operator === "^" ? [level + 1, level] : [level, level + 1];
    const symbol = operator === "^" ? "**" : operator;
    const text = `${this.number(expr.left, left)} ${symbol} ${this.number(expr.right, right)}`;
    return level < outer ? `(${text})` : text;
  }

  /** Any expression of an architecture, by the kind of value that it has. */
  value(expr: ast.Expr): Doc {
    const kind = this.kind(expr);
    if (kind === "number" || kind === "bool") return this.number(expr);
    return this.block(expr);
  }

  /** An architecture, or a value inside of a lambda. */
  block(expr: ast.Expr): Doc {
    switch (expr.kind) {
      case "name":
      case "member":
        return this.named(expr);
      case "call":
        return this.call(expr);
      case "binary":
        return this.binary(expr);
      case "lambda": {
        const inner = expr.params.map((param) => this.local(param));
        return concat(
          `(${inner.join(", ")}) => `,
          new Expressions(this.module, this.names).block(expr.body),
        );
      }
      case "let": {
        const name = this.local(expr.binding.name);
        const value = this.value(expr.binding.value);
        const type =
          this.kind(expr.binding.value) === "number" ? "number" : this.module.runtime("Block");
        return concat(`((${name}: ${type}) => `, this.block(expr.body), ")(", value, ")");
      }
      default:
        return this.number(expr);
    }
  }

  private local(name: ast.Name): string {
    const definition = this.module.checked.resolved.locals.get(name);
    return definition === undefined ? name.text : this.names.of(definition);
  }

  private named(expr: ast.Expr): Doc {
    const definition = this.definitionOf(expr);
    if (definition?.kind === "builtin") {
      const layer = layers.get(definition.name);
      return layer === undefined
        ? definition.name
        : `${this.module.runtime(layer.tfjs.function)}()`;
    }
    return definition === undefined ? this.module.quote(expr.span) : this.names.of(definition);
  }

  private binary(expr: Of<"binary">): Doc {
    if (expr.operator === ">>") return call(this.module.runtime("seq"), this.pipeline(expr));
    if (this.kind(expr) === "activation") {
      const name = { "+": "add", "-": "sub", "*": "mul" }[expr.operator as string] ?? "add";
      return call(this.module.runtime(name), [this.block(expr.left), this.block(expr.right)]);
    }
    return call(this.module.runtime("repeat"), [this.block(expr.left), this.number(expr.right)]);
  }

  /** `a >> b >> c` as the list of its blocks. */
  pipeline(expr: ast.Expr): readonly Doc[] {
    if (expr.kind === "binary" && expr.operator === ">>") {
      return [...this.pipeline(expr.left), ...this.pipeline(expr.right)];
    }
    return [this.block(expr)];
  }

  private call(expr: Of<"call">): Doc {
    const definition = this.definitionOf(expr.callee);
    if (definition?.kind !== "builtin") return this.userCall(expr);
    const first = expr.args[0]?.value;
    if (definition.name === "residual" && first !== undefined) {
      return call(this.module.runtime("residual"), this.pipeline(first));
    }
    if (definition.name === "concat") {
      return call(
        this.module.runtime("concat"),
        expr.args.map((argument) => this.block(argument.value)),
      );
    }
    const layer = layers.get(definition.name);
    if (layer === undefined) return this.module.quote(expr.span);
    if (this.kind(expr) === "activation") {
      return concat(
        `${this.module.runtime(layer.tfjs.function)}()(`,
        first === undefined ? "" : this.block(first),
        ")",
      );
    }
    return this.layer(layer, expr.args);
  }

  /** Positional arguments first, then the options that differ from the runtime's defaults by name. */
  private layer(layer: Layer, args: readonly ast.Argument[]): Doc {
    const given = new Map<string, ast.Expr>();
    args.forEach((argument, i) => {
      const name = argument.name?.text ?? layer.options[i]?.name;
      if (name !== undefined) given.set(name, argument.value);
    });
    const positional = layer.options
      .slice(0, layer.tfjs.positional)
      .flatMap((option) => this.positional(option, given));
    const named = layer.options.slice(layer.tfjs.positional).flatMap((option) => {
      const value = given.get(option.name);
      return value === undefined ? [] : [`${camelCase(option.name)}: ${this.number(value)}`];
    });
    const options = named.length === 0 ? [] : [object(named)];
    return call(this.module.runtime(layer.tfjs.function), [...positional, ...options]);
  }

  private positional(option: Option, given: ReadonlyMap<string, ast.Expr>): readonly string[] {
    const value = given.get(option.name);
    return value === undefined ? [] : [this.number(value)];
  }

  /** A call of a function of the spec; TypeScript has no named arguments, so gaps are `undefined`. */
  private userCall(expr: Of<"call">): Doc {
    const definition = this.definitionOf(expr.callee);
    const formals = definition === undefined ? undefined : this.formalsOf(definition);
    if (formals === undefined) {
      return concat(
        this.block(expr.callee),
        "(",
        ...expr.args.map((argument) => this.value(argument.value)),
        ")",
      );
    }
    const values = formals.map((formal, i) => {
      const argument = expr.args.find((a) => a.name?.text === formal) ?? expr.args[i];
      const fits =
        argument !== undefined && (argument.name === undefined || argument.name.text === formal);
      return fits ? this.value(argument.value) : undefined;
    });
    const last = values.reduce<number>((end, value, i) => (value === undefined ? end : i + 1), 0);
    const callee = definition === undefined ? "" : this.names.of(definition);
    return call(
      callee,
      values.slice(0, last).map((value) => value ?? "undefined"),
    );
  }

  private formalsOf(definition: Definition): readonly string[] | undefined {
    if (definition.kind !== "declared" || definition.declaration.kind !== "let") return undefined;
    return definition.declaration.binding.formals?.map((formal) => formal.name.text);
  }

  list(items: readonly ast.Expr[]): Doc {
    return array(items.map((item) => this.number(item)));
  }
}
