/** One traversal reaches every expression that the tree holds. */
import { expect, test } from "@jest/globals";
import type * as ast from "../../src/syntax/ast.js";
import { childrenOf, expressionsIn } from "../../src/syntax/expressions.js";
import { parse } from "../../src/syntax/parse.js";
import { constructs } from "../support/constructs.js";
import { readProject, specNames } from "../support/specs.js";

const kinds = new Set<string>([
  ..."int real bool name call member unary binary lambda let tuple expectation relabel".split(" "),
]);

/** Every object of the tree that is an expression, found without knowing what a kind holds. */
const reflected = (node: unknown, found: Set<unknown> = new Set()): ReadonlySet<unknown> => {
  if (typeof node !== "object" || node === null) return found;
  const { kind } = node as { readonly kind?: string };
  const isDeclaration = kind === "let" && "name" in node;
  if (kind !== undefined && kinds.has(kind) && !isDeclaration) found.add(node);
  for (const value of Object.values(node)) reflected(value, found);
  return found;
};

const texts = [...specNames.map(readProject), ...Object.values(constructs)];

const valuesOf = (declaration: ast.Declaration): readonly ast.Expr[] => {
  switch (declaration.kind) {
    case "param":
    case "domain":
    case "net":
    case "loss":
    case "objective":
      return [declaration.value];
    case "let":
      return [declaration.binding.value];
    case "expect":
      return [declaration.condition];
    default:
      return [];
  }
};

const values = texts.flatMap((text) =>
  parse({ name: "a.gan", text }).spec.declarations.flatMap(valuesOf),
);

test("all expressions below one are found, each once", () => {
  const seen = new Set<string>();
  for (const value of values) {
    const found = expressionsIn(value);
    expect(new Set(found).size).toBe(found.length);
    expect(new Set<unknown>(found)).toEqual(reflected(value));
    for (const { kind } of found) seen.add(kind);
  }
  expect([...seen].sort()).toEqual([...kinds].sort());
});

test("children stand in the order of the text", () => {
  for (const one of values.flatMap(expressionsIn)) {
    const starts = childrenOf(one).map(({ span }) => span.start);
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
  }
});
