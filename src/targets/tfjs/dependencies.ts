/** Which declarations the code of a spec is made from. */
import type { Definition } from "../../names/resolve.js";
import { recipeWords } from "../../operators/recipe.js";
import * as ast from "../../syntax/ast.js";
import type { Checked } from "../../types/values/checked.js";

export type Declared = Extract<Definition, { kind: "declared" }>;

/** Height, width and channels of a domain as written; its range is no part of the code. */
export const sides = (value: ast.Expr): readonly (ast.Expr | undefined)[] => {
  const args = value.kind === "call" ? value.args : [];
  const word = value.kind === "call" && value.callee.kind === "name" ? value.callee.name : "";
  const options = recipeWords.get(word)?.options.map(({ name }) => name) ?? [];
  return ["height", "width", word === "labels" ? "classes" : "channels"].map((name) => {
    const place = options.indexOf(name);
    const positional = args[place]?.name === undefined ? args[place] : undefined;
    return (args.find((argument) => argument.name?.text === name) ?? positional)?.value;
  });
};

/** Every expression directly below a declaration that its code is made from. */
export const roots = ({ declaration }: Declared): readonly ast.Expr[] => {
  switch (declaration.kind) {
    case "let": {
      const defaults = declaration.binding.formals?.flatMap((f) =>
        f.defaultValue === undefined ? [] : [f.defaultValue],
      );
      return [declaration.binding.value, ...(defaults ?? [])];
    }
    case "domain":
      return sides(declaration.value).flatMap((side) => (side === undefined ? [] : [side]));
    case "net":
      return [declaration.value];
    default:
      return [];
  }
};

/** Questions about networks, whose answers are written in their place. */
export const measures: ReadonlySet<string> = new Set(["params", "receptive_field", "shape"]);

/** All names that the expressions and what they are made from use, declarations behind all that they need themselves. */
export const reachable = (checked: Checked, start: readonly ast.Expr[]): readonly Definition[] => {
  const { uses } = checked.resolved;
  const found = new Set<Definition>();
  const visit = (expr: ast.Expr): void => {
    const callee = expr.kind === "call" ? uses.get(expr.callee) : undefined;
    if (callee?.kind === "builtin" && measures.has(callee.name)) return;
    const definition = uses.get(expr);
    if (definition !== undefined && !found.has(definition)) {
      if (definition.kind === "declared" && definition.declaration.kind !== "net")
        roots(definition).forEach(visit);
      found.add(definition);
    }
    ast.subexpressions(expr).forEach(visit);
    if (expr.kind !== "let") return;
    for (const { defaultValue } of expr.binding.formals ?? [])
      if (defaultValue !== undefined) visit(defaultValue);
  };
  start.forEach(visit);
  return [...found];
};

/** The params, lets and domains among them. */
export const dependencies = (checked: Checked, start: readonly ast.Expr[]): readonly Declared[] =>
  reachable(checked, start).filter(
    (definition): definition is Declared =>
      definition.kind === "declared" &&
      ["param", "let", "domain"].includes(definition.declaration.kind),
  );
