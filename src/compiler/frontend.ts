/** The pure front half of the compiler: sources to a checked program and its model. */
import { impossible } from "../base/impossible.js";
import { oneLine, type Span } from "../base/source.js";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.js";
import { expressionLine } from "../format/line.js";
import { buildModel } from "../model/build.js";
import type { Model } from "../model/model.js";
import { joinPath, loadProgram, outsideOf, type Program, type Sources } from "../names/program.js";
import { resolve } from "../names/resolve.js";
import { builtinNames } from "../operators/index.js";
import { check } from "../types/check.js";
import { unknownFields } from "../types/recipe/fields.js";
import type { Settings } from "../types/recipe/params.js";
import type { Checked } from "../types/values/checked.js";

export interface Analysis {
  readonly program: Program;
  readonly diagnostics: readonly Diagnostic[];
  /** Absent where there are errors. */
  readonly result?: { readonly checked: Checked; readonly model: Model };
}

export const noSettings: Settings = new Map();

/**
 * Reads, resolves and checks the spec `entry` and all that it imports, with params set from outside. Mistakes of syntax
 * end it before names are looked at, and mistakes of names before types: what follows from them says nothing new. Fields of
 * the recipe that there are not follow from nothing.
 */
export const analyse = (
  entry: string,
  sources: Sources,
  settings: Settings = noSettings,
): Analysis => {
  const loaded = loadProgram(entry, sources);
  const { program } = loaded;
  if (hasErrors(loaded.diagnostics)) return { program, diagnostics: loaded.diagnostics };
  const names = resolve(program, builtinNames);
  if (hasErrors(names.diagnostics)) {
    const fields = unknownFields(names.resolved.train);
    return { program, diagnostics: [...names.diagnostics, ...fields] };
  }
  const textOf = (file: string): string => program.files.get(file)?.text ?? "";
  const quote = (s: Span): string => oneLine(textOf(s.file), s);
  const start: Span = { file: entry, start: 0, end: 0 };
  const { checked, diagnostics } = check(names.resolved, settings, start, textOf);
  if (checked === undefined) {
    if (!hasErrors(diagnostics)) impossible(`${entry} is refused, and nothing says why`);
    return { program, diagnostics };
  }
  const format = (s: Span): string => expressionLine(textOf(s.file), s);
  const name = program.files.get(entry)?.lastingName ?? entry;
  const model = buildModel(checked, name, { quote, format });
  const outside = model.networks.flatMap(({ weights, span }) => {
    if (weights === undefined) return [];
    return outsideOf(sources, { entry, file: joinPath(span.file, weights), span }) ?? [];
  });
  if (outside.length > 0) return { program, diagnostics: [...diagnostics, ...outside] };
  return { program, diagnostics, result: { checked, model } };
};
