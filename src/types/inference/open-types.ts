/** Types that are being found out, and what makes two of them one. */
import type { Definition } from "../../names/scope.js";
import type * as ast from "../../syntax/ast.js";
import type { LossDeclaration } from "../../syntax/ast.js";

/** A domain that is not known yet, a formal that may be a network, or what it turned out to be. */
export interface Open {
  readonly kind: "open";
  bound?: Type;
  /** Whether something wants an Int here. */
  isCount?: true;
  /** Whether it is what a network takes or gives: a domain, and no network. */
  isValue?: true;
}

export type Type =
  | Open
  | { readonly kind: "domain"; readonly definition: Definition | "Scores" }
  | { readonly kind: "net"; readonly from: readonly Type[]; readonly to: Type }
  | { readonly kind: "loss"; readonly declaration: LossDeclaration }
  | {
      readonly kind: "function";
      readonly formals: readonly ast.Formal[];
      readonly body: ast.Expr;
      readonly env: Env;
    }
  | { readonly kind: "builtin"; readonly name: string }
  | { readonly kind: "gradient"; readonly of: Type }
  | { readonly kind: "joint"; readonly items: readonly Type[] }
  /** A number, an expectation, or a value of no domain. */
  | { readonly kind: "other" };

export type Env = ReadonlyMap<Definition, Type>;

export const other: Type = { kind: "other" };
export const open = (): Open => ({ kind: "open" });
/** What a network takes or gives. */
export const openValue = (): Open => ({ kind: "open", isValue: true });

export const settled = (type: Type): Type => {
  let at = type;
  while (at.kind === "open" && at.bound !== undefined) at = at.bound;
  return at;
};

/** Whether `cell` stands within the type, which could then never be written. */
const holds = (type: Type, cell: Open): boolean => {
  const at = settled(type);
  return (
    at === cell || (at.kind === "net" && [...at.from, at.to].some((part) => holds(part, cell)))
  );
};

/** Makes them one; domains that cannot be are added to `apart`. */
export const unify = (left: Type, right: Type, apart: Set<Definition>): void => {
  const [a, b] = [settled(left), settled(right)];
  if (a === b) return;
  if (a.kind === "open" || b.kind === "open") {
    const [cell, to] = a.kind === "open" ? [a, b] : [b as Open, a];
    const isType =
      to.kind === "open" || to.kind === "domain" || (to.kind === "net" && cell.isValue !== true);
    if (!isType || holds(to, cell)) return;
    if (to.kind === "open" && cell.isValue === true) to.isValue = true;
    cell.bound = to;
    return;
  }
  if (a.kind === "net" && b.kind === "net") {
    a.from.forEach((from, i) => {
      unify(from, b.from[i] ?? other, apart);
    });
    unify(a.to, b.to, apart);
    return;
  }
  const same = a.kind === "domain" && b.kind === "domain" && a.definition === b.definition;
  if (!same) for (const type of [a, b]) variablesIn(type, apart);
};

/** Says that a number counts something. */
export const count = (type: Type): void => {
  const at = settled(type);
  if (at.kind === "open") at.isCount = true;
};

/** Adds the domains and type variables that stand in a type. */
export const variablesIn = (type: Type, into: Set<Definition>): void => {
  const at = settled(type);
  if (at.kind === "net") for (const part of [...at.from, at.to]) variablesIn(part, into);
  if (at.kind === "domain" && at.definition !== "Scores") into.add(at.definition);
};
