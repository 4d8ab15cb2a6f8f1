/**
 * Types of a loss's formals that nobody wrote: from what its body does with them. A formal that is
 * applied is a network, from the domains of what it is applied to; one that counts something is an
 * Int; any other stays a Real.
 *
 * Unification of first order, without conflicts: where two uses disagree, the first counts, and the
 * check of the body that follows reports the second, as it does with types that were written.
 */
import type { Definition } from "../../names/scope.js";
import { lossFunctions } from "../../operators/functions.js";
import { layers } from "../../operators/layers.js";
import type * as ast from "../../syntax/ast.js";
import type { LossDeclaration } from "../../syntax/ast.js";
import { expressionsIn } from "../../syntax/expressions.js";
import {
  count,
  type Env,
  open,
  openValue,
  other,
  settled,
  type Type,
  unify,
  variablesIn,
} from "./open-types.js";
import { letters, Writing } from "./written-types.js";

/** The definitions that the names of the program lead to. */
export interface Names {
  readonly uses: ReadonlyMap<ast.Expr, Definition>;
  /** The definition that a named type leads to, written or inferred. */
  readonly typeUse: (type: ast.TypeExpr) => Definition | undefined;
  readonly locals: ReadonlyMap<ast.Name, Definition>;
}

/**
 * How deep functions that are given to functions are followed; bodies cannot need themselves, but
 * wrong ones may.
 */
const deepest = 64;

class Inference {
  private depth = 0;
  /** Domains that two uses wanted to be one, and that are not. */
  readonly apart = new Set<Definition>();

  constructor(
    private readonly names: Names,
    private readonly typesOf: (
      declaration: LossDeclaration,
    ) => ReadonlyMap<ast.Formal, ast.TypeExpr>,
  ) {}

  /** A type that was written; its variables are as `variables` says, or themselves. */
  written(type: ast.TypeExpr, variables?: Map<Definition, Type>): Type {
    if (type.kind === "arrow") {
      const from = type.from.kind === "product" ? type.from.items : [type.from];
      return {
        kind: "net",
        from: from.map((item) => this.written(item, variables)),
        to: this.written(type.to, variables),
      };
    }
    if (type.kind === "product") return other;
    if (type.name === "Scores") return { kind: "domain", definition: "Scores" };
    const definition = this.names.typeUse(type);
    if (definition === undefined) return other;
    if (definition.kind !== "type variable" || variables === undefined)
      return { kind: "domain", definition };
    const known = variables.get(definition) ?? openValue();
    variables.set(definition, known);
    return known;
  }

  evaluate(expr: ast.Expr, env: Env): Type {
    switch (expr.kind) {
      case "name":
      case "member":
        return this.named(expr, env);
      case "call":
        return this.call(expr, env);
      case "binary":
        this.compare(this.evaluate(expr.left, env), this.evaluate(expr.right, env));
        return other;
      case "unary":
        this.evaluate(expr.operand, env);
        return other;
      case "lambda": {
        const formals = expr.params.map((name) => ({ name, span: name.span }));
        return { kind: "function", formals, body: expr.body, env };
      }
      case "let": {
        const inner = this.bind(env, [expr.binding.name], [this.bound(expr.binding, env)]);
        return this.evaluate(expr.body, inner);
      }
      case "expectation":
        this.evaluate(
          expr.body,
          expr.binders.reduce((inner, b) => this.draw(b, inner), env),
        );
        return other;
      case "relabel":
        this.evaluate(expr.value, env);
        return this.written(expr.type);
      case "tuple":
        return { kind: "joint", items: expr.items.map((item) => this.evaluate(item, env)) };
      default:
        return other;
    }
  }

  private bound({ formals, value }: ast.Binding, env: Env): Type {
    return formals === undefined
      ? this.evaluate(value, env)
      : { kind: "function", formals, body: value, env };
  }

  private bind(env: Env, names: readonly ast.Name[], types: readonly Type[]): Env {
    const inner = new Map(env);
    names.forEach((name, i) => {
      const definition = this.names.locals.get(name);
      if (definition !== undefined) inner.set(definition, types[i] ?? other);
    });
    return inner;
  }

