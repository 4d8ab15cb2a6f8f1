/** The compiler as a library: sources in, diagnostics and artefacts out. Pure. */
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Sources } from "../names/source-set.js";
import type { Model } from "../program/model.js";
import type { Settings } from "../types/definitions/params.js";
import { analyse, noSettings } from "./frontend.js";

export * from "./check.js";

export interface Compilation {
  readonly diagnostics: readonly Diagnostic[];
  /** Absent where there are errors. */
  readonly output?: {
    readonly model: Model;
    /** A TypeScript module that imports `@tensorflow/tfjs` and `ganc/runtime`. */
    readonly text: string;
    /** Every file that was read, dependencies first. */
    readonly files: readonly { readonly name: string; readonly text: string }[];
  };
}

/** Compiles the spec `entry` for tfjs, with params set as text by `settings`. */
export const compile = async (
  entry: string,
  sources: Sources,
  settings: Settings = noSettings,
): Promise<Compilation> => {
  const { sourceSet, diagnostics, result } = analyse(entry, sources, settings);
  if (result === undefined) return { diagnostics };
  // ts-morph takes a third of a second to load, which only those who emit should wait for.
  const { emitTfjs } = await import("../targets/tfjs/emit.js");
  const text = emitTfjs(result.program);
  const files = [...sourceSet.files].map(([name, file]) => ({ name, text: file.text }));
  return { diagnostics, output: { model: result.model, text, files } };
};
