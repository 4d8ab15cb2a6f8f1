/** Expressions of the spec as TypeScript: numbers stay formulas, architectures become calls of the runtime. */

import { impossible } from "../../base/impossible.js";
import type { Definition } from "../../names/resolve.js";
import { layers } from "../../operators/layers.js";
import type * as ast from "../../syntax/ast.js";
import type { Value } from "../../types/values/value.js";
import { Calls } from "./calls.js";
import {
  formalsOf,
  isRead,
  lambdaSignature,
  localType,
  type Signature,
  signature,
  typeOfKind,
} from "./formals.js";
import { call, concat, type Doc, object } from "./layout.js";
import type { Module } from "./module.js";
import type { Identifiers } from "./names.js";
import { Numbers } from "./numbers.js";
import { refuse } from "./refusal.js";

type Of<K extends ast.Expr["kind"]> = Extract<ast.Expr, { kind: K }>;

/** Forms that take a block, and the runtime's functions, which take its parts. */
const formsOfBlocks: ReadonlyMap<string, string> = new Map([
  ["residual", "residual"],
  ["spectral_norm", "spectralNorm"],
]);

export class Expressions {
  private readonly numbers: Numbers;
  private readonly calls: Calls;

  /** @param network the variable of a network that stands inside of another; none where no code has one */
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

  private kind(expr: ast.Expr): Value["kind"] | undefined {
    return this.module.checked.kinds.get(expr);
  }

  private definitionOf(expr: ast.Expr): Definition | undefined {
    return this.module.checked.resolved.uses.get(expr);
  }

  /** A number of the spec as JavaScript. */
  number(expr: ast.Expr): string {
    return this.numbers.of(expr);
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
      case "unary":
        // What is no number is a value of the network.
        return concat(
          call(this.module.runtime("rescale"), ["-1"]),
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

  /** What a block applies to needs no type; where nothing says what a lambda takes, it says so itself. */
  lambda(expr: Of<"lambda">, isTyped = false): Doc {
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
    const isMarked = name.text.startsWith("_") || isRead(this.module, local, body);
    return this.names.of(local, isMarked ? name.text : `_${name.text}`);
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
    if (of === undefined) return typeOfKind(this.module, this.kind(value));
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
      if (of?.formals.length !== 1 || !this.isBlock(of)) refuse("a function that gives one");
    }
    return typeOfKind(this.module, kind);
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
      return this.shared(definition.name);
    const layer = definition?.kind === "builtin" ? layers.get(definition.name) : undefined;
    return layer === undefined ? this.numbers.name(expr) : `${this.calls.functionOf(layer)}()`;
  }

  /** A network inside of another: only the function that builds that one is given it. */
  private shared(name: string): Doc {
    if (this.network === undefined)
      return refuse(`the network \`${name}\` outside of another network's own expression`);
    return call(this.module.runtime("shared"), [this.network(name)]);
  }

  private binary(expr: Of<"binary">): Doc {
    if (expr.operator === ">>") return call(this.module.runtime("seq"), this.pipeline(expr));
    if (this.kind(expr) === "activation") {
      const isNumber = [expr.left, expr.right].map((side) => this.kind(side) === "number");
      if (isNumber.includes(true)) return this.rescaled(expr, isNumber[0] === true);
      const joins: Readonly<Record<string, string>> = { "+": "add", "-": "sub", "*": "mul" };
      const name = joins[expr.operator] ?? impossible(`${expr.operator} joins no values`);
      return call(this.module.runtime(name), [this.value(expr.left), this.value(expr.right)]);
    }
    this.requireKind(expr);
    return call(this.module.runtime("repeat"), [this.value(expr.left), this.number(expr.right)]);
  }

  /** `0.2 * v` as `rescale(0.2)(v)`, `1 - v` as `rescale(-1, { offset: 1 })(v)`. */
  private rescaled({ operator, left, right }: Of<"binary">, isLeft: boolean): Doc {
    const [number, value] = isLeft ? [left, right] : [right, left];
    const written = this.number(number);
    const isPlain = number.kind === "int" || number.kind === "real" || number.kind === "name";
    const bracketed = isPlain ? written : `(${written})`;
    const args: Readonly<Record<string, readonly [scale: string, offset?: string]>> = {
      "+": ["1", written],
      "-": isLeft ? ["-1", written] : ["1", `-${bracketed}`],
      "*": [written],
      "/": [`1 / ${bracketed}`],
    };
    const [scale, offset] = args[operator] ?? impossible(`${operator} takes no number here`);
    const options = offset === undefined ? [] : [object([`offset: ${offset}`])];
    const block = call(this.module.runtime("rescale"), [scale, ...options]);
    return concat(block, call("", [this.value(value)]));
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
    if (this.kind(expr) === undefined) refuse("an architecture that no network has, of this form,");
  }

  private call(expr: Of<"call">): Doc {
    const definition = this.definitionOf(expr.callee);
    if (definition?.kind !== "builtin") return this.calls.user(expr);
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
      return refuse(`\`${this.module.quote(expr.span)}\` in an architecture`);
    if (this.kind(expr) === "activation") {
      return concat(
        `${this.calls.functionOf(layer)}()(`,
        first === undefined ? "" : this.value(first),
        ")",
      );
    }
    return this.calls.layer(layer, expr);
  }
}
