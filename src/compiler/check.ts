/**
 * The checker as a library: specs as texts in, diagnostics as values out. Pure: it runs in Node and
 * in a browser.
 */
import type { Sources } from "../names/source-set.js";

export type { Span } from "../base/source.js";
export type { Diagnostic, Edit, Fix, Label } from "../diagnostics/diagnostic.js";
export { applyEdits, hasErrors } from "../diagnostics/diagnostic.js";
export { type RenderOptions, renderDiagnostics } from "../diagnostics/render.js";
export type { Instead, SourceSet, Sources } from "../names/source-set.js";
export type { Model } from "../program/model.js";
export type { Program } from "../program/program.js";
export type { Settings } from "../types/definitions/params.js";
export { type Analysis, analyse, type Diagnosis, diagnose, noSettings } from "./frontend.js";

/**
 * Texts by name as all that a compilation may read. Those named `std/NAME.gan` are the standard
 * library, whose files a package of ganc has under `ganc/specs/std/`.
 */
export const textSources = (files: Readonly<Record<string, string>>): Sources => ({
  libraries: Object.keys(files).flatMap((name) => {
    const [, library] = /^std\/(.+)\.gan$/.exec(name) ?? [];
    return library === undefined ? [] : [`std.${library.replaceAll("/", ".")}`];
  }),
  read: (name) => (Object.hasOwn(files, name) ? files[name] : undefined),
});
