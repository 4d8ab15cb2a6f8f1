/**
 * Formatting keeps meaning and comments, and once is enough; the project's own specs are as it
 * writes them.
 */
import { readdirSync } from "node:fs";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { lexer } from "../../grammar/lexer.js";
import { format, meaning } from "../../src/format/format.js";
import { parse } from "../../src/syntax/parse.js";
import { constructs } from "../support/constructs.js";
import { mutated, options } from "../support/mutations.js";
import { randomSpec } from "../support/random-specs.js";
import { readProject } from "../support/specs.js";

const formatted = (text: string): string => {
  const result = format({ name: "test.gan", text });
  if (result._tag === "Left") throw new Error(JSON.stringify(result.left));
  return result.right;
};

const commentsOf = (text: string): readonly string[] =>
  (lexer.tokenize(text).groups.comments ?? []).map(({ image }) => image.trimEnd());

const meaningOf = (text: string): string => meaning(parse({ name: "test.gan", text }).spec);

const holds = (text: string): void => {
  const once = formatted(text);
  expect(formatted(once)).toBe(once);
  expect(commentsOf(once)).toEqual(commentsOf(text));
  expect(meaningOf(once)).toBe(meaningOf(text));
  expect(once).not.toMatch(/[ \t]$|\n\n\n|\n\n$|^\n|\t|\r/);
};

const specs = readdirSync("specs", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".gan"))
  .map((name) => `specs/${name}`);

test.each(specs)("%s is as it is formatted", (name) => {
  expect(formatted(readProject(name))).toBe(readProject(name));
});

test("every construct keeps its meaning", () => {
  Object.values(constructs).forEach(holds);
});

test("random specs keep meaning and comments, and are formatted once and for all", () => {
  fc.assert(
    fc.property(fc.gen(), (generator) => holds(randomSpec(generator))),
    { ...options, numRuns: 400 },
  );
});

test("so do mutated specs that still parse", () => {
  let parsed = 0;
  const holdsWhereItParses = (text: string): void => {
    if (parse({ name: "test.gan", text }).diagnostics.length > 0) return;
    parsed++;
    holds(text);
  };
  fc.assert(fc.property(mutated, holdsWhereItParses), { ...options, numRuns: 300 });
  expect(parsed).toBeGreaterThan(20);
});

test("a break that makes another needless is laid out at once", () => {
  holds(`domain X = image(32)
net D : X -> Scores = x => (conv(3, 16, stride: 2, pad: 1) >> leaky_relu(0.2) >> dense(1))((1 - 0.5) * (avg_pool(2) >> conv(1, 8))(x) + 0.5 * (conv(1, 8) >> leaky_relu(0.2) >> conv(3, 8, pad: 1) >> leaky_relu(0.2) >> avg_pool(2))(x))
`);
});

test("thousands of neighbours are laid out, beside their heads and below them", () => {
  const rows = (row: (i: number) => string): string =>
    Array.from({ length: 15_000 }, (_, i) => row(i)).join("\n");
  const beside = rows((i) => `let p${i} = ${i} -- ${i}`);
  expect(formatted(beside).split("\n").slice(0, 2)).toEqual([
    "let p0     = 0      -- 0",
    "let p1     = 1      -- 1",
  ]);
  const below = rows((i) => `let p${i} =\n  ${i}`);
  expect(formatted(below)).toBe(`${below}\n`);
});
