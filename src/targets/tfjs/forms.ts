/**
 * Decides which expressions of a spec have a form in TypeScript. Functions there take and return
 * values of one kind, and know no layers under other names. Anything beyond is written by its
 * result: a number by its value, a network layer by layer.
 */
import { isLeft } from "fp-ts/lib/Either.js";
import { equalizedOptions } from "../../operators/equalized.js";
import { concatJoin } from "../../operators/joins.js";
import { layers } from "../../operators/layers.js";
import type { Signature as Options } from "../../operators/signature.js";
import type { Definition, DefinitionOf } from "../../program/definitions.js";
import {
  type Binding,
  type Expr,
  type ExprOf,
  type Formal,
  plainName,
  type Reference,
  subexpressions,
  type ValueKind,
} from "../../program/expression.js";
import { exprText } from "../../program/expression-text.js";
import type { Model } from "../../program/model.js";
import { matched, measured } from "../written/calls.js";
import { measures, reachable } from "../written/dependencies.js";
import { lambdaSignature, type Signature, type Signatures } from "./signatures.js";
import { isNumberFormal, kindOfLocal, type TypeOrWhy, type Types } from "./types.js";

/** Why something has no form; nothing where it has one. */
export type Why = string | undefined;

/** A form that takes a block: the runtime's function. */
export interface BlockForm {
  readonly of: string;
  /** What that takes behind the block as one object; absent where it takes the block's parts. */
  readonly options?: Options;
}

export const formsOfBlocks: ReadonlyMap<string, BlockForm> = new Map([
  ["residual", { of: "residual" }],
  ["spectral_norm", { of: "spectralNorm" }],
  ["equalized", { of: "equalized", options: equalizedOptions }],
]);

/** The first reason among those of the parts, which are looked at in this order. */
const first = (...checks: readonly (() => Why)[]): Why => {
  for (const check of checks) {
    const why = check();
    if (why !== undefined) return why;
  }
  return undefined;
};

const firstOf = <A>(items: readonly A[], check: (item: A) => Why): Why =>
  first(...items.map((item) => () => check(item)));

const whyNot = (found: TypeOrWhy | ReturnType<Types["isBlock" | "constant"]>): Why =>
  isLeft(found) ? found.left : undefined;

const isNumeric = (type: ValueKind | undefined): boolean =>
  type === "number" || type === "bool" || type === "pair";

export class Forms {
  private readonly lets = new Map<Reference, Why>();
  private readonly networks = new Map<Reference, Why>();
  private readonly numbers = new Map<Expr, boolean>();

  constructor(
    private readonly model: Model,
    private readonly definitions: ReadonlyMap<Reference, Definition>,
    private readonly signatures: Signatures,
    private readonly types: Types,
  ) {}

  /** Whether a number can be written as in the spec. */
  hasNumber(expr: Expr): boolean {
    const known = this.numbers.get(expr);
    if (known !== undefined) return known;
    const has =
      first(
        () => this.below([expr]),
        () => this.number(expr, false),
      ) === undefined;
    this.numbers.set(expr, has);
    return has;
  }

  /** Why a network's own expression has no form. */
  whyNot({ id, body }: DefinitionOf<"network">): Why {
    if (!this.networks.has(id)) this.networks.set(id, this.networkProblem(body));
    return this.networks.get(id);
  }

  private networkProblem(body: Expr): Why {
    return first(
      () => this.below([body]),
      () => this.value(body, true),
    );
  }

  /** Checks the `let`s that the expressions need, dependencies first. */
  private below(start: readonly Expr[]): Why {
    return firstOf(reachable(this.definitions, start).definitions, (definition) => {
      if (definition.kind !== "let") return undefined;
      if (!this.lets.has(definition.id)) this.lets.set(definition.id, this.definition(definition));
      return this.lets.get(definition.id);
    });
  }

  private definition({ formals, body }: DefinitionOf<"let">): Why {
    return formals === undefined
      ? first(
          () => whyNot(this.types.constant(body)),
          () => this.value(body, false),
        )
      : this.function(formals, body);
  }

