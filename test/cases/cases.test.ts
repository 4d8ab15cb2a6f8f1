/**
 * Broken specs, each one edit away from a sound one. A case is a folder with
 *
 * - `edit.json`: the spec to begin from, the text to replace and what to write instead, settings
 *   and further files where the mistake needs them, and every diagnostic expected: its code and the
 *   exact text that its caret underlines;
 * - `diagnostics.txt`: what a user reads. `UPDATE=1 npm run -s jest -- test/cases` rewrites it.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { analyse } from "../../src/compiler/frontend.js";
import { catalogue } from "../../src/diagnostics/catalogue.js";
import { applyEdits, inOrder } from "../../src/diagnostics/diagnostic.js";
import { expectFile } from "../support/golden.js";
import { readProject, render, root, sources } from "../support/specs.js";

interface Case {
  readonly base: string;
  readonly replace?: string;
  readonly with?: string;
  /** Further files of the program, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Params set from outside. */
  readonly set?: Readonly<Record<string, string>>;
  readonly expect: readonly { readonly code: string; readonly at: string }[];
}

const folder = join(root, "test/cases");

const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

const readCase = (name: string): Case =>
  JSON.parse(readFileSync(join(folder, name, "edit.json"), "utf8"));

const edited = ({ base, replace, with: text = "", files = {} }: Case): Record<string, string> => {
  const original = readProject(base);
  if (replace === undefined) return { ...files };
  const parts = original.split(replace);
  if (parts.length !== 2)
    throw new Error(`${base} has ${parts.length - 1} places with ${JSON.stringify(replace)}`);
  return { ...files, [base]: parts.join(text) };
};

const diagnose = (entry: string, files: Record<string, string>, set: Case["set"] = {}) =>
  analyse(entry, sources(files), new Map(Object.entries(set))).diagnostics;

test("the specs that the cases begin from are sound", () => {
  for (const base of new Set(names.map((name) => readCase(name).base)))
    expect([base, ...diagnose(base, {})]).toEqual([base]);
});

for (const name of names) {
  const broken = readCase(name);
  const files = edited(broken);
  const read = sources(files).read;

  test(`${name}: codes, places, text`, () => {
    const diagnostics = inOrder(diagnose(broken.base, files, broken.set));
    expectFile(join(folder, name, "diagnostics.txt"), render(diagnostics, files));
    const found = diagnostics.map(({ code, span }) => ({
      code,
      at: (read(span.file) ?? "").slice(span.start, span.end),
    }));
    expect(found).toEqual(broken.expect);
  });

  const fixes = diagnose(broken.base, files, broken.set).flatMap(
    ({ fix, suggestion }) => fix ?? suggestion ?? [],
  );
  if (fixes.length === 0) continue;
  test(`${name}: what has a fix or a suggestion is mended by it`, () => {
    const mended = { ...files };
    const edits = fixes.flatMap((one) => one.edits);
    for (const file of new Set(edits.map(({ span }) => span.file)))
      mended[file] = applyEdits(file, read(file) ?? "", edits);
    const unmended = broken.expect.length - fixes.length;
    expect(diagnose(broken.base, mended, broken.set).map((d) => d.message)).toHaveLength(unmended);
  });
}

test("every diagnostic of the catalogue has a case", () => {
  const covered = new Set(names.flatMap((name) => readCase(name).expect.map(({ code }) => code)));
  expect(Object.keys(catalogue).filter((code) => !covered.has(code))).toEqual([]);
});
