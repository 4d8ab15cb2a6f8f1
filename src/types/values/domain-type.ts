/** Types of drawn values, and of the networks between them. */
import type { Span } from "../../base/source.js";
import type { Shape } from "../../operators/layer.js";
import type { DomainKind } from "../../operators/recipe.js";
import { writtenDomain } from "../../program/nameless.js";
import type { ScheduleStage } from "../../program/recipe.js";

/** A type that a drawn value can have, by name. */
export type DomainType =
  | {
      readonly kind: "domain";
      readonly name: string;
      readonly shape: Shape;
      readonly range: readonly [number, number];
      /** How it is drawn. */
      readonly sampler: DomainKind;
      /** Of the shares of a param that follows a schedule: both. */
      readonly param?: string;
      readonly schedule?: readonly ScheduleStage[];
      readonly span: Span;
    }
  /** A type variable inside of the generic loss that declares it. */
  | { readonly kind: "variable"; readonly name: string }
  /** Real numbers of whatever shape the network gives. */
  | { readonly kind: "scores" }
  /** Several values at once, at least two: what a network of several inputs takes. */
  | { readonly kind: "product"; readonly items: readonly DomainType[] };

/** `X`, `Scores`, `(X, Y)`: equal for equal domains. */
export const domainName = (domain: DomainType): string => {
  switch (domain.kind) {
    case "scores":
      return "Scores";
    case "product":
      return `(${domain.items.map(domainName).join(", ")})`;
    default:
      return domain.name;
  }
};

/** As messages call it: what has no name is shown as it is drawn, `uniform(1)`. */
export const showDomain = (domain: DomainType): string =>
  domain.kind === "product"
    ? `(${domain.items.map(showDomain).join(", ")})`
    : writtenDomain(domainName(domain));

/** The types of the values that a network takes, one by one. */
export const inputsOf = (from: DomainType): readonly DomainType[] =>
  from.kind === "product" ? from.items : [from];

export const sameDomain = (a: DomainType, b: DomainType): boolean => {
  const [left, right] = [inputsOf(a), inputsOf(b)];
  if (a.kind !== "product" && b.kind !== "product")
    return a.kind === b.kind && domainName(a) === domainName(b);
  return (
    left.length === right.length &&
    left.every((item, i) => sameDomain(item, right[i] ?? { kind: "scores" }))
  );
};

/**
 * A network as losses see it: a morphism. Formals of a generic loss are networks without a body.
 */
export interface Net {
  readonly name: string;
  readonly from: DomainType;
  readonly to: DomainType;
  /** The shape of its output. Absent for formals, and where its body has an error. */
  readonly output?: Shape | undefined;
  /** Networks inside of it, whose parameters it shares. */
  readonly inner?: readonly string[] | undefined;
  /** Whether it has parameters of its own; unknown as its output is. */
  readonly learns?: boolean | undefined;
  /** Whether no player trains it. */
  readonly isFrozen?: boolean | undefined;
  readonly formal: boolean;
  /** Whether its type was not written, but follows from the body of the loss whose formal it is. */
  readonly isInferred?: boolean;
  readonly span: Span;
}

/** `G : X -> Y` */
export const showNet = (net: Net): string =>
  `${net.name} : ${showDomain(net.from)} -> ${showDomain(net.to)}`;
