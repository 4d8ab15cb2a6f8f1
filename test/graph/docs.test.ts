/** docs/graph.md against the code. `UPDATE=1 npm run -s jest -- test/graph/docs` rewrites its table. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { operators } from "../../src/graph/operators/index.js";
import { parse } from "../../src/graph/parse.js";
import { print } from "../../src/graph/print.js";
import { verify } from "../../src/graph/verify.js";
import { expectFile } from "../support/golden.js";
import { root } from "../support/specs.js";

const path = join(root, "docs/graph.md");
const page = readFileSync(path, "utf8");

const table = (): string => {
  const rows = [...operators.values()].map(({ name, arity, attributes, doc }) => {
    const listed = Object.keys(attributes).map((attribute) => `\`${attribute}\``);
    return `| \`${name}\` | ${arity} | ${listed.join(", ")} | ${doc.replaceAll("|", "\\|")} |`;
  });
  return ["| operator | inputs | attributes | value |", "|---|---|---|---|", ...rows].join("\n");
};

test("the table is the table of operators", () => {
  const [begin, end] = ["<!-- operators -->", "<!-- end -->"];
  const before = page.slice(0, page.indexOf(begin) + begin.length);
  expectFile(path, `${before}\n${table()}\n${page.slice(page.indexOf(end))}`);
});

test("the example is a sound graph, as it is printed", () => {
  const example = page.match(/```\n(graph [\s\S]*?)```/)?.[1] ?? "";
  const read = parse(example);
  if (read._tag === "Left") throw new Error(read.left);
  expect(verify(read.right)).toEqual([]);
  expect(print(read.right)).toBe(example);
});
