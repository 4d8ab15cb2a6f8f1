/** Pages of documentation hold no HTML and no link that runs code, whatever a comment says. */
import { expect, test } from "@jest/globals";
import { documentation } from "../../../src/report/specs/documentation.js";
import { harmlessMarkdown } from "../../../src/report/text/markdown.js";

test.each([
  ["<script>alert(1)</script>", "&lt;script>alert(1)&lt;/script>"],
  ["<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)>"],
  ["<!-- hidden -->", "&lt;!-- hidden -->"],
  ["[a](javascript:alert(1))", "[a]\\(javascript:alert(1))"],
  ["[a](\nJavaScript:alert(1))", "[a]\\(\nJavaScript:alert(1))"],
  ["[a](<javascript:alert(1)>)", "[a]\\(&lt;javascript:alert(1)>)"],
  ["[a](java&#115;cript:x)", "[a]\\(java&#115;cript:x)"],
  ["[a]: data:text/html,x", "[a]\\: data:text/html,x"],
  ["<javascript:alert(1)>", "&lt;javascript:alert(1)>"],
  ["` a\n` <script> `", "` a\n` < script> `"],
])("what a browser would run becomes text: %j", (comment, expected) => {
  expect(harmlessMarkdown(comment)).toBe(expected);
});

test.each([
  "*a* **b** `c < d` and 1 < 2",
  "[page](https://example.org/a_(b)) and [file](../docs/a.md#b)",
  "<https://example.org>",
  "```\nx < y\n```",
])("Markdown stays as it is: %j", (comment) => {
  expect(harmlessMarkdown(comment)).toBe(comment);
});

test("a page escapes comments wherever they stand, and no comment ends a block of code", () => {
  const text = [
    "-- <script>1</script>",
    "",
    "-- <script>2</script>",
    "let a =",
    "  -- ```",
    "  -- <script>3</script>",
    "  relu",
    "",
  ].join("\n");
  const page = documentation({ title: "<b>.gan", text });
  expect(page).toContain("# &lt;b>.gan");
  expect(page).toContain("&lt;script>1");
  expect(page).toContain("&lt;script>2");
  expect(page).toMatch(/````gan\n[\s\S]*<script>3[\s\S]*\n````/);
});
