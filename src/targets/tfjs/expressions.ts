/** Expressions of the spec as TypeScript: numbers stay formulas, architectures become calls of the runtime. */

import { impossible } from "../../base/impossible.js";
import type { Definition } from "../../names/resolve.js";
import { type Layer, layers } from "../../operators/layers.js";
import type { Option } from "../../operators/signature.js";
import type * as ast from "../../syntax/ast.js";
import type { Value } from "../../types/value.js";
import { measures } from "./dependencies.js";
import {
  formalsOf,
  isRead,
  kindOfLocal,
  lambdaSignature,
  localType,
  type Signature,
  signature,
  signatureOf,
  typeOfKind,
} from "./formals.js";
import { call, concat, type Doc, layout, object } from "./layout.js";
import type { Module } from "./module.js";
import type { Identifiers } from "./names.js";
import { refuse } from "./refusal.js";

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

/** Forms that take a block, and the runtime's functions, which take its parts. */
const formsOfBlocks: ReadonlyMap<string, string> = new Map([
  ["residual", "residual"],
  ["spectral_norm", "spectralNorm"],
]);

export class Expressions {
  /** @param network the variable of a network that stands inside of another; none where no code has one */
  constructor(
    private readonly module: Module,
    private readonly names: Identifiers,
    private readonly network?: (name: string) => string,
  ) {}