  private function(formals: readonly Formal[], body: Expr): Why {
    return first(
      () => this.formals(formals, body),
      () => this.result(body),
    );
  }

  private formals(formals: readonly Formal[], body: Expr): Why {
    return firstOf(formals, ({ local, default: otherwise }) => {
      const type = this.types.local(local, body);
      if (isLeft(type) || otherwise === undefined) return whyNot(type);
      return isNumberFormal(type.right, otherwise)
        ? this.number(otherwise, false)
        : this.value(otherwise, false);
    });
  }

  private result(body: Expr): Why {
    return first(
      () => whyNot(this.types.result(body)),
      () => this.value(body, false),
    );
  }

  /** @param holdsNetworks whether the code around it has the networks that it names */
  private value(expr: Expr, holdsNetworks: boolean): Why {
    const go = (below: Expr): Why => this.value(below, holdsNetworks);
    if (isNumeric(expr.type)) return this.number(expr, holdsNetworks);
    switch (expr.kind) {
      case "number":
      case "bool":
      case "pair":
      case "definition":
      case "local":
      case "other":
        return this.number(expr, holdsNetworks);
      case "network":
        return holdsNetworks
          ? undefined
          : `the network \`${expr.name}\` outside of another network's own expression`;
      case "builtin":
        return layers.has(expr.name) ? undefined : this.number(expr, holdsNetworks);
      case "call":
        return this.call(expr, holdsNetworks);
      case "unary":
        return go(expr.operand);
      case "binary":
        return this.binary(expr, holdsNetworks);
      case "seq":
        return firstOf(expr.blocks, go);
      case "lambda":
        return this.lambda(expr, holdsNetworks);
      case "let":
        return this.letIn(expr, holdsNetworks);
    }
  }

  private letIn({ binding, body }: ExprOf<"let">, holdsNetworks: boolean): Why {
    return first(
      () => this.binding(binding, holdsNetworks),
      () => whyNot(this.types.binding(binding)),
      () => this.value(body, holdsNetworks),
    );
  }

  private binding({ formals, value }: Binding, holdsNetworks: boolean): Why {
    return formals === undefined ? this.value(value, holdsNetworks) : this.function(formals, value);
  }

  private lambda(expr: ExprOf<"lambda">, holdsNetworks: boolean, isTyped = false): Why {
    const of = lambdaSignature(expr);
    const block = of === undefined || isTyped ? undefined : this.types.isBlock(of);
    if (block !== undefined && isLeft(block)) return block.left;
    const isClear = block?.right === true;
    return first(
      () =>
        firstOf(expr.params, (param) =>
          isClear ? undefined : whyNot(this.types.local(param, expr.body)),
        ),
      () => this.value(expr.body, holdsNetworks),
    );
  }

  private binary(expr: ExprOf<"binary">, holdsNetworks: boolean): Why {
    const { left, right } = expr;
    const go = (below: Expr): Why => this.value(below, holdsNetworks);
    const number = (below: Expr): Why => this.number(below, holdsNetworks);
    if (expr.type !== "activation")
      return first(
        () => this.kind(expr),
        () => go(left),
        () => number(right),
      );
    if (left.type === "number")
      return first(
        () => number(left),
        () => go(right),
      );
    if (right.type === "number")
      return first(
        () => number(right),
        () => go(left),
      );
    return first(
      () => go(left),
      () => go(right),
    );
  }

  /**
   * Refuses an expression whose kind is unknown, such as the body of a lambda that is repeated no
   * times.
   */
  private kind({ type }: Expr): Why {
    return type === undefined ? "an architecture that no network has, of this form," : undefined;
  }

