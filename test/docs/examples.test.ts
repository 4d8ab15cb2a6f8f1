/**
 * Every example of the documents is compiled. What stands behind "```gan" says how:
 *
 * - nothing: a part of a spec, which is parsed; compiled where it imports something;
 * - `whole`: compiles as it stands; `here`: compiles behind `import "./cyclegan.gan"`;
 * - `wrong CODE …`: as `here`, and gives exactly these diagnostics;
 * - `begin`, `adds`: a file that grows along the page; a declaration takes the place of an earlier
 *   one of its name.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { analyse } from "../../src/compiler/frontend.js";
import type { Declaration } from "../../src/syntax/ast.js";
import { parse } from "../../src/syntax/parse.js";
import { root, sources } from "../support/specs.js";

interface Example {
  readonly place: string;
  readonly manner: string;
  readonly codes: readonly string[];
  readonly text: string;
}

/** Made from the catalogue, whose wrong examples are wrong; test/diagnostics compiles them all. */
const errors = "docs/errors.md";

const documents = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)];

const examples = documents
  .filter((name) => name.endsWith(".md") && name !== errors)
  .flatMap((name): readonly Example[] => {
    const page = readFileSync(join(root, name), "utf8");
    return [...page.matchAll(/^```gan ?(\w*)(.*)\n([\s\S]*?)^```/gm)].map((match) => ({
      place: `${name}:${page.slice(0, match.index).split("\n").length + 1}`,
      manner: match[1] ?? "",
      codes: (match[2] ?? "").trim().split(" ").filter(Boolean),
      text: match[3] ?? "",
    }));
  });

/**
 * The codes that a text gives, standing beside the specs, so that its relative imports lead there.
 */
const codesOf = (text: string): readonly string[] => {
  const entry = "specs/example.gan";
  const { diagnostics } = analyse(entry, sources({ [entry]: text }), new Map());
  return diagnostics.map(({ code, message }) => `${code}: ${message}`);
};

const parsed = (text: string) => parse({ name: "example.gan", text });

const nameOf = (declaration: Declaration): string =>
  "name" in declaration ? `name ${declaration.name.text}` : declaration.kind;

/** The declarations of `before` that `text` does not declare anew, and `text`. */
const grown = (before: string, text: string): string => {
  const anew = new Set(parsed(text).spec.declarations.map(nameOf));
  const kept = parsed(before).spec.declarations.filter(
    (declaration) => declaration.kind === "expect" || !anew.has(nameOf(declaration)),
  );
  return [...kept.map(({ span }) => before.slice(span.start, span.end)), text].join("\n");
};

test("the documents have examples", () => {
  expect(examples.length).toBeGreaterThan(10);
});

test.each(examples)("$place is .gan", ({ text, manner }) => {
  if (manner !== "wrong") expect(parsed(text).diagnostics).toEqual([]);
});

const imports = 'import "./cyclegan.gan"';

/** What each manner says of an example. */
const manners: Readonly<Record<string, (example: Example) => void>> = {
  "": ({ text }) => {
    if (!text.includes("import ")) return;
    // One page shows more than one game has a use for.
    expect(codesOf(text).filter((message) => !message.startsWith("GAN602"))).toEqual([]);
  },
  whole: ({ text }) => expect(codesOf(text)).toEqual([]),
  here: ({ text }) => expect(codesOf(`${imports}\n${text}`)).toEqual([]),
  wrong: ({ text, codes }) =>
    expect(codesOf(`${imports}\n${text}`).map((message) => message.slice(0, 6))).toEqual(codes),
  begin: ({ text }) => grows("", text),
  adds: ({ text }) => grows(growing, text),
};

let growing = "";
const grows = (before: string, text: string): void => {
  growing = grown(before, text);
  // Until there is a game, that is what is missing, and nothing else.
  const missing = growing.includes("solve {") ? [] : ["GAN506"];
  const codes = codesOf(growing).map((message) => message.slice(0, 6));
  // What one section declares, a later one uses, or no longer needs.
  expect(codes.filter((code) => code !== "GAN602")).toEqual(missing);
};

test.each(examples)("$place holds ($manner)", (example) => {
  const check = manners[example.manner];
  if (check === undefined) throw new Error(`no example is "${example.manner}"`);
  check(example);
});
