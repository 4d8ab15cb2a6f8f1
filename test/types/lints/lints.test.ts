/** Lints are independent of each other but for what their records say. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { pick, stream } from "../../../src/base/random.js";
import { type Diagnostic, hasErrors, inOrder } from "../../../src/diagnostics/diagnostic.js";
import { resolve } from "../../../src/names/resolve.js";
import { loadSources } from "../../../src/names/sources.js";
import { builtinNames } from "../../../src/operators/index.js";
import { check } from "../../../src/types/check.js";
import { type Lint, lints } from "../../../src/types/lints/index.js";
import { readProject, root, sources } from "../../support/specs.js";

interface Case {
  readonly base: string;
  readonly replace?: string;
  readonly with?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly set?: Readonly<Record<string, string>>;
  readonly expect: readonly { readonly code: string }[];
}

const folder = join(root, "test/cases");

/** Diagnostics in an order that does not depend on who reports first at one place. */
const told = (diagnostics: readonly Diagnostic[]): readonly string[] =>
  diagnostics.map((one) => JSON.stringify(one)).sort();

/** All cases whose syntax and names are sound: of those the checker has something to say. */
const cases = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) => {
    const found: Case = JSON.parse(readFileSync(join(folder, name, "edit.json"), "utf8"));
    const { base, replace, with: text = "", files = {}, set = {} } = found;
    const edited = readProject(base);
    const all = {
      ...files,
      ...(replace === undefined ? {} : { [base]: edited.split(replace).join(text) }),
    };
    const loaded = loadSources(base, sources(all));
    if (hasErrors(loaded.diagnostics)) return [];
    const names = resolve(loaded.sourceSet, builtinNames);
    if (hasErrors(names.diagnostics)) return [];
    const textOf = (file: string): string => loaded.sourceSet.files.get(file)?.text ?? "";
    const settings = new Map(Object.entries(set));
    const start = { file: base, start: 0, end: 0 };
    const by = (some: readonly Lint[]): readonly Diagnostic[] =>
      inOrder(check(names.resolved, settings, start, textOf, some).diagnostics);
    return [{ name, by, usual: told(by(lints)), codes: found.expect.map(({ code }) => code) }];
  });

const shuffled = (seed: number): readonly Lint[] => {
  const uniform = stream(seed, "lints");
  const left = [...lints];
  return lints.flatMap((_, i) => left.splice(pick(uniform, i, left.length), 1));
};

test.each([1, 2, 3])(
  "lints in shuffled order %i say the same of every case",
  (seed) => {
    const order = shuffled(seed);
    expect(order.map(({ name }) => name)).not.toEqual(lints.map(({ name }) => name));
    expect(cases.length).toBeGreaterThan(150);
    for (const { name, by, usual } of cases)
      expect([name, ...told(by(order))]).toEqual([name, ...usual]);
  },
  300_000,
);

test.each(lints.map((lint) => [lint.name, lint] as const))(
  "without %s some case is not told what it should be",
  (_, lint) => {
    const own = cases.filter(({ codes }) => lint.codes.some((code) => codes.includes(code)));
    const others = lints.filter((other) => other !== lint);
    const missing = own.filter(({ by, usual }) => told(by(others)).join() !== usual.join());
    expect(missing.length).toBeGreaterThan(0);
  },
);

test("a lint's name is its own, and it supersedes lints of the list", () => {
  expect(new Set(lints.map(({ name }) => name)).size).toBe(lints.length);
  for (const { name, supersedes = [] } of lints)
    for (const { lint } of supersedes) expect([name, lints.includes(lint)]).toEqual([name, true]);
});

test("no lint supersedes itself, through others either", () => {
  const below = (lint: Lint): readonly Lint[] =>
    (lint.supersedes ?? []).flatMap((one) => [one.lint, ...below(one.lint)]);
  for (const lint of lints) expect(below(lint)).not.toContain(lint);
});

test("a lint reports the codes of its record only", () => {
  const wrong: Lint = {
    name: "wrong",
    codes: [],
    spec: ({ report }) => report("GAN313", { file: "a", start: 0, end: 0 }, "this is not its own"),
  };
  expect(() => cases[0]?.by([wrong])).toThrow(/the lint wrong reports GAN313/);
});
