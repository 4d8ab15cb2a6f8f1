/**
 * Terms of the checker as those of the program: networks, functions and losses by their names, no
 * syntax.
 */
import { impossible } from "../base/impossible.js";
import { recordOf } from "../base/record.js";
import type * as program from "../program/term.js";
import type { LossDeclaration } from "../syntax/ast.js";
import { domainName, type Net } from "../types/values/domain-type.js";
import type { NumberArgument, Term, TermType } from "../types/values/term.js";
import type { Expressions } from "./expressions.js";
import type { Identities } from "./identities.js";

const record = <A, B>(
  entries: ReadonlyMap<string, A>,
  to: (value: A) => B,
): Readonly<Record<string, B>> => recordOf([...entries].map(([key, value]) => [key, to(value)]));

export class Terms {
  /** @param need is told of each loss that a term calls */
  constructor(
    private readonly expressions: Expressions,
    private readonly identities: Identities,
    private readonly need: (loss: LossDeclaration) => void,
  ) {}

  /** The body of a loss as it is declared. */
  generic(term: Term): program.GenericTerm {
    return this.of(term, true);
  }

  /** Returns the concrete term. Every number and shape is known. */
  known(term: Term): program.Term {
    return this.of(term, false) as program.Term;
  }

  private type(type: TermType, isGeneric: boolean): program.GenericType {
    if (type.kind === "loss") return { kind: "loss" };
    const known: Pick<program.TermType & { kind: "tensor" }, "shape"> | undefined = isGeneric
      ? undefined
      : { shape: type.shape ?? impossible("a value of a game has no shape") };
    return type.kind === "sample"
      ? { kind: "sample", domain: domainName(type.domain), ...known }
      : { kind: "tensor", ...known };
  }

  private number({ expr, value }: NumberArgument, isGeneric: boolean): program.GenericNumber {
    const written = this.expressions.of(expr);
    if (value !== undefined) return { written, value };
    return isGeneric ? { written } : impossible("a number of a game has no value");
  }

  private size(term: Extract<Term, { kind: "replay" }>, isGeneric: boolean) {
    if (term.size !== undefined) return term.size;
    return isGeneric && term.written !== undefined
      ? this.expressions.of(term.written)
      : impossible("a history of a game has no size");
  }

  private of(term: Term, isGeneric: boolean): program.GenericTerm {
    const to = (below: Term): program.GenericTerm => this.of(below, isGeneric);
    const common = { type: this.type(term.type, isGeneric), span: term.span };
    switch (term.kind) {
      case "constant":
        return { kind: "constant", ...this.number(term, isGeneric), ...common };
      case "draw": {
        const { name, domain, slot, depth, joint, isPartial } = term;
        const together = joint === undefined ? {} : { joint: joint.map(domainName) };
        return {
          kind: "draw",
          name,
          domain: domainName(domain),
          slot,
          depth,
          ...together,
          ...(isPartial === true ? { isPartial } : {}),
          ...common,
        };
      }
      case "apply":
        return { kind: "apply", ...this.applied(term.net), inputs: term.inputs.map(to), ...common };
      case "replay":
        return {
          kind: "replay",
          input: to(term.input),
          size: this.size(term, isGeneric),
          ...common,
        };
      case "relabel":
        return {
          kind: "relabel",
          input: to(term.input),
          domain: domainName(term.domain),
          ...common,
        };
      case "pointwise":
        return { kind: "pointwise", of: term.of.name, input: to(term.input), ...common };
      case "distance":
        return {
          kind: "distance",
          of: term.of.name,
          left: to(term.left),
          right: to(term.right),
          ...common,
        };
      case "function":
        return { kind: "function", of: term.of.name, inputs: term.inputs.map(to), ...common };
      case "gradient":
        return {
          kind: "gradient",
          depth: term.variable.depth,
          body: to(term.body),
          at: to(term.at),
          ...common,
        };
      case "variable":
        return { kind: "variable", depth: term.depth, ...common };
      case "arithmetic":
        return {
          kind: "arithmetic",
          operator: term.operator,
          left: to(term.left),
          right: to(term.right),
          ...common,
        };
      case "negate":
        return { kind: "negate", input: to(term.input), ...common };
      case "concat":
        return { kind: "concat", items: term.items.map(to), ...common };
      case "mean":
        return { kind: "mean", binders: term.binders, body: to(term.body), ...common };
      case "loss":
        return { ...this.loss(term, isGeneric), body: to(term.body), ...common };
      case "objective":
        return { kind: "objective", name: term.name, body: to(term.body), ...common };
    }
  }

  private applied({ name, formal }: Net): { readonly network: string; readonly isFormal?: true } {
    return formal ? { network: name, isFormal: true } : { network: name };
  }

  private loss(term: Extract<Term, { kind: "loss" }>, isGeneric: boolean) {
    this.need(term.declaration);
    return {
      kind: "loss" as const,
      name: term.name,
      of: this.identities.definition(term.declaration),
      args: term.args,
      numbers: record(term.numbers, (number) => this.number(number, isGeneric)),
      networks: record(term.nets, ({ name }) => name),
      formula: term.declaration.value.span,
    };
  }
}
