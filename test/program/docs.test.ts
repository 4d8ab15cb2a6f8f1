/**
 * docs/program.md against the code. `UPDATE=1 npm run -s jest -- test/program/docs` rewrites its
 * example.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { parseProgram } from "../../src/program/parse.js";
import { printProgram } from "../../src/program/print.js";
import { verifyProgram } from "../../src/program/verify/verify.js";
import { expectFile } from "../support/golden.js";
import { analyseText, root } from "../support/specs.js";

const problemOf = (text: string): string => {
  const back = parseProgram(text);
  return back._tag === "Left" ? back.left : "";
};

const path = join(root, "docs/program.md");
const page = readFileSync(path, "utf8");

test("the example is the program of the spec above it", () => {
  const spec = /```gan\n(.*?)```/s.exec(page)?.[1] ?? "";
  const program = analyseText(spec).result?.program;
  if (program === undefined) throw new Error("the spec of the page is in error");
  expect(verifyProgram(program)).toEqual([]);
  const [begin, end] = ["<!-- example -->", "<!-- end -->"];
  const before = page.slice(0, page.indexOf(begin) + begin.length);
  const text = `\`\`\`\n${printProgram(program)}\`\`\``;
  expectFile(path, `${before}\n${text}\n${page.slice(page.indexOf(end))}`);
});

test("every word that a text may begin with is told of", () => {
  const words =
    /(?<=expected one of )[\w, ]+/.exec(problemOf("(files)\n(x)"))?.[0].split(", ") ?? [];
  expect(words.length).toBeGreaterThan(5);
  expect(words.filter((word) => !page.includes(`\`${word}\``))).toEqual([]);
});
