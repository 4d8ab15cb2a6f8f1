/**
 * A program as one TypeScript module: layer code, losses, a step function for each player, and the
 * whole step.
 */
import type { StatementStructures } from "ts-morph";
import { impossible } from "../../base/impossible.js";
import type { Program } from "../../program/program.js";
import { Formulas, noLocals } from "../written/formulas.js";
import { type Builder, definitions } from "./definitions.js";
import { interfaces } from "./interfaces.js";
import { layout, object } from "./layout.js";
import { Losses } from "./losses.js";
import { memory } from "./memory.js";
import { comment, Module } from "./module.js";
import { bound, keyOf } from "./names.js";
import { Plans } from "./plans.js";
import { PlayerFunction } from "./player.js";
import { Step } from "./step.js";
import { Project, StructureKind } from "./ts-morph.js";

/** Names of the runtime that are types. */
export const types: ReadonlySet<string> = new Set([
  "Block",
  "Chance",
  "Objective",
  "Sides",
  "Values",
]);

/** Orders names as import sorters do: letter by letter, a capital before its small letter. */
const inImportOrder = (a: string, b: string): number => {
  const key = (name: string): string =>
    [...name].map((c) => c.toLowerCase() + (c === c.toLowerCase() ? "1" : "0")).join("");
  return key(a) < key(b) ? -1 : 1;
};

const imports = (module: Module): readonly StatementStructures[] => {
  const names = [...module.imports].sort(inImportOrder);
  return [
    {
      kind: StructureKind.ImportDeclaration,
      namespaceImport: "tf",
      moduleSpecifier: "@tensorflow/tfjs",
    },
    {
      kind: StructureKind.ImportDeclaration,
      moduleSpecifier: "ganc/runtime",
      namedImports: names.map((name) => ({ name, isTypeOnly: types.has(name) })),
    },
  ];
};

/** Each behind those that stand inside of it. */
const innerFirst = (builders: readonly Builder[]): readonly Builder[] => {
  const found = new Set<Builder>();
  const visit = (builder: Builder): void => {
    for (const other of builders) if (builder.inner.includes(other.net)) visit(other);
    found.add(builder);
  };
  builders.forEach(visit);
  return [...found];
};

/** Networks inside of others are built before them, and given to them. */
const sharingFunction = (module: Module, builders: readonly Builder[]): readonly string[] => {
  const names = module.identifiers.inner();
  const variables = new Map(builders.map(({ net }) => [net, names.fresh(net)]));
  const of = (net: string): string => variables.get(net) ?? impossible(`nothing builds ${net}`);
  const lines = innerFirst(builders).map(
    ({ net, id, inner }) => `  const ${of(net)} = ${id}(${inner.map(of).join(", ")});`,
  );
  const entries = builders.map(({ net }) => bound(net, of(net)));
  return [
    "export const networks = (): Networks => {",
    ...lines,
    `  return ${layout(object(entries), { column: 9, depth: 1 })};`,
    "};",
  ];
};

const networksFunction = (module: Module, builders: readonly Builder[]): string => {
  const entries = builders.map(({ net, id }) => `  ${keyOf(net)}: ${id}(),`);
  const doc = comment([
    "All networks, new, with weights of zero: give them values by `initialise`, or load them.",
  ]);
  const isPlain = builders.every(({ inner }) => inner.length === 0);
  const lines = isPlain
    ? ["export const networks = (): Networks => ({", ...entries, "});"]
    : sharingFunction(module, builders);
  return [doc, ...lines].join("\n");
};

/** ts-morph lays an import out on one line; past the width its names stand one to a line. */
const wrapImports = (text: string): string =>
  text.replace(/^import \{ (.+) \} from "ganc\/runtime";$/m, (whole, names: string) =>
    whole.length <= 100
      ? whole
      : `import {\n${names
          .split(", ")
          .map((n) => `  ${n},`)
          .join("\n")}\n} from "ganc/runtime";`,
  );

/**
 * The module's text; the same, byte for byte, for the same program. It imports `@tensorflow/tfjs`
 * and `ganc/runtime` only, and type-checks under `strict`.
 */
export const emitTfjs = (program: Program): string => {
  const module = new Module(program);
  const { model } = program;
  const summands = model.players.flatMap((player) =>
    player.summands.map((summand) => summand.term),
  );
  const formulas = new Formulas({
    definitions: module.definitions,
    hasNumber: (expr) => module.forms.hasNumber(expr),
  });
  const numbers = summands.flatMap((term) => formulas.writtenBelow(term, noLocals));
  const { statements, builders } = definitions(module, numbers);
  const losses = new Losses(module, formulas);
  const plans = new Plans(module, losses);
  const players = plans.all.map((plan) => new PlayerFunction(module, losses, plans, plan).text());
  const step = [
    ...interfaces(module, plans),
    ...players,
    memory(module, plans),
    ...new Step(module, plans).statements(),
  ];
  const project = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true });
  const banner = `// Made by ganc from ${model.file}. Change the spec and compile it again rather than this file.`;
  const all = [...statements, ...losses.statements, ...step, networksFunction(module, builders)];
  const file = project.createSourceFile("module.ts", {
    statements: [banner, ...imports(module), ...all.map((text) => `\n${text}`)],
  });
  // ts-morph sets a blank line of its own behind an interface.
  return `${wrapImports(file.getFullText())
    .replaceAll(/\n{3,}/g, "\n\n")
    .trimEnd()}\n`;
};
