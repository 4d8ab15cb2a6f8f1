/** Finds the definitions that generated code is made from. */
import type { Definition, DefinitionOf } from "../../program/definitions.js";
import {
  type Expr,
  type Formal,
  type Reference,
  subexpressions,
} from "../../program/expression.js";

/** Questions about networks, whose answers are written in their place. */
export const measures: ReadonlySet<string> = new Set(["params", "receptive_field", "shape"]);

const defaults = (formals: readonly Formal[] = []): readonly Expr[] =>
  formals.flatMap(({ default: otherwise }) => otherwise ?? []);

export type Declared = DefinitionOf<"param" | "let" | "domain">;

/** Every expression directly below a definition that its code is made from. */
export const roots = (definition: Definition): readonly Expr[] => {
  switch (definition.kind) {
    case "let":
      return [definition.body, ...defaults(definition.formals)];
    case "domain":
      return definition.sides.flatMap((side) => side ?? []);
    default:
      return [];
  }
};

export interface Reached {
  /** Params, `let`s and domains, each behind all that it needs itself. */
  readonly definitions: readonly Declared[];
  /** Names of layers and forms of the language. */
  readonly builtins: ReadonlySet<string>;
}

/** All that the expressions, and what they are made from, name. */
export const reachable = (
  definitions: ReadonlyMap<Reference, Definition>,
  start: readonly Expr[],
): Reached => {
  const found = new Map<Reference, Declared | undefined>();
  const builtins = new Set<string>();
  const need = (id: Reference): void => {
    const definition = definitions.get(id);
    if (definition === undefined || found.has(id)) return;
    roots(definition).forEach(visit);
    const { kind } = definition;
    if (kind === "param" || kind === "let" || kind === "domain") found.set(id, definition);
  };
  const visit = (expr: Expr): void => {
    const isMeasure =
      expr.kind === "call" && expr.callee.kind === "builtin" && measures.has(expr.callee.name);
    if (isMeasure) return;
    if (expr.kind === "builtin") builtins.add(expr.name);
    if (expr.kind === "definition") need(expr.of);
    subexpressions(expr).forEach(visit);
    if (expr.kind === "let") defaults(expr.binding.formals).forEach(visit);
  };
  start.forEach(visit);
  return { definitions: [...found.values()].flatMap((definition) => definition ?? []), builtins };
};
