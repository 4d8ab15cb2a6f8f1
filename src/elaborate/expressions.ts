/**
 * Expressions of the syntax as those of the program: every name resolved, every value's kind beside
 * it.
 */

import type { Declared } from "../names/parts.js";
import type { Definition } from "../names/scope.js";
import { recipeWords } from "../operators/recipe.js";
import type * as program from "../program/expression.js";
import type * as ast from "../syntax/ast.js";
import type { Checked } from "../types/checked.js";
import type { Value } from "../types/values/value.js";
import type { Identities } from "./identities.js";
import type { Texts } from "./texts.js";

const kindOf = (kind: Value["kind"] | undefined): program.ValueKind | undefined => {
  switch (kind) {
    case undefined:
    case "number":
    case "bool":
    case "block":
    case "function":
    case "builtin":
    case "net":
    case "activation":
      return kind;
    case "tuple":
      return "pair";
    default:
      return "other";
  }
};

/** `a >> b >> c` as its blocks. */
const blocksOf = (expr: ast.Expr): readonly ast.Expr[] =>
  expr.kind === "binary" && expr.operator === ">>"
    ? [...blocksOf(expr.left), ...blocksOf(expr.right)]
    : [expr];

/** Height, width and channels of a domain as written; its range is no part of its shape. */
export const sidesOf = (value: ast.Expr): readonly (ast.Expr | undefined)[] => {
  const args = value.kind === "call" ? value.args : [];
  const word = value.kind === "call" && value.callee.kind === "name" ? value.callee.name : "";
  const options = recipeWords.get(word)?.options.map(({ name }) => name) ?? [];
  return ["height", "width", word === "labels" ? "classes" : "channels"].map((name) => {
    const place = options.indexOf(name);
    const positional = args[place]?.name === undefined ? args[place] : undefined;
    return (args.find((argument) => argument.name?.text === name) ?? positional)?.value;
  });
};

export class Expressions {
  private readonly known = new Map<ast.Expr, program.Expr>();

  /** @param need is told of each definition that an expression names */
  constructor(
    private readonly checked: Checked,
    private readonly identities: Identities,
    private readonly texts: Texts,
    private readonly need: (definition: Declared) => void,
  ) {}

  of(expr: ast.Expr): program.Expr {
    const known = this.known.get(expr);
    if (known !== undefined) return known;
    const type = kindOf(this.checked.kinds.get(expr));
    const made = { ...this.form(expr), ...(type === undefined ? {} : { type }) };
    this.known.set(expr, made);
    return made;
  }

  private form(expr: ast.Expr): program.Expr {
    switch (expr.kind) {
      case "int":
      case "real":
        return { kind: "number", value: expr.value, text: expr.text };
      case "bool":
        return { kind: "bool", value: expr.value };
      case "name":
      case "member":
        return this.named(expr, this.checked.resolved.uses.get(expr));
      case "call":
        return {
          kind: "call",
          callee: this.of(expr.callee),
          args: expr.args.map(({ name, value }) => ({
            ...(name === undefined ? {} : { name: name.text }),
            value: this.of(value),
          })),
        };
      case "unary":
        return { kind: "unary", operator: expr.operator, operand: this.of(expr.operand) };
      case "binary":
        return expr.operator === ">>"
          ? { kind: "seq", blocks: blocksOf(expr).map((block) => this.of(block)) }
          : {
              kind: "binary",
              operator: expr.operator,
              left: this.of(expr.left),
              right: this.of(expr.right),
            };
      case "lambda": {
        const params = expr.params.map((name) => this.local(name));
        return { kind: "lambda", params, body: this.of(expr.body) };
      }
      case "let":
        return {
          kind: "let",
          local: this.local(expr.binding.name),
          binding: this.binding(expr.binding),
          body: this.of(expr.body),
        };
      case "tuple": {
        const [height, width, more] = expr.items;
        return height === undefined || width === undefined || more !== undefined
          ? this.other(expr)
          : { kind: "pair", height: this.of(height), width: this.of(width) };
      }
      case "expectation":
      case "relabel":
      case "missing":
        return this.other(expr);
    }
  }

  local(name: ast.Name): program.Local {
    const definition = this.checked.resolved.locals.get(name);
    return this.identities.local(definition ?? name, name.text);
  }

  binding({ formals, value }: ast.Binding): program.Binding {
    const body = this.of(value);
    return formals === undefined
      ? { value: body }
      : { formals: this.formals(formals), value: body };
  }

  formals(formals: readonly ast.Formal[]): readonly program.Formal[] {
    return formals.map(({ name, type, defaultValue }) => ({
      local: this.local(name),
      ...(type === undefined ? {} : { type: this.texts.quote(type.span) }),
      ...(defaultValue === undefined ? {} : { default: this.of(defaultValue) }),
    }));
  }

  private other(expr: ast.Expr): program.Expr {
    return { kind: "other", text: this.texts.quote(expr.span) };
  }

  private named(expr: ast.Expr, definition: Definition | undefined): program.Expr {
    switch (definition?.kind) {
      case "local":
        return { kind: "local", of: this.identities.local(definition, definition.name) };
      case "builtin":
        return { kind: "builtin", name: definition.name };
      case "declared":
        return this.declared(expr, definition);
      default:
        return this.other(expr);
    }
  }

  private declared(expr: ast.Expr, definition: Declared): program.Expr {
    switch (definition.declaration.kind) {
      case "net":
        return { kind: "network", name: definition.name };
      case "param":
      case "let":
      case "domain":
        this.need(definition);
        return { kind: "definition", of: this.identities.definition(definition.declaration) };
      case "loss":
      case "objective":
        return this.other(expr);
    }
  }
}
