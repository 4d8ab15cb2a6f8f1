/** Losses as checked expressions over draws and applied networks. */
import type { Span } from "../../base/source.js";
import type { LossFunction } from "../../operators/functions.js";
import type { Shape } from "../../operators/layer.js";
import type * as ast from "../../syntax/ast.js";
import type { LossDeclaration } from "../../syntax/ast.js";
import type { DomainType, Net } from "./domain-type.js";

export type TermType =
  /** A value of a domain, drawn or made by a network; the batch axis is understood. */
  | { readonly kind: "sample"; readonly domain: DomainType; readonly shape?: Shape | undefined }
  /** The output of a function of samples. One number for each sample is 1 x 1 x 1. */
  | { readonly kind: "tensor"; readonly shape?: Shape | undefined }
  /** One number: what an expectation gives. */
  | { readonly kind: "loss" };

export type Arithmetic = "+" | "-" | "*" | "/" | "^";

export interface NumberArgument {
  readonly expr: ast.Expr;
  readonly value?: number | undefined;
}

interface Common {
  readonly type: TermType;
  readonly span: Span;
}

export type Term = Common &
  (
    | { readonly kind: "constant"; readonly expr: ast.Expr; readonly value?: number | undefined }
    | {
        readonly kind: "draw";
        readonly name: string;
        readonly domain: DomainType;
        /** 0, or the number of an independent draw of the same domain in one expectation. */
        readonly slot: number;
        /** How many expectations stand around the one that draws it. */
        readonly depth: number;
        /**
         * The domains, its own among them, of which one sample each is drawn together; absent: it
         * is drawn alone.
         */
        readonly joint?: readonly DomainType[] | undefined;
        /**
         * Whether only images with partners are drawn, where others have none: a draw of its own,
         * beside those over all images.
         */
        readonly isPartial?: true | undefined;
      }
    | { readonly kind: "apply"; readonly net: Net; readonly inputs: readonly Term[] }
    /**
     * The value, or one held from earlier steps; `size` 0 is the value itself. No gradient passes.
     */
    | {
        readonly kind: "replay";
        readonly input: Term;
        readonly size?: number | undefined;
        /** How the size is written, where it is. */
        readonly written?: ast.Expr;
      }
    | { readonly kind: "relabel"; readonly input: Term; readonly domain: DomainType }
    | { readonly kind: "pointwise"; readonly of: LossFunction; readonly input: Term }
    | {
        readonly kind: "distance";
        readonly of: LossFunction;
        readonly left: Term;
        readonly right: Term;
      }
    /** Any other function: its values, and then its numbers, which are constants. */
    | { readonly kind: "function"; readonly of: LossFunction; readonly inputs: readonly Term[] }
    /** The gradient of the sum of `body`, which is a function of `variable`, at `at`. */
    | {
        readonly kind: "gradient";
        readonly variable: Extract<Term, { kind: "variable" }>;
        readonly body: Term;
        readonly at: Term;
      }
    /** The point of a gradient. `depth` is how many gradients stand around it. */
    | { readonly kind: "variable"; readonly depth: number }
    | {
        readonly kind: "arithmetic";
        readonly operator: Arithmetic;
        readonly left: Term;
        readonly right: Term;
      }
    | { readonly kind: "negate"; readonly input: Term }
    | { readonly kind: "concat"; readonly items: readonly Term[] }
    | { readonly kind: "mean"; readonly binders: readonly string[]; readonly body: Term }
    | {
        readonly kind: "loss";
        /** As called: `lsgan.judge`. */
        readonly name: string;
        readonly declaration: LossDeclaration;
        /** The arguments as written, for display. */
        readonly args: readonly string[];
        /**
         * Arguments of formals that are numbers. A value is absent where only a call will fix it.
         */
        readonly numbers: ReadonlyMap<string, NumberArgument>;
        /** Arguments of formals that are networks. */
        readonly nets: ReadonlyMap<string, Net>;
        readonly body: Term;
      }
    | { readonly kind: "objective"; readonly name: string; readonly body: Term }
  );

/** The terms directly below one. */
export const children = (term: Term): readonly Term[] => {
  switch (term.kind) {
    case "constant":
    case "draw":
    case "variable":
      return [];
    case "apply":
    case "function":
      return term.inputs;
    case "gradient":
      return [term.body, term.at];
    case "replay":
    case "relabel":
    case "pointwise":
    case "negate":
      return [term.input];
    case "distance":
    case "arithmetic":
      return [term.left, term.right];
    case "concat":
      return term.items;
    case "mean":
    case "loss":
    case "objective":
      return [term.body];
  }
};

export type Draw = Extract<Term, { kind: "draw" }>;

const knownDraws = new WeakMap<Term, readonly Draw[]>();

/**
 * The draws in a term, each use in the text once: functions may have multiplied a value that they
 * take.
 */
export const drawsIn = (term: Term): readonly Draw[] => {
  if (term.kind === "draw") return [term];
  const found = knownDraws.get(term) ?? [...new Set(children(term).flatMap(drawsIn))];
  knownDraws.set(term, found);
  return found;
};

/** Whether the term is drawn or made by networks of such values, and not a formula over them. */
export const isMade = (term: Term): boolean => {
  switch (term.kind) {
    case "draw":
      return true;
    case "apply":
    case "replay":
    case "relabel":
      return children(term).every(isMade);
    default:
      return false;
  }
};

/** Names of the domains that a term draws from. */
export const drawnDomains = (term: Term): readonly string[] =>
  drawsIn(term).flatMap(({ domain }) => (domain.kind === "domain" ? [domain.name] : []));

/** The network and those inside of it: what a value that it makes depends on. */
export const networksOf = ({ name, inner = [] }: Net): readonly string[] => [name, ...inner];

/** Whether a product is nothing, whatever its other side is: one side is the number 0. */
export const isZeroFactor = ({ left, right }: Extract<Term, { kind: "arithmetic" }>): boolean =>
  [left, right].some((side) => side.kind === "constant" && side.value === 0);

/**
 * Networks whose weights the term moves: those that a gradient reaches which is not 0 by a factor.
 */
export const moved = (term: Term): ReadonlySet<string> => {
  const names = new Set<string>();
  const visit = (t: Term): void => {
    if (t.kind === "arithmetic" && t.operator === "*" && isZeroFactor(t)) return;
    if (children(t).length === 0 || t.kind === "apply" || t.kind === "replay")
      for (const name of reached(t)) names.add(name);
    else children(t).forEach(visit);
  };
  visit(term);
  return names;
};

/** Networks that a gradient of the term reaches; none through what was replayed. */
export const reached = (term: Term): ReadonlySet<string> => {
  const names = new Set<string>();
  const visit = (t: Term): void => {
    if (t.kind === "replay") return;
    if (t.kind === "apply") for (const name of networksOf(t.net)) names.add(name);
    children(t).forEach(visit);
  };
  visit(term);
  return names;
};

/** Networks that the term's value depends on, with or without a gradient. */
export const mentioned = (term: Term): ReadonlySet<string> => {
  const names = new Set<string>();
  const visit = (t: Term): void => {
    if (t.kind === "apply") for (const name of networksOf(t.net)) names.add(name);
    children(t).forEach(visit);
  };
  visit(term);
  return names;
};

/**
 * The summands of a loss, with objectives by name opened: what a player's objective is the sum of.
 */
export const summands = (term: Term): readonly Term[] => {
  if (term.kind === "objective") return summands(term.body);
  if (term.kind === "arithmetic" && term.operator === "+") {
    return [...summands(term.left), ...summands(term.right)];
  }
  return [term];
};
