/** From the text of a generated module to the module: types taken off, imports led to ganc's own packages. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ts } from "../../targets/tfjs/ts-morph.js";
import type { GeneratedModule } from "./session.js";

/** Where the two imports of a generated module lead, as URLs: the very instances that ganc itself uses. */
export interface ImportTargets {
  readonly tfjs: string;
  readonly runtime: string;
}

export const ownTargets = (): ImportTargets => ({
  tfjs: import.meta.resolve("@tensorflow/tfjs"),
  runtime: new URL("../../runtime/index.js", import.meta.url).href,
});

/** The module as JavaScript. */
export const toJavaScript = (text: string, targets: ImportTargets): string => {
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      removeComments: false,
    },
  });
  return outputText
    .replaceAll('"@tensorflow/tfjs"', JSON.stringify(targets.tfjs))
    .replaceAll('"ganc/runtime"', JSON.stringify(targets.runtime));
};

/** Loads the text of a generated module into this process. */
export const loadGenerated = async (
  text: string,
  targets: ImportTargets = ownTargets(),
): Promise<GeneratedModule> => {
  const folder = mkdtempSync(join(tmpdir(), "ganc-"));
  try {
    const path = join(folder, "module.mjs");
    writeFileSync(path, toJavaScript(text, targets));
    return (await import(pathToFileURL(path).href)) as GeneratedModule;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};
