/** Comments and prose keep to 100 columns, as Biome holds code to: they fit beside a difference. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { root } from "../support/specs.js";

const width = 100;

/** Files below a folder. Tests put packages that link back to the root into hidden folders. */
const below = (folder: string, ending: string): readonly string[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith(".") || entry.name === "node_modules") return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return below(path, ending);
    return entry.isFile() && path.endsWith(ending) ? [path] : [];
  });

const linesOf = (file: string): readonly string[] =>
  readFileSync(join(root, file), "utf8").split("\n");

const isLong = (line: string): boolean => line.length > width;

test("comments of the code", () => {
  const files = ["src", "grammar", "test", "bench"].flatMap((folder) => below(folder, ".ts"));
  expect(files.length).toBeGreaterThan(800);
  const isComment = (line: string): boolean => /^\s*(?:\/\*\*?|\*|\/\/) /.test(line);
  // An address cannot be broken.
  const isAddress = (line: string): boolean => /https?:\/\/\S{40}/.test(line);
  const long = files.flatMap((file) =>
    linesOf(file)
      .filter((line) => isLong(line) && isComment(line) && !isAddress(line))
      .map((line) => [file, line.trim()]),
  );
  expect(long).toEqual([]);
});

/** Pages that are made of texts of the code and of specs, a paragraph on a line. */
const made: ReadonlySet<string> = new Set(["docs/api.md", "docs/errors.md", "docs/std.md"]);

/** Lines of prose: no code, no tables, no headings, no marks of made parts, no pictures. */
const proseOf = (file: string): readonly string[] => {
  let isCode = false;
  return linesOf(file).filter((line) => {
    if (/^\s*```/.test(line)) isCode = !isCode;
    return !isCode && !/^\s*(?:\||#|<|!\[|```)/.test(line);
  });
};

test("prose of the pages", () => {
  const pages = [
    ...below("docs", ".md"),
    ...["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "bench/README.md"],
  ].filter((file) => !made.has(file));
  expect(pages.length).toBeGreaterThan(15);
  // One link or one piece of code may be longer than a line.
  const isOneWord = (line: string): boolean => {
    const joined = line.replaceAll(/\[[^\]]*\]\([^)]*\)|`[^`]*`/g, "x");
    return joined.trim().split(" ").length <= 3;
  };
  const long = pages.flatMap((file) =>
    proseOf(file)
      .filter((line) => isLong(line) && !isOneWord(line))
      .map((line) => [file, line]),
  );
  expect(long).toEqual([]);
});
