/**
 * docs/graph.md against the code. `UPDATE=1 npm run -s jest -- test/graph/docs` rewrites its table.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { operators } from "../../src/graph/operators/index.js";
import { parse } from "../../src/graph/parse.js";
import { type Pass, passes } from "../../src/graph/passes/index.js";
import { print } from "../../src/graph/print.js";
import { verify } from "../../src/graph/verify.js";
import { pipeline } from "../../src/lowering/pipeline.js";
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

const passTable = (): string => {
  const rows = pipeline.flatMap((stage) =>
    stage.runs.map(({ pass, name }) => {
      const { doc, rounds, leaves }: Pass = passes[pass];
      const does = `${doc}${rounds === true ? "; rounds otherwise" : ""}`;
      return `| \`${name}\` | ${stage.name} | ${does} | ${leaves?.doc ?? ""} |`;
    }),
  );
  return [
    "| pass | stage | what it does | what holds behind it |",
    "|---|---|---|---|",
    ...rows,
  ].join("\n");
};

const stageTable = (): string => {
  const rows = pipeline.map(
    ({ name, doc, holds }) =>
      `| \`${name}\` | ${doc} | ${holds.map((each) => each.doc).join("; ")} |`,
  );
  return ["| stage | what it is | what holds at its end |", "|---|---|---|", ...rows].join("\n");
};

/** The page with the text between two marks replaced. */
const between = (text: string, begin: string, end: string, content: string): string => {
  const before = text.slice(0, text.indexOf(begin) + begin.length);
  return `${before}\n${content}\n${text.slice(text.indexOf(end))}`;
};

test("the tables are those of operators and of passes", () => {
  const operatorsDone = between(page, "<!-- operators -->", "<!-- end -->", table());
  const stagesDone = between(operatorsDone, "<!-- stages -->", "<!-- end stages -->", stageTable());
  expectFile(path, between(stagesDone, "<!-- passes -->", "<!-- end passes -->", passTable()));
});

test("the example is a sound graph, as it is printed", () => {
  const example = page.match(/```\n(graph [\s\S]*?)```/)?.[1] ?? "";
  const read = parse(example);
  if (read._tag === "Left") throw new Error(read.left);
  expect(verify(read.right)).toEqual([]);
  expect(print(read.right)).toBe(example);
});
