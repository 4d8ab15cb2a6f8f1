/** A program with every use of a name led to its definition. */
import type { Span } from "../base/source.js";
import type * as ast from "../syntax/ast.js";
import type { Definition } from "./scope.js";

/** Every part of the program that later rooms ask for, with each use of a name resolved. */
export interface Resolved {
  /**
   * Definitions of `name` and (for members of a module) `member` expressions. Unknown names are
   * absent.
   */
  readonly uses: ReadonlyMap<ast.Expr, Definition>;
  /** Definitions of named types that are domains or type variables. Built-in types are absent. */
  readonly typeUses: ReadonlyMap<ast.TypeExpr, Definition>;
  /** Definitions of the networks and domains that quantifiers and the recipe's fields name. */
  readonly nameUses: ReadonlyMap<ast.Name, Definition>;
  /** Locals, by the name that binds them. */
  readonly locals: ReadonlyMap<ast.Name, Definition>;
  /** Definitions that the entry file declares or imports, in order. */
  readonly definitions: readonly Definition[];
  readonly expects: readonly Extract<ast.Declaration, { kind: "expect" }>[];
  /** The entry's own game, or else the one it imports. */
  readonly solve: Extract<ast.Declaration, { kind: "solve" }> | undefined;
  /**
   * The recipe's fields, an importing file's over an imported one's: `batch`, and of one that names
   * networks an entry for each, `optimizer[D]`.
   */
  readonly train: ReadonlyMap<string, ast.Field>;
  readonly trainSpan: Span | undefined;
  /** Definitions that the entry file imports by name, and where it does. */
  readonly imported: ReadonlyMap<Definition, Span>;
}

/** The key of a field that is of one network. */
export const fieldKey = (field: string, network: string): string => `${field}[${network}]`;