  private draw({ names, sampler }: ast.Binder, env: Env): Env {
    const from = settled(this.evaluate(sampler, env));
    return this.bind(env, names, from.kind === "joint" ? from.items : [from]);
  }

  private named(expr: Extract<ast.Expr, { kind: "name" | "member" }>, env: Env): Type {
    const definition = this.names.uses.get(expr);
    if (definition === undefined) return other;
    switch (definition.kind) {
      case "local":
        return env.get(definition) ?? other;
      case "type variable":
        return { kind: "domain", definition };
      case "builtin":
        return { kind: "builtin", name: definition.name };
      case "module":
        return other;
      case "declared":
        return this.declared(definition, definition.declaration);
    }
  }

  private declared(definition: Definition, to: ast.Declaration): Type {
    if (to.kind === "domain") return { kind: "domain", definition };
    if (to.kind === "net") return this.written(to.type);
    if (to.kind === "loss") return { kind: "loss", declaration: to };
    return to.kind === "let" ? this.bound(to.binding, new Map()) : other;
  }

  private call(expr: Extract<ast.Expr, { kind: "call" }>, env: Env): Type {
    const callee = settled(this.evaluate(expr.callee, env));
    const given = expr.args.map(({ value }) => this.evaluate(value, env));
    if (callee.kind === "builtin") return this.builtin(callee.name, expr.args, given);
    if (callee.kind === "loss") return this.use(callee.declaration, expr.args, given);
    return this.apply(callee, given);
  }

  private apply(to: Type, given: readonly Type[]): Type {
    const callee = settled(to);
    if (callee.kind === "open") {
      // What networks give cannot be applied, as the check of the body says.
      if (callee.isValue === true) return other;
      // What is no value of a domain says nothing of the domain that is wanted.
      const from = given.map((type) => {
        const at = settled(type);
        if (at.kind === "open" && at !== callee) at.isValue = true;
        return (at.kind === "open" && at !== callee) || at.kind === "domain" ? at : openValue();
      });
      const result = openValue();
      unify(callee, { kind: "net", from, to: result }, this.apart);
      return result;
    }
    if (callee.kind === "net") {
      callee.from.forEach((from, i) => {
        unify(from, given[i] ?? other, this.apart);
      });
      return callee.to;
    }
    if (callee.kind === "gradient") {
      this.apply(callee.of, given);
      return other;
    }
    if (callee.kind !== "function" || this.depth >= deepest) return other;
    this.depth++;
    const names = callee.formals.map(({ name }) => name);
    const result = this.evaluate(callee.body, this.bind(callee.env, names, given));
    this.depth--;
    return result;
  }

  /** Values that are measured against each other are of one domain. */
  private compare(left: Type, right: Type): void {
    const isValue = (type: Type): boolean => type.kind === "open" || type.kind === "domain";
    if (isValue(settled(left)) && isValue(settled(right))) unify(left, right, this.apart);
  }

  private builtin(name: string, args: readonly ast.Argument[], given: readonly Type[]): Type {
    const [first = other, second] = given;
    if (name === "grad") return { kind: "gradient", of: first };
    if (name === "pairs")
      return { kind: "joint", items: given.filter((_, i) => args[i]?.name === undefined) };
    if (name === "stop" || name === "replay") {
      if (name === "replay" && second !== undefined) count(second);
      return first;
    }
    const entry = lossFunctions.get(name);
    const alike = given.slice(1, entry?.kind === "distance" ? 2 : (entry?.alike ?? 0));
    for (const value of alike) this.compare(first, value);
    // A layer takes its options first, and values behind them.
    const numbers = entry?.numbers ?? layers.get(name)?.options ?? [];
    const formals = [...(entry?.values ?? []), ...numbers.map((n) => n.name)];
    for (const option of numbers) {
      const number = given[placeOf(option.name, formals, args)];
      if (option.type === "Int" && number !== undefined)
        for (const one of number.kind === "joint" ? number.items : [number]) count(one);
    }
    return entry?.keepsDomain === true ? first : other;
  }

