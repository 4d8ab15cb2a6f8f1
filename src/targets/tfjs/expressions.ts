/** Expressions of the spec as TypeScript: numbers stay formulas, architectures become calls of the runtime. */
import type { Definition } from "../../names/resolve.js";
import { type Layer, layers } from "../../operators/layers.js";
import type { Option } from "../../operators/signature.js";
import type * as ast from "../../syntax/ast.js";
import { formalsOf, formalType } from "./formals.js";
import { array, call, concat, type Doc, layout, object } from "./layout.js";
import type { Module } from "./module.js";
import type { Identifiers } from "./names.js";

type Of<K extends ast.Expr["kind"]> = Extract<ast.Expr, { kind: K }>;

/** `conv_transpose`'s `output_pad` is `outputPad` in TypeScript. */
export const camelCase = (name: string): string =>
  name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

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
        // JavaScript refuses a number that begins with a superfluous 0.
        return /^0\d/.test(expr.text) ? String(expr.value) : expr.text;
      case "bool":
        return String(expr.value);
      case "name":
      case "member": {
        const definition = this.definitionOf(expr);
        return definition === undefined ? this.module.quote(expr.span) : this.names.of(definition);
      }
      case "unary":
        return this.unary(expr, outer);
      case "binary":
        return this.arithmetic(expr, outer);
      case "call":
        return layout(this.userCall(expr));
      default:
        return this.module.quote(expr.span);
    }
  }

  /** Signs do not touch, and JavaScript refuses a sign before or under `**` without brackets. */
  private unary(expr: Of<"unary">, outer: number): string {
    const sign = expr.operator === "not" ? "!" : "-";
    const operand = this.number(expr.operand, unary);
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
      const [left, right] = [this.number(expr.left, product), this.number(expr.right, product + 1)];
      return `Math.floor(${left} / ${right})`;
    }
    if (operator === "%" && !(this.isNatural(expr.left) && this.isNatural(expr.right))) {
      // `%` floors in a spec and truncates in JavaScript.
      const [left, right] = [this.number(expr.left, product), this.number(expr.right, product + 1)];
      const text = `((${left} % ${right}) + ${right}) % ${right}`;
      return product < outer ? `(${text})` : text;
    }
    const level = precedence[operator] ?? 0;
    const [left, right] = operator === "^" ? [level + 1, level] : [level, level + 1];
    // Formatters bracket what readers mix up: `%` in a sum, `*` with `/`, `&&` in `||`.
    const inner = (side: ast.Expr, least: number): string => {
      const text = this.number(side, least);
      const mixed =
        side.kind === "binary" && side.operator !== "//" && isMixed(operator, side.operator);
      return mixed && !text.startsWith("(") ? `(${text})` : text;
    };
    const symbol = symbols[operator] ?? operator;
    const text = `${inner(expr.left, left)} ${symbol} ${inner(expr.right, right)}`;
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
      case "let":
        return this.letIn(expr);
      default:
        return this.number(expr);
    }
  }

  /** `let y = v in body` as a function of y, called. */
  private letIn({ binding, body }: Of<"let">): Doc {
    const value = this.bindingValue(binding);
    const name = this.local(binding.name);
    return concat(
      `((${name}: ${this.bindingType(binding)}) => `,
      this.block(body),
      ")(",
      value,
      ")",
    );
  }

  private bindingType({ formals, value }: ast.Binding): string {
    const kind = this.kind(value);
    const plain =
      kind === "number"
        ? "number"
        : kind === "bool"
          ? "boolean"
          : kind === "activation"
            ? "tf.SymbolicTensor"
            : this.module.runtime("Block");
    if (formals === undefined) return plain;
    const types = formals.map((formal) => {
      const type = formalType(this.module, formal, value);
      return `${formal.name.text}${formal.defaultValue === undefined ? "" : "?"}: ${type}`;
    });
    return `(${types.join(", ")}) => ${plain}`;
  }

  private bindingValue(binding: ast.Binding): Doc {
    const { formals, name, value } = binding;
    if (formals === undefined) return this.value(value);
    const definition = this.module.checked.resolved.locals.get(name);
    if (definition !== undefined) this.module.localFormals.set(definition, formals);
    const inner = new Expressions(this.module, this.names.inner());
    const params = formalsOf(this.module, inner.names, formals, value, (e) => inner.number(e));
    const kind = this.kind(value);
    const body =
      kind === "block" || kind === "builtin" || kind === "function"
        ? call(this.module.runtime("block"), [JSON.stringify(name.text), ...inner.pipeline(value)])
        : inner.value(value);
    return concat(`(${params.join(", ")}) => `, body);
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
    const local = this.module.localFormals.get(definition);
    if (local !== undefined) return local.map((formal) => formal.name.text);
    if (definition.kind !== "declared" || definition.declaration.kind !== "let") return undefined;
    return definition.declaration.binding.formals?.map((formal) => formal.name.text);
  }

  list(items: readonly ast.Expr[]): Doc {
    return array(items.map((item) => this.number(item)));
  }
}
