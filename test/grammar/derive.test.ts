/**
 * What is derived from the grammar is not stale: `UPDATE=1 npm run -s jest -- test/grammar` makes
 * it anew.
 */
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { ebnf, tmLanguage } from "../../grammar/derive.js";
import { GanParser } from "../../grammar/parser.js";
import { allTokens } from "../../grammar/tokens.js";
import { expectFile } from "../support/golden.js";
import { readProject, root } from "../support/specs.js";

test("gan.ebnf", () => {
  const text = ebnf();
  expectFile(join(root, "grammar/gan.ebnf"), text);
  for (const rule of Object.keys(new GanParser().getGAstProductions()))
    expect(text).toMatch(new RegExp(`^${rule} ::= `, "m"));
  const used = [...text.replaceAll(/"[^"]*"|\/.*\//g, "").matchAll(/[A-Za-z]+/g)].map(
    ([name]) => name,
  );
  const known = [
    ...Object.keys(new GanParser().getGAstProductions()),
    ...allTokens.map((t) => t.name),
  ];
  const rules = text.slice(text.indexOf("*/"));
  for (const [, name] of rules.replaceAll(/"[^"]*"|\/.*\//g, "").matchAll(/([A-Za-z]+)/g))
    expect(known).toContain(name);
  expect(used.length).toBeGreaterThan(100);
});

interface Pattern {
  readonly name?: string;
  readonly match: string;
  readonly captures?: Readonly<Record<string, { readonly name: string }>>;
}

/** The scope of each stretch of a line, by the first pattern that matches at the leftmost place. */
const scopes = (
  patterns: readonly Pattern[],
  line: string,
): readonly (readonly [string, string])[] => {
  const found: (readonly [string, string])[] = [];
  for (let at = 0; at < line.length; ) {
    const matches = patterns.flatMap((pattern) => {
      const match = new RegExp(pattern.match, "g");
      match.lastIndex = at;
      const result = match.exec(line);
      return result === null ? [] : [{ pattern, result }];
    });
    const first = matches.sort((a, b) => a.result.index - b.result.index)[0];
    if (first === undefined) break;
    const { pattern, result } = first;
    if (pattern.captures === undefined) found.push([result[0], pattern.name ?? ""]);
    else
      for (const [group, { name }] of Object.entries(pattern.captures))
        found.push([result[Number(group)] ?? "", name]);
    at = result.index + Math.max(1, result[0].length);
  }
  return found;
};

test("gan.tmLanguage.json", () => {
  const text = tmLanguage();
  expectFile(join(root, "grammar/gan.tmLanguage.json"), text);
  const { patterns } = JSON.parse(text) as { readonly patterns: readonly Pattern[] };
  expect(scopes(patterns, 'param lambda : Real = 1_0.5 -- "not a path"')).toEqual([
    ["param", "keyword.declaration.gan"],
    ["lambda", "entity.name.function.gan"],
    ["Real", "support.type.gan"],
    ["=", "keyword.operator.gan"],
    ["1_0.5", "constant.numeric.gan"],
    ['-- "not a path"', "comment.line.double-dash.gan"],
  ]);
  expect(scopes(patterns, "solve { min[E] E[x ~ X] c(k, pad: 3) >> true }")).toEqual([
    ["solve", "keyword.declaration.gan"],
    ["min", "keyword.control.gan"],
    ["E", "keyword.control.gan"],
    ["~", "keyword.operator.gan"],
    ["c", "entity.name.function.call.gan"],
    ["pad", "variable.parameter.gan"],
    ["3", "constant.numeric.gan"],
    [">>", "keyword.operator.gan"],
    ["true", "constant.language.gan"],
  ]);
  expect(
    readProject("specs/cyclegan.gan")
      .split("\n")
      .flatMap((l) => scopes(patterns, l)).length,
  ).toBeGreaterThan(200);
});
