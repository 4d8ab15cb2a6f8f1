/** The pure front half of the compiler: sources to the closed program. */
import { impossible } from "../base/impossible.js";
import type { Span } from "../base/source.js";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.js";
import { elaborate } from "../elaborate/program.js";
import { resolve } from "../names/resolve.js";
import type { SourceSet, Sources } from "../names/source-set.js";
import { joinPath, loadSources, outsideOf } from "../names/sources.js";
import { builtinNames } from "../operators/index.js";
import type { Model } from "../program/model.js";
import type { Program } from "../program/program.js";
import { check } from "../types/check.js";
import type { Checked } from "../types/checked.js";
import type { Settings } from "../types/definitions/params.js";
import { unknownFields } from "../types/evaluate/fields.js";

/** What is wrong with a spec, and the texts that it was read from. */
export interface Diagnosis {
  readonly sourceSet: SourceSet;
  readonly diagnostics: readonly Diagnostic[];
}

export interface Analysis extends Diagnosis {
  /** Absent where there are errors. */
  readonly result?: { readonly program: Program; readonly model: Model };
}

/** All params at their defaults. */
export const noSettings: Settings = new Map();

interface Found extends Diagnosis {
  /** Absent where there are errors. */
  readonly checked?: Checked;
}

/** Weights that networks are read from and that lie outside of the project. */
const outsideWeights = (entry: string, sources: Sources, { networks }: Checked) =>
  networks.flatMap(({ net: { span }, declaration: { weights } }) => {
    if (weights === undefined) return [];
    return outsideOf(sources, { entry, file: joinPath(span.file, weights.text), span }) ?? [];
  });

const find = (entry: string, sources: Sources, settings: Settings): Found => {
  const loaded = loadSources(entry, sources);
  const { sourceSet } = loaded;
  if (hasErrors(loaded.diagnostics)) return { sourceSet, diagnostics: loaded.diagnostics };
  const names = resolve(sourceSet, builtinNames);
  if (hasErrors(names.diagnostics)) {
    const fields = unknownFields(names.resolved.train);
    return { sourceSet, diagnostics: [...names.diagnostics, ...fields] };
  }
  const textOf = (file: string): string => sourceSet.files.get(file)?.text ?? "";
  const start: Span = { file: entry, start: 0, end: 0 };
  const { checked, diagnostics } = check(names.resolved, settings, start, textOf);
  if (checked === undefined) {
    if (!hasErrors(diagnostics)) impossible(`${entry} is refused, and nothing says why`);
    return { sourceSet, diagnostics };
  }
  const outside = outsideWeights(entry, sources, checked);
  if (outside.length > 0) return { sourceSet, diagnostics: [...diagnostics, ...outside] };
  return { sourceSet, diagnostics, checked };
};

/**
 * Reads, resolves and checks the spec `entry` and all that it imports, with params set from
 * outside. Mistakes of syntax end it before names are looked at, and mistakes of names before
 * types: what follows from them says nothing new. Fields of the recipe that there are not follow
 * from nothing.
 */
export const diagnose = (
  entry: string,
  sources: Sources,
  settings: Settings = noSettings,
): Diagnosis => {
  const { sourceSet, diagnostics } = find(entry, sources, settings);
  return { sourceSet, diagnostics };
};

/** Diagnoses a spec, as `diagnose` does, and elaborates one without errors. */
export const analyse = (
  entry: string,
  sources: Sources,
  settings: Settings = noSettings,
): Analysis => {
  const { checked, ...diagnosis } = find(entry, sources, settings);
  if (checked === undefined) return diagnosis;
  const program = elaborate(checked, diagnosis.sourceSet);
  return { ...diagnosis, result: { program, model: program.model } };
};
