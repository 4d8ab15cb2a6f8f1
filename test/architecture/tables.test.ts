/**
 * What ganc knows of a layer, a join, a function of losses or an operator of the graph stands in
 * its table entry: nothing else tells them by name. Who is about one of them imports the entry.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { parseSync } from "@swc/core";
import { operators } from "../../src/graph/operators/index.js";
import { lossFunctions } from "../../src/operators/functions.js";
import { joins } from "../../src/operators/joins.js";
import { layers } from "../../src/operators/layers.js";
import { root } from "../support/specs.js";

/** The tables, and what implements their entries. */
const tables = [
  "src/operators/",
  "src/graph/operators/",
  "src/engines/tfjs/kernels/",
  "src/runtime/",
];

const names: ReadonlySet<string> = new Set([
  ...layers.keys(),
  ...joins.keys(),
  ...lossFunctions.keys(),
  ...operators.keys(),
]);

/**
 * Words that mean something else as well, and what: in the folders or files that are named, or,
 * where none is, wherever nodes of a graph are not looked at.
 */
const others: readonly {
  readonly word: string;
  readonly is: string;
  readonly in?: readonly string[];
}[] = [
  { word: "mean", is: "`E[…]`: a rule of the grammar, a kind of term; a statistic" },
  { word: "constant", is: "a kind of term; a box of a drawing; how weights begin" },
  { word: "concat", is: "a form of the language: a kind of term; a kind of layout document" },
  { word: "stop", is: "a form of the language; how a run ends" },
  { word: "max", is: "a word of the grammar: the sense of a player" },
  { word: "input", is: "a tag of HTML; a box of a drawing", in: ["src/report"] },
  { word: "div", is: "a tag of HTML", in: ["src/report"] },
  {
    word: "after",
    is: "where text stands: of a help page, of an element",
    in: ["src/cli", "src/report"],
  },
  { word: "after", is: "a stage of the pipeline", in: ["src/graph/guarantees.ts"] },
  {
    word: "transpose",
    is: "what a stage of the pipeline guarantees",
    in: ["src/graph/guarantees.ts"],
  },
  { word: "identity", is: "an encoding of HTTP", in: ["src/data/get"] },
  {
    word: "identity",
    is: "a measure: what a network does to its own images",
    in: ["src/report", "src/training"],
  },
  { word: "contrast", is: "a property of images", in: ["src/report/measures"] },
  { word: "l1", is: "a measure of pairs", in: ["src/report/measures"] },
  { word: "log", is: "a counter of a run's files", in: ["src/training/checkpoints"] },
  { word: "sign", is: "a token of the grammar", in: ["src/report/page", "src/syntax"] },
  { word: "power", is: "a rule of the grammar", in: ["src/syntax"] },
  { word: "shift", is: "the parameter of a norm", in: ["src/lowering/tile.ts"] },
  { word: "sum", is: "a key of terms that are alike", in: ["src/types/values/term-key.ts"] },
  { word: "l1", is: "how a formula is set: |a - b|", in: ["src/report/page/formulas.ts"] },
  { word: "l2", is: "how a formula is set: (a - b)^2", in: ["src/report/page/formulas.ts"] },
];

/** Who looks at nodes of a graph. */
const ofGraphs = ["src/graph", "src/engines", "src/targets/onnx"];

const isIn = (file: string, folders: readonly string[] | undefined): boolean =>
  folders?.some((folder) => file.startsWith(folder)) ??
  ofGraphs.every((folder) => !file.startsWith(folder));

const isAnother = (word: string, file: string): boolean =>
  others.some((one) => one.word === word && isIn(file, one.in));

/** Strings of a file that are no paths of imports, keys of types included. */
const stringsIn = (file: string): readonly string[] => {
  const { body } = parseSync(readFileSync(join(root, file), "utf8"), {
    syntax: "typescript",
    target: "es2022",
  });
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    if (Array.isArray(node)) {
      node.forEach(visit);
      return;
    }
    const { type, value } = node as { readonly type?: string; readonly value?: unknown };
    // Types tell properties apart, such as `Pick<Plan, "total">`.
    if (/^Import|^ExportAll|^TsLiteralType$/.test(type ?? "")) return;
    if (type === "StringLiteral" && typeof value === "string") found.push(value);
    Object.values(node).forEach(visit);
  };
  visit(body);
  return found;
};

const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => `src/${name}`)
  .filter((file) => !tables.some((table) => file.startsWith(table)));

const named = files.flatMap((file) =>
  stringsIn(file)
    .filter((text) => names.has(text))
    .map((text) => ({ file, text })),
);

test("no file but a table tells a layer, a join, a function or an operator by its name", () => {
  const telling = named.filter(({ file, text }) => !isAnother(text, file));
  expect([...new Set(telling.map(({ file, text }) => `${file}: ${text}`))]).toEqual([]);
});

test("every exception is one that is made", () => {
  const unused = others.filter(
    ({ word, in: folders }) =>
      !named.some(({ file, text }) => text === word && isIn(file, folders)),
  );
  expect(unused).toEqual([]);
});