  private call(expr: ExprOf<"call">, holdsNetworks: boolean): Why {
    const { callee, args } = expr;
    if (callee.kind !== "builtin") return this.user(expr, holdsNetworks);
    const layer = layers.get(callee.name);
    // Without numbers only, it may be configured or applied.
    const isClear = args.every(
      ({ name, value }) => name !== undefined || value.kind === "number" || value.kind === "bool",
    );
    const values = args.map(({ value }) => value);
    const go = (below: Expr): Why => this.value(below, holdsNetworks);
    const rest = (): Why => {
      const [block, ...numbers] = values;
      if (formsOfBlocks.has(callee.name) && block !== undefined)
        return first(
          () => go(block),
          () => firstOf(numbers, (number) => this.number(number, holdsNetworks)),
        );
      if (callee.name === concatJoin.name) return firstOf(values, go);
      if (layer === undefined) return `\`${exprText(expr)}\` in an architecture`;
      if (expr.type === "activation") return firstOf(values.slice(0, 1), go);
      return firstOf(values, (value) => this.number(value, holdsNetworks));
    };
    return first(() => (isClear && layer !== undefined ? undefined : this.kind(expr)), rest);
  }

  private user(expr: ExprOf<"call">, holdsNetworks: boolean): Why {
    const of = this.signatures.of(expr.callee);
    if (of === undefined) return this.anonymous(expr, holdsNetworks);
    const names = of.formals.map(({ local }) => plainName(local));
    return first(
      () => this.oneKind(expr, of),
      () =>
        firstOf(matched(expr, names), (value) =>
          value === undefined ? undefined : this.value(value, holdsNetworks),
        ),
    );
  }

  private anonymous({ callee, args }: ExprOf<"call">, holdsNetworks: boolean): Why {
    if (callee.type === "builtin") return "a built-in under another name";
    if (args.some(({ name }) => name !== undefined))
      return "a call by names of a function that has none";
    return first(
      () => firstOf(args, ({ value }) => this.value(value, holdsNetworks)),
      () =>
        callee.kind === "lambda"
          ? this.lambda(callee, holdsNetworks, true)
          : this.value(callee, holdsNetworks),
    );
  }

  /**
   * TypeScript's functions take and give values of one kind, and the code inside is that of the
   * last use.
   */
  private oneKind(expr: ExprOf<"call">, { formals, body }: Signature): Why {
    const plain = (kind: ValueKind | undefined): ValueKind | undefined =>
      kind === "builtin" || kind === "function" || kind === "net" ? "block" : kind;
    const differ = (a: ValueKind | undefined, b: ValueKind | undefined): boolean =>
      a !== undefined && b !== undefined && plain(a) !== plain(b);
    const given = matched(
      expr,
      formals.map(({ local }) => plainName(local)),
    );
    const isOther = formals.some(({ local, default: otherwise }, i) =>
      differ(given[i]?.type, kindOfLocal(local, body) ?? otherwise?.type),
    );
    return isOther || differ(expr.type, body.type)
      ? "a function that is used on values of several kinds"
      : undefined;
  }

  private number(expr: Expr, holdsNetworks: boolean): Why {
    switch (expr.kind) {
      case "number":
      case "bool":
      case "definition":
      case "local":
        return undefined;
      case "network":
      case "builtin":
        return `\`${expr.name}\` as a value`;
      case "unary":
        return this.number(expr.operand, holdsNetworks);
      case "pair":
      case "binary":
        return firstOf(subexpressions(expr), (below) => this.number(below, holdsNetworks));
      case "call":
        return this.numericCall(expr, holdsNetworks);
      case "let":
        return this.letIn(expr, holdsNetworks);
      case "other":
        return /^[\w.]+$/.test(expr.text)
          ? `\`${expr.text}\` as a value`
          : "this expression as a number";
      case "seq":
      case "lambda":
        return "this expression as a number";
    }
  }

  private numericCall(expr: ExprOf<"call">, holdsNetworks: boolean): Why {
    const { callee } = expr;
    if (callee.kind !== "builtin" || !measures.has(callee.name))
      return this.user(expr, holdsNetworks);
    return measured(expr, this.model) === undefined
      ? `\`${exprText(expr)}\` as a number`
      : undefined;
  }
}
