/** Definitions, and the scopes that they can be seen in. */
import type { Span } from "../base/source.js";
import type * as ast from "../syntax/ast.js";

export type Named = Extract<
  ast.Declaration,
  { kind: "param" | "domain" | "let" | "net" | "loss" | "objective" | "module" }
>;

export type Definition =
  | {
      readonly kind: "declared";
      readonly name: string;
      readonly span: Span;
      readonly declaration: Exclude<Named, { kind: "module" }>;
    }
  | {
      readonly kind: "module";
      readonly name: string;
      readonly span: Span;
      readonly members: ReadonlyMap<string, Definition>;
    }
  /** A formal, a lambda's parameter, a binder of `E`, or the name of a `let … in`. */
  | {
      readonly kind: "local";
      readonly name: string;
      readonly span: Span;
      /** The value of a `let … in` without formals. */
      readonly value?: ast.Expr;
    }
  /** A lower-case type in a loss's signature: a domain that each use of the loss chooses. */
  | { readonly kind: "type variable"; readonly name: string; readonly span: Span }
  | { readonly kind: "builtin"; readonly name: string };

/** The names that can be seen from a place; iterated, the outer ones first. */
export interface Scope extends Iterable<readonly [string, Definition]> {
  readonly get: (name: string) => Definition | undefined;
}

/** A scope inside of another. The outer names are not copied: there may be thousands. */
export const within = (outer: Scope, own: ReadonlyMap<string, Definition>): Scope => ({
  get: (name) => own.get(name) ?? outer.get(name),
  [Symbol.iterator]: () => new Map([...outer, ...own])[Symbol.iterator](),
});

/**
 * The names of a file, and those that an importing file sees: its own, and those that it imports by
 * path.
 */
export interface FileScope {
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly exported: ReadonlyMap<string, Definition>;
}

export const builtInTypes = ["Int", "Real", "Bool", "Scores"];
