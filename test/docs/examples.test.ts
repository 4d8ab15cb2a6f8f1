import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { analyse } from "../../src/compiler/frontend.js";
import type { Sources } from "../../src/names/program.js";
import { parse } from "../../src/syntax/parse.js";

const documents = ["README.md", ...readdirSync("docs").map((name) => `docs/${name}`)].filter(
  (name) => name.endsWith(".md"),
);

const examples = documents.flatMap((name) => {
  const text = readFileSync(name, "utf8");
  return [...text.matchAll(/```gan\n([\s\S]*?)```/g)].map((match) => ({
    place: `${name}:${text.slice(0, match.index).split("\n").length + 1}`,
    text: match[1] ?? "",
  }));
});

/** The example stands beside the specs, so that its relative imports lead there. */
const sources = (example: string): Sources => ({
  libraries: ["std.losses"],
  read: (name) => {
    if (name === "specs/example.gan") return example;
    return readFileSync(name.startsWith("std/") ? `specs/${name}` : name, "utf8");
  },
});

test("the documents have examples", () => {
  expect(examples.length).toBeGreaterThan(2);
});

test.each(examples)("$place is .gan", ({ text }) => {
  expect(parse({ name: "example.gan", text }).diagnostics).toEqual([]);
});

// What imports the flagship is a whole spec; the others are parts of one.
test.each(examples.filter(({ text }) => text.includes("import ")))(
  "$place compiles",
  ({ text }) => {
    expect(analyse("specs/example.gan", sources(text)).diagnostics).toEqual([]);
  },
);

test("every file that the README links to is there", () => {
  const links = [...readFileSync("README.md", "utf8").matchAll(/\]\((?!http)([^)#]+)\)/g)];
  expect(links.length).toBeGreaterThan(3);
  for (const [, path = ""] of links) expect(() => readFileSync(path)).not.toThrow();
});
