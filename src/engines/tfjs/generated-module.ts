/**
 * Turns the text of a generated module into a module: strips types and points imports to ganc's own
 * packages.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ts } from "../../targets/tfjs/ts-morph.js";
import type { GeneratedModule } from "./generated-session.js";

/** URLs for the two imports of a generated module: the same instances that ganc uses. */
export interface ImportTargets {
  readonly tfjs: string;
  readonly runtime: string;
}

export const ownTargets = (): ImportTargets => ({
  tfjs: import.meta.resolve("@tensorflow/tfjs"),
  runtime: new URL("../../runtime/index.js", import.meta.url).href,
});

/** Compiles the module to JavaScript, with a source map to a file `<name>.ts` beside it. */
const transpiled = (
  text: string,
  name: string,
  targets: ImportTargets,
): { readonly code: string; readonly map: string } => {
  const { outputText, sourceMapText = "" } = ts.transpileModule(text, {
    fileName: `${name}.ts`,
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      removeComments: false,
      sourceMap: true,
    },
  });
  // Only the lines of the imports change, and nothing follows them on these lines, so the map still
  // holds.
  const code = outputText
    .replace(/\n\/\/# sourceMappingURL=.*\s*$/, "\n")
    .replaceAll('"@tensorflow/tfjs"', JSON.stringify(targets.tfjs))
    .replaceAll('"ganc/runtime"', JSON.stringify(targets.runtime));
  return { code, map: JSON.stringify({ ...JSON.parse(sourceMapText), file: `${name}.mjs` }) };
};

/** Returns options with which an editor resolves the types of the module's two imports. */
const editorOptions = ({ tfjs, runtime }: ImportTargets): string => {
  const path = (url: string): string => fileURLToPath(url);
  const compilerOptions = {
    target: "es2022",
    module: "esnext",
    moduleResolution: "bundler",
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    paths: {
      "ganc/runtime": [path(runtime).replace(/\.js$/, ".d.ts")],
      "@tensorflow/tfjs": [path(new URL("./index.d.ts", tfjs).href)],
    },
  };
  return `${JSON.stringify({ compilerOptions, include: ["*.ts"] }, null, 2)}\n`;
};

/**
 * Writes a generated module into a folder, which it makes: `<name>.ts`, the `<name>.mjs` that Node
 * runs, and a source map with which a debugger stops at lines of the former. Returns the path of
 * the latter.
 * @throws Error of the file system
 */
export const writeGenerated = (
  folder: string,
  name: string,
  text: string,
  targets: ImportTargets = ownTargets(),
): string => {
  const { code, map } = transpiled(text, name, targets);
  mkdirSync(folder, { recursive: true });
  const script = join(folder, `${name}.mjs`);
  writeFileSync(join(folder, `${name}.ts`), text);
  writeFileSync(script, `${code}//# sourceMappingURL=${encodeURIComponent(name)}.mjs.map\n`);
  writeFileSync(`${script}.map`, map);
  writeFileSync(join(folder, "tsconfig.json"), editorOptions(targets));
  return script;
};

/** Loads a module written by `writeGenerated`. */
export const importGenerated = async (script: string): Promise<GeneratedModule> =>
  (await import(pathToFileURL(script).href)) as GeneratedModule;

/** Loads the text of a generated module into this process. */
export const loadGenerated = async (
  text: string,
  targets: ImportTargets = ownTargets(),
): Promise<GeneratedModule> => {
  const folder = mkdtempSync(join(tmpdir(), "ganc-"));
  try {
    return await importGenerated(writeGenerated(folder, "module", text, targets));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
