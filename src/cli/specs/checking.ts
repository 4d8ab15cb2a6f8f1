/** Checking several specs as one: what is said of them, each mistake once, and which files were read for it. */
import { readFileSync, statSync } from "node:fs";
import { type Analysis, analyse } from "../../compiler/frontend.js";
import type { Settings, Sources } from "../../compiler/index.js";
import { type Diagnostic, hasErrors, inOrder } from "../../diagnostics/diagnostic.js";
import { displayName, pathOf, sourcesWithin, unixLines } from "./spec-files.js";

/** What the command line calls the text that comes in by standard input. */
export const standardInput = "-";

/** What diagnostics call it. */
export const inputName = "<stdin>";

export const nameOf = (spec: string): string =>
  spec === standardInput ? inputName : displayName(spec);

/** Files on disk, and under its own name the text of standard input, which is read when it is asked for. */
export const sourcesWithInput = (root: string | undefined): Sources => {
  const sources = sourcesWithin(root);
  let input: string | undefined;
  const read = (name: string): string | undefined => {
    if (name !== inputName) return sources.read(name);
    input ??= unixLines(readFileSync(0, "utf8"));
    return input;
  };
  return { ...sources, read };
};

/** Tells one state of a file from another without reading it; also says that there is none. */
export const stampOf = (name: string): string => {
  try {
    const { ino, size, mtimeMs } = statSync(pathOf(name));
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return "none";
  }
};

export interface Recorded {
  readonly sources: Sources;
  /** Every file that was asked for, those that do not exist included, and its stamp just before it was read. */
  readonly stamps: ReadonlyMap<string, string>;
}

export const recording = (sources: Sources): Recorded => {
  const stamps = new Map<string, string>();
  const read = (name: string): string | undefined => {
    if (!stamps.has(name)) stamps.set(name, stampOf(name));
    return sources.read(name);
  };
  return { sources: { ...sources, read }, stamps };
};

export interface Checked {
  readonly diagnostics: readonly Diagnostic[];
  /** The specs without errors, by name. */
  readonly sound: readonly string[];
}

const keyOf = ({ code, span, message }: Diagnostic): string =>
  JSON.stringify([code, span.file, span.start, span.end, message]);

/** Whether a file only declares what others import: it needs no game. */
const isLibrary = ({ sourceSet }: Analysis, name: string): boolean => {
  const declared = sourceSet.files.get(name)?.spec.declarations ?? [];
  return (
    declared.length > 0 && !declared.some(({ kind }) => ["net", "solve", "train"].includes(kind))
  );
};

/** A mistake in a file that several of the specs import is one. */
export const checkAll = (
  specs: readonly string[],
  settings: Settings,
  sources: Sources,
): Checked => {
  const found = new Map<string, Diagnostic>();
  const sound: string[] = [];
  for (const name of new Set(specs)) {
    const analysis = analyse(name, sources, settings);
    const diagnostics = isLibrary(analysis, name)
      ? analysis.diagnostics.filter(({ code }) => code !== "GAN506")
      : analysis.diagnostics;
    for (const one of diagnostics) if (!found.has(keyOf(one))) found.set(keyOf(one), one);
    if (!hasErrors(diagnostics)) sound.push(name);
  }
  return { diagnostics: inOrder([...found.values()]), sound };
};
