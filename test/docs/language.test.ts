/**
 * docs/language.md has every word of the tables of src/operators;
 * `UPDATE=1 npm run -s jest -- test/docs/language` rewrites it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { ebnf } from "../../grammar/derive.js";
import { analyse } from "../../src/compiler/frontend.js";
import { forms, lossFunctions } from "../../src/operators/functions.js";
import { layers } from "../../src/operators/layers.js";
import { showRange } from "../../src/operators/range.js";
import { type RecipeKind, recipeWords } from "../../src/operators/recipe.js";
import type { Option, Signature } from "../../src/operators/signature.js";
import { expectFile } from "../support/golden.js";
import { root, sources } from "../support/specs.js";

const path = join(root, "docs/language.md");
const page = readFileSync(path, "utf8");

const call = (name: string, values: readonly string[], options: Signature): string => {
  const given = options.map((option) => {
    const value = option.defaultValue ?? option.sameAs;
    return value === undefined ? option.name : `${option.name}: ${value}`;
  });
  const all = [...values, ...given];
  return all.length === 0 ? `\`${name}\`` : `\`${name}(${all.join(", ")})\``;
};

const bounds = ({ type, least, most, open, perAxis }: Option): string => {
  const low = least === undefined ? [] : [`${open === true ? "above" : "at least"} ${least}`];
  const high = most === undefined ? [] : [`at most ${most}`];
  return [`${type}${perAxis === true ? " or pair" : ""}`, ...low, ...high].join(", ");
};

const optionText = (option: Option): string =>
  `\`${option.name}\`: ${option.doc} (${bounds(option)})`;

const cell = (text: string): string => text.replaceAll("|", "\\|");

const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), `|${head.map(() => "---|").join("")}`, ...rows.map(row)].join("\n");

const layerTable = (): string =>
  table(
    ["layer", "what it does", "options"],
    [...layers.values()].map(({ name, options, doc }) => [
      call(name, [], options),
      doc,
      options.map(optionText).join("; "),
    ]),
  );

const functionTable = (): string =>
  table(
    ["function", "value", "numbers, and where it is defined"],
    [...lossFunctions.values()].map(({ name, values, numbers, doc, definedOn }) => [
      call(name, values, numbers),
      doc,
      [
        ...numbers.map(optionText),
        ...(definedOn === undefined ? [] : [`on ${showRange(definedOn)}`]),
      ].join("; "),
    ]),
  );

const wordTable = (kinds: readonly RecipeKind[], head: string): string =>
  table(
    [head, "what it is", "options"],
    [...recipeWords.values()]
      .filter(({ kind }) => kinds.includes(kind))
      .map(({ name, options, doc }) => [
        call(name, [], options),
        doc,
        options.map(optionText).join("; "),
      ]),
  );

const sections: Readonly<Record<string, string>> = {
  domains: wordTable(["domain"], "domain"),
  layers: layerTable(),
  functions: functionTable(),
  recipe: [
    wordTable(["optimizer"], "optimizer"),
    wordTable(["clipping"], "bound of gradients"),
    wordTable(["schedule"], "stage of a schedule"),
    wordTable(["init"], "init"),
    wordTable(["augment"], "stage of an augmentation"),
    wordTable(["monitor"], "monitor"),
  ].join("\n\n"),
  grammar: `\`\`\`ebnf\n${ebnf().trim()}\n\`\`\``,
};

/** The page with the text between the marks of a section replaced. */
const withSection = (text: string, [name, content]: readonly [string, string]): string => {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end ${name} -->`];
  expect(text).toContain(begin);
  const before = text.slice(0, text.indexOf(begin) + begin.length);
  return `${before}\n${content}\n${text.slice(text.indexOf(end))}`;
};

test("the tables are those of layers, functions and the recipe, and the grammar is the parser's", () => {
  expectFile(path, Object.entries(sections).reduce(withSection, page));
});

test("every form is told of", () => {
  for (const name of forms.keys()) expect(page).toMatch(new RegExp(`\`[^\`\n]*\\b${name}\\(`));
});

test("every field of the recipe has its row", () => {
  const text = 'import "./cyclegan.gan"\ntrain { nothing: 1 }';
  const { diagnostics } = analyse("specs/x.gan", sources({ "specs/x.gan": text }), new Map());
  const [note = ""] = diagnostics.flatMap(({ notes }) => notes);
  const fields = note.match(/^Its fields are (.*)\.$/)?.[1]?.split(", ") ?? [];
  expect(fields.length).toBeGreaterThan(5);
  for (const field of fields) expect(page).toContain(`\n| \`${field}\` | `);
});
