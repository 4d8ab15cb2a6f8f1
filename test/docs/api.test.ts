/**
 * docs/api.md, every export of the package with its type and docstring, is made from the sources:
 * UPDATE=1 writes it anew.
 */
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { type Node, Project, ts } from "ts-morph";
import { expectFile } from "../support/golden.js";
import { readProject, root } from "../support/specs.js";

interface Module {
  readonly name: string;
  readonly file: string;
  readonly words: string;
}

const modules: readonly Module[] = [
  { name: "ganc", file: "src/compiler/index.ts", words: "All of `ganc/check`, and:" },
  {
    name: "ganc/check",
    file: "src/compiler/check.ts",
    words: "Pure. Spans count characters (UTF-16 units) from 0, `end` excluded.",
  },
  {
    name: "ganc/runtime",
    file: "src/runtime/index.ts",
    words:
      "Tensors are `[n, height, width, channels]`, float32, unless said. A `Block` is a piece of a network: what the layers below give, " +
      "and `seq` and `network` take; sizes and strides are in pixels.",
  },
  {
    name: "ganc/training",
    file: "src/project/training.ts",
    words:
      "In [a project of its own](library.md#a-project-of-its-own) alone. Errors are thrown, in words for users.",
  },
];

const project = new Project({
  tsConfigFilePath: join(root, "tsconfig.json"),
  skipAddingFilesFromTsConfig: true,
});

/** The lines of a docstring, those that tags begin too. */
const docOf = (node: Node): string => {
  const holder =
    node.getKind() === ts.SyntaxKind.VariableDeclaration ? node.getParent()?.getParent() : node;
  const text = holder?.getLeadingCommentRanges().at(-1)?.getText() ?? "";
  if (!text.startsWith("/**")) return "";
  return text
    .replace(/^\/\*\*|\*\/$/g, "")
    .split("\n")
    .map((line) => line.trim().replace(/^\* ?/, ""))
    .join("\n")
    .replace(/^@throws /gm, "\nThrows ")
    .replace(/^@param (\S+) /gm, "\n`$1`: ")
    .replace(/ @param (\S+) /g, "\n\n`$1`: ")
    .trim();
};

const { NoTruncation, UseAliasDefinedOutsideCurrentScope, WriteArrowStyleSignature } =
  ts.TypeFormatFlags;

/** A type's or interface's own text; of a value, its type. */
const signatureOf = (name: string, node: Node): string => {
  if (
    !node.isKind(ts.SyntaxKind.VariableDeclaration) &&
    !node.isKind(ts.SyntaxKind.FunctionDeclaration)
  ) {
    const text = node.getText().replace(/^export (?:declare )?/, "");
    return node.isKind(ts.SyntaxKind.ClassDeclaration) ? faceOf(text) : text;
  }
  const flags = NoTruncation | UseAliasDefinedOutsideCurrentScope | WriteArrowStyleSignature;
  return `${name}: ${node.getType().getText(node, flags)}`;
};

/** A class without what is private in it, and without the bodies of its methods. */
const faceOf = (text: string): string => {
  const file = project.createSourceFile("face.ts", text, { overwrite: true });
  const [found] = file.getClasses();
  const methods = found?.getMethods().filter((method) => !method.hasModifier("private")) ?? [];
  const made =
    found?.getConstructors().map((one) => one.getParameters().map((p) => p.getText())) ?? [];
  const head = text.slice(0, text.indexOf("{")).trim();
  const lines = [
    ...made.map(
      (parameters) =>
        `constructor(${parameters.join(", ").replace(/(?:private |readonly )+/g, "")});`,
    ),
    ...methods
      .filter((method) => !method.hasModifier("protected"))
      .map((method) => {
        const [first = ""] = method.getText(true).split(/ \{\n/);
        return `${first};`;
      }),
  ];
  return `${head} {\n${lines.map((line) => `  ${line}`).join("\n")}\n}`;
};

const exportsOf = ({ file }: Module): ReadonlyMap<string, Node> =>
  new Map(
    [...project.addSourceFileAtPath(join(root, file)).getExportedDeclarations()].flatMap(
      ([name, [node]]) => (node === undefined ? [] : [[name, node] as const]),
    ),
  );

const all = modules.map((module) => ({ ...module, exported: exportsOf(module) }));

/** What an entry re-exports of one before is told there. */
const ownOf = (module: (typeof all)[number]): ReadonlyMap<string, Node> => {
  if (module.name !== "ganc") return module.exported;
  const check = all.find(({ name }) => name === "ganc/check")?.exported;
  return new Map([...module.exported].filter(([name]) => check?.has(name) !== true));
};

const isType = (node: Node): boolean =>
  node.isKind(ts.SyntaxKind.InterfaceDeclaration) ||
  node.isKind(ts.SyntaxKind.TypeAliasDeclaration);

const entry = (name: string, node: Node): string =>
  [`#### \`${name}\``, "", "```", signatureOf(name, node), "```", "", docOf(node), ""].join("\n");

const section = (module: (typeof all)[number]): string => {
  const entries = [...ownOf(module)].sort(([a], [b]) =>
    a.toLowerCase() < b.toLowerCase() ? -1 : 1,
  );
  const values = entries.filter(([, node]) => !isType(node));
  const types = entries.filter(([, node]) => isType(node));
  return [
    `## ${module.name}`,
    "",
    module.words,
    "",
    ...values.map(([name, node]) => entry(name, node)),
    ...(types.length === 0 ? [] : [`### Types of ${module.name}`, ""]),
    ...types.map(([name, node]) => entry(name, node)),
  ].join("\n");
};

const page = `# The functions of ganc's packages

Made from the sources. [How they are used](library.md) is a page of its own.

${all.map(section).join("\n")}`.replace(/\n{3,}/g, "\n\n");

test("docs/api.md is what the sources say", () => {
  expectFile(join(root, "docs/api.md"), `${page.trimEnd()}\n`);
});

test("the package exports these modules, and every function of them has a docstring", () => {
  const { exports } = JSON.parse(readProject("package.json"));
  const named = modules
    .map(({ name }) => name.replace("ganc", "."))
    .filter((name) => name !== "./training");
  expect(
    Object.keys(exports)
      .filter((name) => name !== "./specs/*")
      .sort(),
  ).toEqual(named.sort());
  const silent = all.flatMap(({ name, exported }) =>
    [...exported]
      .filter(([, node]) => !isType(node) && docOf(node) === "")
      .map(([own]) => `${name} ${own}`),
  );
  expect(silent).toEqual([]);
});
