/** Formals and bodies of a program's functions, those of `let … in` included. */
import type { Definition, DefinitionOf } from "../../program/definitions.js";
import {
  allExprs,
  type Binding,
  type Expr,
  type Formal,
  type Local,
  type Reference,
} from "../../program/expression.js";
import type { Program } from "../../program/program.js";
import { foldTerm, type GenericTerm } from "../../program/term.js";

export interface Signature {
  readonly formals: readonly Formal[];
  readonly body: Expr;
}

export const lambdaSignature = (expr: Expr): Signature | undefined =>
  expr.kind === "lambda"
    ? { formals: expr.params.map((local) => ({ local })), body: expr.body }
    : undefined;

/** Formals and body of what a binding makes a function, a lambda included. */
export const signatureOf = ({ formals, value }: Binding): Signature | undefined =>
  formals === undefined ? lambdaSignature(value) : { formals, body: value };

/** The numbers that a formula writes. */
const numbersIn = (term: GenericTerm): readonly Expr[] =>
  foldTerm<readonly Expr[]>(term, (t, below) => [
    ...(t.kind === "constant" ? [t.written] : []),
    ...(t.kind === "loss" ? Object.values(t.numbers).map(({ written }) => written) : []),
    ...below.flat(),
  ]);

const defaults = (formals: readonly Formal[] = []): readonly Expr[] =>
  formals.flatMap(({ default: otherwise }) => otherwise ?? []);

/** The expressions that a definition is written of. */
const written = (definition: Definition): readonly Expr[] => {
  switch (definition.kind) {
    case "param":
      return [];
    case "domain":
      return definition.sides.flatMap((side) => side ?? []);
    case "let":
      return [definition.body, ...defaults(definition.formals)];
    case "network":
      return [definition.body];
    case "loss":
    case "objective":
      return numbersIn(definition.body);
  }
};

export class Signatures {
  private readonly lets: ReadonlyMap<Reference, DefinitionOf<"let">>;
  private readonly locals: ReadonlyMap<Local, Signature>;

  constructor({ definitions, model }: Program) {
    this.lets = new Map(
      definitions.flatMap((definition) =>
        definition.kind === "let" ? [[definition.id, definition] as const] : [],
      ),
    );
    const terms = model.players.flatMap(({ summands }) => summands.map(({ term }) => term));
    const all = new Set([...definitions.flatMap(written), ...terms.flatMap(numbersIn)]);
    this.locals = new Map(
      [...all].flatMap(allExprs).flatMap((expr) => {
        const of = expr.kind === "let" ? signatureOf(expr.binding) : undefined;
        return expr.kind === "let" && of !== undefined ? [[expr.local, of] as const] : [];
      }),
    );
  }

  /** Returns the signature of a callee, or nothing unless it is a function of the spec. */
  of(callee: Expr): Signature | undefined {
    if (callee.kind === "local") return this.locals.get(callee.of);
    const definition = callee.kind === "definition" ? this.lets.get(callee.of) : undefined;
    return definition === undefined
      ? undefined
      : signatureOf({
          ...(definition.formals === undefined ? {} : { formals: definition.formals }),
          value: definition.body,
        });
  }
}
