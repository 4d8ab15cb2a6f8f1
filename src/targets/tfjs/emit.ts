/** A model as one TypeScript module: layer code, losses, a step function for each player, and the whole step. */
import type { StatementStructures } from "ts-morph";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { Model } from "../../model/model.js";
import type { Program } from "../../names/program.js";
import type { Checked } from "../../types/check.js";
import { definitions } from "./definitions.js";
import { Formulas, noLocals } from "./formulas.js";
import { Losses } from "./losses.js";
import { comment, Module } from "./module.js";
import { Refusal } from "./refusal.js";
import { Step } from "./step.js";
import { Project, StructureKind } from "./ts-morph.js";

/** Names of the runtime that are types. */
export const types: ReadonlySet<string> = new Set(["Block", "Chance", "Objective", "Values"]);

/** As import sorters do: letter by letter, a capital before its small letter. */
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

const networksFunction = (builders: ReadonlyMap<string, string>): string => {
  const entries = [...builders].map(([name, builder]) => `  ${name}: ${builder}(),`);
  const doc = comment([
    "All networks, new, with weights of zero: give them values by `initialise`, or load them.",
  ]);
  return [doc, "export const networks = (): Networks => ({", ...entries, "});"].join("\n");
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
 * The module's text; the same, byte for byte, for the same program. It imports `@tensorflow/tfjs` and `ganc/runtime`
 * only, and type-checks under `strict`.
 * @throws Refusal for what cannot be written
 */
export const emitTfjs = (program: Program, checked: Checked, model: Model): string => {
  const module = new Module(program, checked, model);
  const summands = model.players.flatMap((player) =>
    player.summands.map((summand) => summand.term),
  );
  const formulas = new Formulas(checked);
  const numbers = summands.flatMap((term) => formulas.writtenBelow(term, noLocals));
  const { statements, builders } = definitions(module, numbers);
  const losses = new Losses(module, formulas);
  const step = new Step(module, losses).statements();
  const project = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true });
  const banner = `// Made by ganc from ${model.file}. Change the spec and compile it again rather than this file.`;
  const all = [...statements, ...losses.statements, ...step, networksFunction(builders)];
  const file = project.createSourceFile("module.ts", {
    statements: [banner, ...imports(module), ...all.map((text) => `\n${text}`)],
  });
  // ts-morph sets a blank line of its own behind an interface.
  return `${wrapImports(file.getFullText())
    .replaceAll(/\n{3,}/g, "\n\n")
    .trimEnd()}\n`;
};

/** What `emit` gives, or why it gives nothing. */
export const refusalOf = (emit: () => string): string | Diagnostic => {
  try {
    return emit();
  } catch (error) {
    if (error instanceof Refusal) return error.diagnostic;
    throw error;
  }
};
