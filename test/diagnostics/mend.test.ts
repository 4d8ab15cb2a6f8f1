/** Fixes that meet are not applied at once; those of thousands of places are applied in one go. */
import { expect, test } from "@jest/globals";
import {
  applyEdits,
  type Diagnostic,
  diagnostic,
  type Edit,
} from "../../src/diagnostics/diagnostic.js";
import { mendings } from "../../src/diagnostics/mend.js";

const edit = (start: number, end: number, text: string, file = "a.gan"): Edit => ({
  span: { file, start, end },
  text,
});

const fixOf = (...edits: readonly Edit[]): Diagnostic =>
  diagnostic("GAN201", (edits[0] as Edit).span, "wrong", { fix: { title: "write it", edits } });

const chosen = (...diagnostics: readonly Diagnostic[]): readonly number[] => {
  const all = mendings(diagnostics, () => true).map((one) => one.diagnostic);
  return diagnostics.flatMap((one, i) => (all.includes(one) ? [i] : []));
};

test("of fixes that overlap or touch the first is taken", () => {
  expect(chosen(fixOf(edit(3, 5, "x")), fixOf(edit(4, 6, "y")))).toEqual([0]);
  expect(chosen(fixOf(edit(3, 5, "x")), fixOf(edit(5, 6, "y")))).toEqual([0]);
  expect(chosen(fixOf(edit(5, 6, "x")), fixOf(edit(3, 5, "y")))).toEqual([0]);
  expect(chosen(fixOf(edit(3, 9, "x")), fixOf(edit(5, 6, "y")))).toEqual([0]);
  expect(chosen(fixOf(edit(5, 6, "x")), fixOf(edit(3, 9, "y")))).toEqual([0]);
  expect(chosen(fixOf(edit(4, 4, "x")), fixOf(edit(4, 4, "y")))).toEqual([0]);
});

test("fixes apart from each other, or in two files, are all taken; of one that meets another nothing is", () => {
  expect(chosen(fixOf(edit(3, 5, "x")), fixOf(edit(6, 7, "y")), fixOf(edit(0, 2, "z")))).toEqual([
    0, 1, 2,
  ]);
  expect(chosen(fixOf(edit(3, 5, "x")), fixOf(edit(3, 5, "y", "b.gan")))).toEqual([0, 1]);
  const split = fixOf(edit(0, 1, "y"), edit(4, 6, "y"));
  expect(chosen(fixOf(edit(3, 5, "x")), split, fixOf(edit(0, 1, "z")))).toEqual([0, 2]);
});

test("a fix taken later, in front of others, frees none of their places", () => {
  const behind = fixOf(edit(6, 7, "x"));
  expect(chosen(behind, fixOf(edit(0, 2, "y")), fixOf(edit(6, 7, "z")))).toEqual([0, 1]);
  expect(
    chosen(behind, fixOf(edit(3, 4, "y")), fixOf(edit(0, 1, "z")), fixOf(edit(3, 4, "w"))),
  ).toEqual([0, 1, 2]);
});

test("a fix without edits is no fix, and one in a file that may not be edited is left out", () => {
  const empty = diagnostic("GAN201", { file: "a.gan", start: 0, end: 1 }, "wrong", {
    fix: { title: "nothing", edits: [] },
  });
  const none = diagnostic("GAN201", { file: "a.gan", start: 0, end: 1 }, "wrong");
  expect(chosen(empty, none)).toEqual([]);
  const library = fixOf(edit(0, 1, "x"), edit(0, 1, "x", "std/losses.gan"));
  expect(mendings([library], (file) => !file.startsWith("std/"))).toEqual([]);
});

test("edits of thousands of places are applied where they belong, in whatever order they come", () => {
  const text = "ab".repeat(50_000);
  const edits = Array.from({ length: 50_000 }, (_, i) => edit(2 * i, 2 * i + 1, "cd"));
  const diagnostics = edits.map((one) => fixOf(one)).filter((_, i) => i % 2 === 0);
  expect(chosen(...diagnostics.slice(0, 2000))).toHaveLength(2000);
  expect(applyEdits("a.gan", text, edits.toReversed())).toBe("cdb".repeat(50_000));
});
