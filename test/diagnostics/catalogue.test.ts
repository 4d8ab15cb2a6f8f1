/** The catalogue's examples do what it says of them, and docs/errors.md is what it says. */
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { compile } from "../../src/compiler/index.js";
import type { Entry, Example } from "../../src/diagnostics/catalogue/entry.js";
import { completed } from "../../src/diagnostics/catalogue/example.js";
import { type Code, catalogue } from "../../src/diagnostics/catalogue.js";
import { errorsPage } from "../../src/diagnostics/explain.js";
import { expectFile } from "../support/golden.js";
import { root, sources } from "../support/specs.js";

const entries = Object.entries(catalogue) as readonly (readonly [Code, Entry])[];

/** `specs/example.gan`, so that the examples may import the project's specs. */
const file = "specs/example.gan";

const codesOf = async (example: Example, side: keyof Example): Promise<readonly string[]> => {
  const { text, settings } = completed(example, side);
  const { diagnostics } = await compile(file, sources({ [file]: text }), settings);
  return diagnostics.map(({ code, message }) => `${code}: ${message}`);
};

test.each(entries)("%s: its example gives it, and mended gives nothing", async (code, entry) => {
  const found = await codesOf(entry.example, "wrong");
  expect(found.filter((text) => code === "GAN602" || !text.startsWith("GAN602"))).toEqual([
    expect.stringMatching(new RegExp(`^${code}: `)),
  ]);
  // Excerpts may declare more than they show the use of.
  const left = await codesOf(entry.example, "mended");
  expect(left.filter((text) => code === "GAN602" || !text.startsWith("GAN602"))).toEqual([]);
});

test("codes stand in order, and texts are sentences", () => {
  const codes = entries.map(([code]) => code);
  expect(codes).toEqual([...codes].sort());
  for (const [code, { title, means, costs = ".", mend }] of entries)
    expect([
      code,
      title.endsWith("."),
      ...[means, costs, mend].map((text) => text.slice(-1)),
    ]).toEqual([code, false, ".", ".", "."]);
});

// `UPDATE=1 npm run -s jest -- test/diagnostics` makes it anew.
test("docs/errors.md is not stale", () => {
  expectFile(join(root, "docs/errors.md"), errorsPage());
});