  /** A loss used by another: its formals want of the arguments what they want of any. */
  private use(
    declaration: LossDeclaration,
    args: readonly ast.Argument[],
    given: readonly Type[],
  ): Type {
    const variables = new Map<Definition, Type>();
    const formals = declaration.formals.map(({ name }) => name.text);
    for (const [formal, type] of this.typesOf(declaration)) {
      const argument = given[placeOf(formal.name.text, formals, args)];
      if (argument === undefined) continue;
      if (type.kind === "named" && type.name === "Int") count(argument);
      else unify(argument, this.written(type, variables), this.apart);
    }
    return other;
  }
}

/** Which argument a formal gets, by name or by position; -1 for none. */
const placeOf = (
  formal: string,
  formals: readonly string[],
  args: readonly ast.Argument[],
): number => args.findIndex(({ name }, i) => (name?.text ?? formals[i]) === formal);

/** The types of a loss's formals, those that were written and those that follow. */
export interface FormalTypes {
  /** By formal. A formal that is absent is a Real. */
  readonly types: ReadonlyMap<ast.Formal, ast.TypeExpr>;
  /** The definitions that inferred types name. */
  readonly uses: ReadonlyMap<ast.TypeExpr, Definition>;
  /** Type variables that the body draws from and no formal fixes. */
  readonly loose: readonly Variable[];
  /** Names of the others. */
  readonly fixed: readonly string[];
}

type Variable = Extract<Definition, { kind: "type variable" }>;

/** Type variables of the signature and of the body. */
const writtenVariables = (
  { typeUse, uses }: Names,
  declaration: LossDeclaration,
): ReadonlySet<Variable> => {
  const found = new Set<Variable>();
  const add = (definition: Definition | undefined): void => {
    if (definition?.kind === "type variable") found.add(definition);
  };
  const visitType = (type: ast.TypeExpr): void => {
    add(typeUse(type));
    if (type.kind === "arrow") [type.from, type.to].forEach(visitType);
    if (type.kind === "product") type.items.forEach(visitType);
  };
  for (const { type } of declaration.formals) if (type !== undefined) visitType(type);
  for (const expr of expressionsIn(declaration.value)) {
    add(uses.get(expr));
    if (expr.kind === "relabel") visitType(expr.type);
  }
  return found;
};

/** The types of a loss's formals. `typesOf` gives those of the losses that it uses. */
export const inferFormals = (
  names: Names,
  declaration: LossDeclaration,
  typesOf: (declaration: LossDeclaration) => ReadonlyMap<ast.Formal, ast.TypeExpr>,
): FormalTypes => {
  const inference = new Inference(names, typesOf);
  const cells = new Map<ast.Formal, Type>();
  const env = new Map<Definition, Type>();
  for (const formal of declaration.formals) {
    const type = formal.type === undefined ? open() : inference.written(formal.type);
    cells.set(formal, type);
    const definition = names.locals.get(formal.name);
    if (definition !== undefined) env.set(definition, type);
  }
  inference.evaluate(declaration.value, env);

  const variables = writtenVariables(names, declaration);
  const writing = new Writing(letters(new Set([...variables].map(({ name }) => name))));
  const types = new Map<ast.Formal, ast.TypeExpr>();
  // What does not fit is said when the body is checked.
  const fixed = new Set(inference.apart);
  for (const [formal, cell] of cells) {
    variablesIn(cell, fixed);
    const at = settled(cell);
    const { span } = formal.name;
    if (formal.type !== undefined) types.set(formal, formal.type);
    else if (at.kind === "net") types.set(formal, writing.type(at, formal));
    else if (at.kind === "open" && at.isCount)
      types.set(formal, { kind: "named", name: "Int", span });
  }
  const loose = [...variables].filter((one) => !fixed.has(one));
  const known = [...variables].filter((one) => fixed.has(one)).map(({ name }) => name);
  return { types, uses: writing.uses, loose, fixed: known };
};
