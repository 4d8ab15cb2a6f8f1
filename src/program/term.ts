/**
 * Losses as formulas over draws and applied networks. A `GenericTerm` is the body of a loss as it
 * is declared: networks may be its formals, and numbers expressions over them. A `Term` is what a
 * game trains: every number has a value and every value a shape. A term is a generic one of which
 * more is known.
 */
import type { Span } from "../base/source.js";
import type { Shape } from "../operators/layer.js";
import type { Expr } from "./expression.js";

export type Arithmetic = "+" | "-" | "*" | "/" | "^";

/** A number of a generic loss: its value is absent where only a use of the loss fixes it. */
export interface GenericNumber {
  readonly written: Expr;
  readonly value?: number;
}

export interface KnownNumber extends GenericNumber {
  readonly value: number;
}

export type GenericType =
  /**
   * A value of a domain, of `Scores` or of a type variable, by its name; the batch axis is
   * understood.
   */
  | { readonly kind: "sample"; readonly domain: string }
  /** A value that functions make of samples. */
  | { readonly kind: "tensor" }
  /** One number: what an expectation gives. */
  | { readonly kind: "loss" };

export type TermType =
  | { readonly kind: "sample"; readonly domain: string; readonly shape: Shape }
  /** One number for each sample is 1 x 1 x 1. */
  | { readonly kind: "tensor"; readonly shape: Shape }
  | { readonly kind: "loss" };

/** The types in which generic and concrete terms differ. */
interface Generic {
  readonly number: GenericNumber;
  /** Images that the history holds. */
  readonly size: number | Expr;
  readonly type: GenericType;
  readonly applied: { readonly network: string; readonly isFormal?: true };
}

interface Known extends Generic {
  readonly number: KnownNumber;
  readonly size: number;
  readonly type: TermType;
  readonly applied: { readonly network: string };
}

type Common<S extends Generic> = {
  readonly type: S["type"];
  readonly span: Span;
};

type TermOf<S extends Generic> = Common<S> &
  (
    | ({ readonly kind: "constant" } & S["number"])
    | {
        readonly kind: "draw";
        /** The binder's. */
        readonly name: string;
        readonly domain: string;
        /** 0, or the number of an independent draw of the same domain in one expectation. */
        readonly slot: number;
        /** Number of expectations around the one that draws it. */
        readonly depth: number;
        /**
         * The domains, its own among them, of which one sample each is drawn together; absent: it
         * is drawn alone.
         */
        readonly joint?: readonly string[];
        /**
         * Whether only images with partners are drawn, where others have none: a draw of its own,
         * beside those over all images.
         */
        readonly isPartial?: true;
      }
    /** A network, in a generic loss perhaps a formal, applied to a value for each of its inputs. */
    | ({ readonly kind: "apply"; readonly inputs: readonly TermOf<S>[] } & S["applied"])
    /**
     * The value, or one held from earlier steps; `size` 0 is the value itself. No gradient passes.
     */
    | { readonly kind: "replay"; readonly input: TermOf<S>; readonly size: S["size"] }
    | { readonly kind: "relabel"; readonly input: TermOf<S>; readonly domain: string }
    /** Functions are named: `functionOf` of src/operators has what they are. */
    | { readonly kind: "pointwise"; readonly of: string; readonly input: TermOf<S> }
    | {
        readonly kind: "distance";
        readonly of: string;
        readonly left: TermOf<S>;
        readonly right: TermOf<S>;
      }
    /** Any other function: its values, and then its numbers, which are constants. */
    | { readonly kind: "function"; readonly of: string; readonly inputs: readonly TermOf<S>[] }
    /**
     * The gradient of the sum of `body`, which is a function of the variable of that depth, at
     * `at`.
     */
    | {
        readonly kind: "gradient";
        readonly depth: number;
        readonly body: TermOf<S>;
        readonly at: TermOf<S>;
      }
    /** The variable of a gradient. `depth` counts the gradients around it. */
    | { readonly kind: "variable"; readonly depth: number }
    | {
        readonly kind: "arithmetic";
        readonly operator: Arithmetic;
        readonly left: TermOf<S>;
        readonly right: TermOf<S>;
      }
    | { readonly kind: "negate"; readonly input: TermOf<S> }
    | { readonly kind: "concat"; readonly items: readonly TermOf<S>[] }
    | { readonly kind: "mean"; readonly binders: readonly string[]; readonly body: TermOf<S> }
    | {
        readonly kind: "loss";
        /** Name as called: `lsgan.judge`. */
        readonly name: string;
        /** The loss that it is, among the program's definitions. */
        readonly of: string;
        /** The arguments as written, for display. */
        readonly args: readonly string[];
        /** Values of the formals that are numbers. */
        readonly numbers: Readonly<Record<string, S["number"]>>;
        /** Networks bound to the formals that are networks. */
        readonly networks: Readonly<Record<string, string>>;
        /** Place of its formula. */
        readonly formula: Span;
        readonly body: TermOf<S>;
      }
    | { readonly kind: "objective"; readonly name: string; readonly body: TermOf<S> }
  );

