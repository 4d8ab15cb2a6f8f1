/** How diagnostics look where lines are long, wide, several or hostile. */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Span } from "../../src/base/source.js";
import { shownLine } from "../../src/diagnostics/columns.js";
import { diagnostic, type Label } from "../../src/diagnostics/diagnostic.js";
import { renderDiagnostic } from "../../src/diagnostics/render.js";

const file = "a.gan";

const at = (text: string, part: string, from = 0): Span => {
  const start = text.indexOf(part, from);
  return { file, start, end: start + part.length };
};

const draw = (
  text: string,
  span: Span,
  labels: readonly Label[] = [],
  width = 60,
): readonly string[] =>
  renderDiagnostic(diagnostic("GAN305", span, "wrong", { labels }), {
    colour: false,
    textOf: () => text,
    width,
  })
    .split("\n")
    .slice(1);

test("labels of one line stand side by side, overlapping ones below each other", () => {
  const text = "let sum = first + second\n";
  const drawn = draw(text, at(text, "first + second"), [
    { span: at(text, "first"), text: "one" },
    { span: at(text, "second"), text: "two" },
    { span: at(text, "sum"), text: "the name" },
  ]);
  expect(drawn).toEqual([
    " --> a.gan:1:11",
    "1 | let sum = first + second",
    "  |     ---   ^^^^^^^^^^^^^^",
    "  |     |",
    "  |     the name",
    "  |           -----   ------ two",
    "  |           |",
    "  |           one",
  ]);
});

test("lines of one file stand in order under one heading, those of another file under theirs", () => {
  const text = "one\ntwo\nthree\nfour\n";
  const drawn = draw(text, at(text, "four"), [
    { span: at(text, "one"), text: "here first" },
    { span: at(text, "three"), text: "then here" },
    { span: { file: "b.gan", start: 4, end: 7 }, text: "and there" },
  ]);
  expect(drawn).toEqual([
    " --> a.gan:4:1",
    "1 | one",
    "  | --- here first",
    "...",
    "3 | three",
    "  | ----- then here",
    "4 | four",
    "  | ^^^^",
    " --> b.gan:2:1",
    "2 | two",
    "  | --- and there",
  ]);
});

test("a place of several lines is underlined to the end of its first and names its last", () => {
  const text = "train {\n  batch: 1\n}\n";
  expect(draw(text, { file, start: 0, end: text.length - 1 })).toEqual([
    " --> a.gan:1:1",
    "1 | train {",
    "  | ^^^^^^^ to line 3",
  ]);
});

test("tabs, wide characters and accents are as wide as the terminal shows them", () => {
  const text = "\tlet é = 猫 + 😀 + x";
  const [, code = "", marks = ""] = draw(text, at(text, "x"));
  expect(code).toBe("1 |     let é = 猫 + 😀 + x");
  // The two wide characters take one column more than JavaScript counts for the first, and as many
  // for the second.
  expect(marks.length - "1 | ".length).toBe(4 + "let é = ".length + 2 + 3 + 2 + 3 + 1);
  expect(shownLine("e\u0301x").columns).toEqual([0, 1, 1, 2]);
});

test("what would steer the terminal is not shown as it is", () => {
  const text = "let a = \u001b[2J\u202e 1";
  expect(draw(text, at(text, "1"))[1]).toBe("1 | let a = \ufffd[2J\ufffd 1");
  const said = renderDiagnostic(diagnostic("GAN102", at(text, "1"), "`\u001b` means nothing"), {
    colour: false,
    textOf: () => text,
  });
  expect(said).not.toContain("\u001b");
});

test("a long line is cut around what is marked, and shown again for a mark far away", () => {
  const text = `let a = ${"relu >> ".repeat(10)}WRONG${" >> relu".repeat(20)} >> OTHER\n`;
  const drawn = draw(text, at(text, "WRONG"), [{ span: at(text, "OTHER"), text: "not here" }]);
  expect(drawn).toEqual([
    " --> a.gan:1:89",
    "1 | …relu >> relu >> relu >> WRONG >> relu >> relu >> relu…",
    "  |                          ^^^^^",
    "1 | … relu >> relu >> relu >> relu >> relu >> relu >> OTHER",
    "  |                                                   -----",
    "  |                                                   |",
    "  |                                                 not here",
  ]);
});

const line = fc.string({
  unit: fc.constantFrom("a", " ", "\t", "猫", "é", "😀", "\u001b", "\u0301", "b", "\n"),
  maxLength: 300,
});

test("whatever the text, every underline lies below its code, within the width", () => {
  const place = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      line,
      fc.array(fc.tuple(place, place), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 40, max: 120 }),
      (text, parts, width) => {
        const [first, ...others] = parts.map(([a, b]): Span => {
          const [start = 0, end = 0] = [a, b]
            .map((part) => Math.floor(part * (text.length + 1)))
            .sort((x, y) => x - y);
          return { file, start, end };
        });
        if (first === undefined) return;
        const labels = others.map((span) => ({ span, text: "label" }));
        for (const row of draw(text, first, labels, width))
          expect(shownLine(row).width).toBeLessThanOrEqual(width);
      },
    ),
    { seed: 1, numRuns: 300 },
  );
});