  private kind(expr: ast.Expr): Value["kind"] | undefined {
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
      case "member":
        return this.nameOf(expr);
      case "unary":
        return this.unary(expr, outer);
      case "binary":
        return this.arithmetic(expr, outer);
      case "call":
        return this.measure(expr) ?? layout(this.userCall(expr));
      case "let":
        return layout(this.letIn(expr));
      default:
        return refuse(expr.span, "this expression as a number");
    }
  }

  private nameOf(expr: ast.Expr): string {
    const definition = this.definitionOf(expr);
    if (definition?.kind !== "declared" && definition?.kind !== "local")
      return refuse(expr.span, `\`${this.module.quote(expr.span)}\` as a value`);
    return this.names.of(definition);
  }

  /** `params(G)`: what the answer is. */
  private measure({ callee, args, span }: Of<"call">): string | undefined {
    const form = this.definitionOf(callee);
    if (form?.kind !== "builtin" || !measures.has(form.name)) return undefined;
    const subject = args[0] === undefined ? undefined : this.definitionOf(args[0].value);
    const net = this.module.model.networks.find(({ name }) => name === subject?.name);
    if (subject?.kind !== "declared" || net === undefined || form.name === "shape")
      return refuse(span, `\`${this.module.quote(span)}\` as a number`);
    return String(form.name === "params" ? net.size : net.receptiveField);
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
    switch (expr.kind) {
      case "name":
      case "member":
        return this.named(expr);
      case "call":
        return this.call(expr);
      case "binary":
        return this.binary(expr);
      case "lambda":
        return this.lambda(expr);
      case "let":
        return this.letIn(expr);
      default:
        return this.number(expr);
    }
  }

  /** What a block applies to needs no type; where nothing says what a lambda takes, it says so itself. */
  private lambda(expr: Of<"lambda">, isTyped = false): Doc {
    const { params, body } = expr;
    const of = lambdaSignature(expr);
    const isClear = !isTyped && of !== undefined && this.isBlock(of);
    const inner = params.map((param) => {
      const variable = this.declare(param, body);
      return isClear ? variable : `${variable}: ${localType(this.module, param, body)}`;
    });
    return concat(`(${inner.join(", ")}) => `, this.value(body));
  }

  /** The variable of a name that `body` may read; without a reader it begins with `_`. */
  declare(name: ast.Name, body: ast.Expr): string {
    const local = this.module.local(name);
    return this.names.of(local, isRead(this.module, local, body) ? name.text : `_${name.text}`);
  }

  /** `let y = v in body` as a function of y, called. */
  private letIn({ binding, body }: Of<"let">): Doc {
    const value = this.bindingValue(binding);
    const name = this.declare(binding.name, body);
    const type = this.bindingType(binding);
    return concat(`((${name}: ${type}) => `, this.value(body), ")(", value, ")");
  }

  private bindingType(binding: ast.Binding): string {
    const { formals, value } = binding;
    const of = signature(binding);
    if (of === undefined) return typeOfKind(this.module, this.kind(value), value);
    if (formals === undefined && this.isBlock(of)) return this.module.runtime("Block");
    const names = this.names.inner();
    const types = of.formals.map(({ name, defaultValue }) => {
      const type = localType(this.module, name, of.body);
      const variable = names.of(this.module.local(name));
      return `${variable}${defaultValue === undefined ? "" : "?"}: ${type}`;
    });
    return `(${types.join(", ")}) => ${this.resultType(of.body)}`;
  }

  /** Whether a lambda is one of a value inside of a network. */
  private isBlock({ formals, body }: Signature): boolean {
    const types = formals.map(({ name }) => localType(this.module, name, body));
    const isOfValue =
      types.length > 0 && types.every((type) => ["tf.SymbolicTensor", "unknown"].includes(type));
    const gives = this.kind(body);
    return isOfValue && (gives === undefined || gives === "activation");
  }

  private bindingValue(binding: ast.Binding): Doc {
    const { formals, name, value } = binding;
    const of = signature(binding);
    if (of !== undefined) this.module.localFunctions.set(this.module.local(name), of);
    if (formals === undefined) return this.value(value);
    const inner = new Expressions(this.module, this.names.inner());
    const params = formalsOf(this.module, inner, formals, value);
    return concat(`(${params.join(", ")}) => `, inner.result(name.text, value));
  }

  /** The type to write at a constant; none where its value shows it. */
  constantType(value: ast.Expr): string | undefined {
    const kind = this.kind(value);
    if (kind === "number" || kind === "bool") return undefined;
    const of = lambdaSignature(value);
    const isFunction = kind === "function" && (of === undefined || !this.isBlock(of));
    return isFunction ? undefined : this.module.runtime("Block");
  }

  /** What a function of the spec gives. */
  resultType(body: ast.Expr): string {
    const kind = this.kind(body);
    if (kind === "function") {
      const of = lambdaSignature(body);
      if (of?.formals.length !== 1 || !this.isBlock(of))
        refuse(body.span, "a function that gives one");
    }
    return typeOfKind(this.module, kind, body);
  }

  /** Its body: an architecture stands in a scope of the function's name. */
  result(name: string, body: ast.Expr): Doc {
    return this.resultType(body) === "Block"
      ? call(this.module.runtime("block"), [JSON.stringify(name), ...this.pipeline(body)])
      : this.value(body);
  }

  private named(expr: ast.Expr): Doc {
    const definition = this.definitionOf(expr);
    if (definition?.kind === "declared" && definition.declaration.kind === "net")
      return this.shared(definition.name, expr);
    const layer = definition?.kind === "builtin" ? layers.get(definition.name) : undefined;
    return layer === undefined ? this.nameOf(expr) : `${this.functionOf(layer)}()`;
  }

  /** A network inside of another: only the function that builds that one is given it. */
  private shared(name: string, { span }: ast.Expr): Doc {
    if (this.network === undefined)
      return refuse(span, `the network \`${name}\` outside of another network's own expression`);
    return call(this.module.runtime("shared"), [this.network(name)]);
  }

  private binary(expr: Of<"binary">): Doc {
    if (expr.operator === ">>") return call(this.module.runtime("seq"), this.pipeline(expr));
    if (this.kind(expr) === "activation") {
      const joins: Readonly<Record<string, string>> = { "+": "add", "-": "sub", "*": "mul" };
      const name = joins[expr.operator] ?? impossible(`${expr.operator} joins no values`);
      return call(this.module.runtime(name), [this.value(expr.left), this.value(expr.right)]);
    }
    this.requireKind(expr);
    return call(this.module.runtime("repeat"), [this.value(expr.left), this.number(expr.right)]);
  }

  /** `a >> b >> c` as the list of its blocks. */
  pipeline(expr: ast.Expr): readonly Doc[] {
    if (expr.kind === "binary" && expr.operator === ">>") {
      return [...this.pipeline(expr.left), ...this.pipeline(expr.right)];
    }
    return [this.value(expr)];
  }

  /** What nothing has evaluated, such as the body of a lambda repeated no times, could mean this or that. */
  private requireKind(expr: ast.Expr): void {
    if (this.kind(expr) === undefined)
      refuse(expr.span, "an architecture that no network has, of this form,");
  }

  private call(expr: Of<"call">): Doc {
    const definition = this.definitionOf(expr.callee);
    if (definition?.kind !== "builtin") return this.userCall(expr);
    // Without numbers only, it may be configured or applied.
    const isClear = expr.args.every(
      ({ name, value }) => name !== undefined || ["int", "real", "bool"].includes(value.kind),
    );
    if (!isClear || !layers.has(definition.name)) this.requireKind(expr);
    const first = expr.args[0]?.value;
    const around = formsOfBlocks.get(definition.name);
    if (around !== undefined && first !== undefined)
      return call(this.module.runtime(around), this.pipeline(first));
    if (definition.name === "concat") {
      return call(
        this.module.runtime("concat"),
        expr.args.map((argument) => this.value(argument.value)),
      );
    }
    const layer = layers.get(definition.name);
    if (layer === undefined)
      return refuse(expr.span, `\`${this.module.quote(expr.span)}\` in an architecture`);
    if (this.kind(expr) === "activation") {
      return concat(
        `${this.functionOf(layer)}()(`,
        first === undefined ? "" : this.value(first),
        ")",
      );
    }
    return this.layer(layer, expr);
  }

  private functionOf({ tfjs }: Layer): string {
    return this.module.runtime(tfjs.function);
  }

  /** Positional arguments first, then the options that differ from the runtime's defaults by name. */
  private layer(layer: Layer, expr: Of<"call">): Doc {
    const { args } = expr;
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
    return call(this.functionOf(layer), [...positional, ...options]);
  }

  private positional(option: Option, given: ReadonlyMap<string, ast.Expr>): readonly string[] {
    const value = given.get(option.name);
    return value === undefined ? [] : [this.number(value)];
  }

  /** A call of a function of the spec; TypeScript has no named arguments, so gaps are `undefined`. */
  private userCall(expr: Of<"call">): Doc {
    const definition = this.definitionOf(expr.callee);
    const of = definition === undefined ? undefined : signatureOf(this.module, definition);
    if (of === undefined || definition === undefined) return this.anonymousCall(expr);
    this.requireOneKind(expr, of);
    const formals = of.formals.map((formal) => formal.name.text);
    const values = formals.map((formal, i) => {
      const argument = expr.args.find((a) => a.name?.text === formal) ?? expr.args[i];
      const fits =
        argument !== undefined && (argument.name === undefined || argument.name.text === formal);
      return fits ? this.value(argument.value) : undefined;
    });
    const last = values.reduce<number>((end, value, i) => (value === undefined ? end : i + 1), 0);
    return call(
      this.names.of(definition),
      values.slice(0, last).map((value) => value ?? "undefined"),
    );
  }

  private anonymousCall({ callee, args, span }: Of<"call">): Doc {
    if (args.some(({ name }) => name !== undefined))
      return refuse(span, "a call by names of a function that has none");
    const values = args.flatMap(({ value }, i) => [...(i === 0 ? [] : [", "]), this.value(value)]);
    const head =
      callee.kind === "lambda" ? concat("(", this.lambda(callee, true), ")") : this.value(callee);
    return concat(head, "(", ...values, ")");
  }

  /** TypeScript's functions take and give values of one kind, and the code inside is that of the last use. */
  private requireOneKind(expr: Of<"call">, { formals, body }: Signature): void {
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
      refuse(expr.span, "a function that is used on values of several kinds");
  }
}