export type GenericTerm = TermOf<Generic>;
export type Term = TermOf<Known>;

export type LossTerm = Extract<Term, { kind: "loss" }>;
export type GenericLossTerm = Extract<GenericTerm, { kind: "loss" }>;

/** The terms directly below one. */
export function children(term: Term): readonly Term[];
export function children(term: GenericTerm): readonly GenericTerm[];
export function children(term: GenericTerm): readonly GenericTerm[] {
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
}

/** The term with other terms directly below it. */
const withChildren = (term: GenericTerm, to: (term: GenericTerm) => GenericTerm): GenericTerm => {
  switch (term.kind) {
    case "constant":
    case "draw":
    case "variable":
      return term;
    case "apply":
    case "function":
      return { ...term, inputs: term.inputs.map(to) };
    case "gradient":
      return { ...term, body: to(term.body), at: to(term.at) };
    case "replay":
    case "relabel":
    case "pointwise":
    case "negate":
      return { ...term, input: to(term.input) };
    case "distance":
    case "arithmetic":
      return { ...term, left: to(term.left), right: to(term.right) };
    case "concat":
      return { ...term, items: term.items.map(to) };
    case "mean":
    case "loss":
    case "objective":
      return { ...term, body: to(term.body) };
  }
};

/** The term rewritten from below: `change` is given each term when all below it are changed. */
export function mapTerm(term: Term, change: (term: Term) => Term): Term;
export function mapTerm(term: GenericTerm, change: (term: GenericTerm) => GenericTerm): GenericTerm;
export function mapTerm(term: GenericTerm, change: (term: never) => GenericTerm): GenericTerm {
  const whole = withChildren(term, (below) =>
    mapTerm(below, change as (t: GenericTerm) => GenericTerm),
  );
  return change(whole as never);
}

/** Folds a term: `combine` is given each one with the results of those directly below. */
export function foldTerm<A>(term: Term, combine: (term: Term, below: readonly A[]) => A): A;
export function foldTerm<A>(
  term: GenericTerm,
  combine: (term: GenericTerm, below: readonly A[]) => A,
): A;
export function foldTerm<A>(
  term: GenericTerm,
  combine: (term: never, below: readonly A[]) => A,
): A {
  const below = children(term).map((t) => foldTerm(t, combine as (t: GenericTerm) => A));
  return combine(term as never, below);
}

/** The networks that stand inside of one, by its name. */
export type InnerOf = (network: string) => readonly string[];

/** Networks that a gradient of the term reaches; none through what was replayed. */
export const reached = (term: Term, innerOf: InnerOf): ReadonlySet<string> =>
  foldTerm<ReadonlySet<string>>(term, (t, below) => {
    if (t.kind === "replay") return new Set();
    const own = t.kind === "apply" ? [t.network, ...innerOf(t.network)] : [];
    return new Set([...own, ...below.flatMap((names) => [...names])]);
  });

/**
 * The summands of a loss, with objectives by name opened: what a player's objective is the sum of.
 */
export const summands = (term: Term): readonly Term[] => {
  if (term.kind === "objective") return summands(term.body);
  return term.kind === "arithmetic" && term.operator === "+"
    ? [...summands(term.left), ...summands(term.right)]
    : [term];
};
