/**
 * Whatever stands in a file, the compiler answers, and the syntax tree's spans nest. Mutated specs
 * by the ten thousand are `test/fuzz`'s.
 */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Span } from "../../src/base/source.js";
import { parse } from "../../src/syntax/parse.js";
import { errorsOf } from "../fuzz/oracle.js";
import { flagships, mutated, options, scraps } from "../support/mutations.js";

const entry = "specs/fuzz.gan";

test("any text is answered", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc
      .array(fc.constantFrom(...scraps, "param", "domain", "loss", "conv", "1"), { maxLength: 60 })
      .map((w) => w.join(" ")),
  );
  fc.assert(
    fc.property(text, (text) => void errorsOf(text)),
    { ...options, numRuns: 60 },
  );
});

/** Every node of a tree, each with the innermost span around it. */
const nest = (node: unknown, around: Span): void => {
  if (Array.isArray(node)) {
    for (const item of node) nest(item, around);
    return;
  }
  if (node === null || typeof node !== "object") return;
  const { span: own } = node as { readonly span?: Span };
  if (own !== undefined) {
    expect(own.file).toBe(around.file);
    expect([around.start <= own.start, own.start <= own.end, own.end <= around.end]).toEqual([
      true,
      true,
      true,
    ]);
  }
  for (const [key, value] of Object.entries(node)) if (key !== "span") nest(value, own ?? around);
};

test("spans of the tree nest, in sound and in broken files", () => {
  const whole = (text: string): Span => ({ file: entry, start: 0, end: text.length });
  const nested = (text: string): void =>
    nest(parse({ name: entry, text }).spec.declarations, whole(text));
  flagships.forEach(nested);
  fc.assert(fc.property(mutated, nested), { ...options, numRuns: 60 });
});

test("what is nested a thousand deep is refused or read, not a crash", () => {
  for (const deep of [
    `let a = ${"(".repeat(1000)}1${")".repeat(1000)}`,
    `let a = ${"-".repeat(1000)}1`.replaceAll("--", "- "),
    `let a = ${"1 + ".repeat(3000)}1`,
    `let a = ${"relu >> ".repeat(3000)}relu`,
    `let a = ${"(x => ".repeat(500)}1${")".repeat(500)}`,
    "module m {".repeat(500),
  ])
    errorsOf(deep);
});
