/**
 * Types of the spec's functions and of what they take, from what their names were when they were
 * called.
 */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import {
  type Binding,
  type Expr,
  type ExprOf,
  type Formal,
  type Local,
  plainName,
  subexpressions,
  type ValueKind,
} from "../../program/expression.js";
import { lambdaSignature, type Signature, type Signatures, signatureOf } from "./signatures.js";

/** A type of TypeScript; `unknown` of what nobody reads. */
export type Type =
  | "number"
  | "boolean"
  | "Sides"
  | "unknown"
  | "tf.SymbolicTensor"
  | "Block"
  | { readonly takes: readonly Taken[]; readonly gives: Type };

/** A parameter of a function. One without a name gets a letter. */
export interface Taken {
  readonly local?: Local;
  readonly isOptional?: true;
  readonly type: Type;
}

/** Left: what TypeScript has no type for. */
export type TypeOrWhy = Either<string, Type>;

/** Returns TypeScript's name for a kind of value. */
export const typeOfKind = (kind: ValueKind | undefined): TypeOrWhy => {
  switch (kind) {
    case "number":
      return right("number");
    case "bool":
      return right("boolean");
    case "pair":
      return right("Sides");
    case "activation":
      return right("tf.SymbolicTensor");
    case "block":
    case "builtin":
    case "function":
    case "net":
      return right("Block");
    case "other":
    case undefined:
      return left("this value inside of an architecture");
  }
};

const functionThatGivesOne = left("a function that gives one");

/** Whether an expression uses a local. */
export const isRead = (local: Local, expr: Expr): boolean =>
  (expr.kind === "local" && expr.of === local) ||
  subexpressions(expr).some((below) => isRead(local, below));

/** The kind that a local had where `body` reads it first. */
export const kindOfLocal = (local: Local, body: Expr): ValueKind | undefined =>
  body.kind === "local" && body.of === local
    ? body.type
    : subexpressions(body).reduce<ValueKind | undefined>(
        (kind, below) => kind ?? kindOfLocal(local, below),
        undefined,
      );

/** All of them, or the first reason why not. */
const all = (types: readonly TypeOrWhy[]): Either<string, readonly Type[]> => {
  const found: Type[] = [];
  for (const type of types) {
    if (isLeft(type)) return type;
    found.push(type.right);
  }
  return right(found);
};

const functionOf = (
  taken: readonly TypeOrWhy[],
  gives: TypeOrWhy,
  named: readonly Omit<Taken, "type">[] = [],
): TypeOrWhy => {
  const types = all(taken);
  if (isLeft(types)) return types;
  if (isLeft(gives)) return gives;
  const takes = types.right.map((type, i) => ({ ...named[i], type }));
  return right({ takes, gives: gives.right });
};

/** Returns the type that a call of a local implies. */
const calledType = ({ args, type: gives }: ExprOf<"call">): TypeOrWhy => {
  if (gives === "function") return functionThatGivesOne;
  const given = args.map(({ value }) => value.type);
  const takes = all(given.map(typeOfKind));
  if (isLeft(takes)) return takes;
  return given.length === 1 && given[0] === "activation"
    ? right("Block")
    : functionOf(takes.right.map(right), typeOfKind(gives));
};

/** Whether a formal with that type and default value is a number, whose type TypeScript sees. */
export const isNumberFormal = (type: Type, { type: kind }: Expr): boolean =>
  type === "number" ||
  type === "boolean" ||
  (type === "unknown" && (kind === "number" || kind === "bool"));

/** Types of formals and parts of functions, found from how the program calls them. */
export class Types {
  constructor(private readonly signatures: Signatures) {}

  /** The type of a formal, or of a lambda's parameter. */
  local(local: Local, body: Expr): TypeOrWhy {
    const kind = kindOfLocal(local, body);
    if (kind === undefined) return right(isRead(local, body) ? "number" : "unknown");
    return kind === "function" ? this.functionType(local, body) : typeOfKind(kind);
  }

  /** A function's type, by how `body` calls it or by what it passes it on to. */
  private functionType(local: Local, body: Expr): TypeOrWhy {
    let found: Type | undefined;
    const visit = (expr: Expr): string | undefined => {
      if (expr.kind === "call") {
        const isCalled = expr.callee.kind === "local" && expr.callee.of === local;
        const type = isCalled
          ? calledType(expr)
          : found === undefined
            ? this.passedTo(expr, local)
            : undefined;
        if (type !== undefined && isLeft(type)) return type.left;
        found ??= type?.right;
      }
      for (const below of subexpressions(expr)) {
        const why = visit(below);
        if (why !== undefined) return why;
      }
      return undefined;
    };
    const why = visit(body);
    return why === undefined ? right(found ?? "Block") : left(why);
  }

  /** The type of the formal that a call of another function gives the local to. */
  private passedTo({ callee, args }: ExprOf<"call">, local: Local): TypeOrWhy | undefined {
    const of = this.signatures.of(callee);
    const index = args.findIndex(({ value }) => value.kind === "local" && value.of === local);
    const name = args[index]?.name;
    const formal = of?.formals.find((f, i) =>
      name === undefined ? i === index : plainName(f.local) === name,
    );
    return of === undefined || formal === undefined ? undefined : this.local(formal.local, of.body);
  }

  formals(formals: readonly Formal[], body: Expr): Either<string, readonly Type[]> {
    return all(formals.map(({ local }) => this.local(local, body)));
  }

  /** Whether a lambda is one of a value inside of a network. */
  isBlock({ formals, body }: Signature): Either<string, boolean> {
    const types = this.formals(formals, body);
    if (isLeft(types)) return types;
    const isOfValue =
      types.right.length > 0 &&
      types.right.every((type) => type === "tf.SymbolicTensor" || type === "unknown");
    return right(isOfValue && (body.type === undefined || body.type === "activation"));
  }

  /** The type of what a `let … in` binds. */
  binding(binding: Binding): TypeOrWhy {
    const { formals, value } = binding;
    const of = signatureOf(binding);
    if (of === undefined) return typeOfKind(value.type);
    if (formals === undefined) {
      const block = this.isBlock(of);
      if (isLeft(block)) return block;
      if (block.right) return right("Block");
    }
    const takes = of.formals.map(({ local }) => this.local(local, of.body));
    const named = of.formals.map(
      ({ local, default: otherwise }): Omit<Taken, "type"> =>
        otherwise === undefined ? { local } : { local, isOptional: true },
    );
    return functionOf(takes, this.result(of.body), named);
  }

  /** The type to write at a constant; none where its value shows it. */
  constant(value: Expr): Either<string, Type | undefined> {
    if (value.type === "number" || value.type === "bool") return right(undefined);
    if (value.type === "pair") return right("Sides");
    const of = lambdaSignature(value);
    if (value.type !== "function" || of === undefined)
      return right(value.type === "function" ? undefined : "Block");
    const block = this.isBlock(of);
    return isLeft(block) ? block : right(block.right ? "Block" : undefined);
  }

  /** Returns the result type of a function of the spec. */
  result(body: Expr): TypeOrWhy {
    if (body.type === "function") {
      const of = lambdaSignature(body);
      if (of?.formals.length !== 1) return functionThatGivesOne;
      const block = this.isBlock(of);
      if (isLeft(block)) return block;
      if (!block.right) return functionThatGivesOne;
    }
    return typeOfKind(body.type);
  }
}
