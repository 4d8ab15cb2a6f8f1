/**
 * Checks several specs together: all diagnostics, each mistake once, and the files that were read.
 */
import { readFileSync, statSync } from "node:fs";
import { type Diagnosis, diagnose } from "../../compiler/frontend.js";
import type { Settings, Sources } from "../../compiler/index.js";
import { type Diagnostic, hasErrors, inOrder } from "../../diagnostics/diagnostic.js";
import { displayName, pathOf, sourcesWithin, unixLines } from "./spec-files.js";

/** The command line's name for standard input. */
export const standardInput = "-";

/** The diagnostics' name for it. */
export const inputName = "<stdin>";

export const nameOf = (spec: string): string =>
  spec === standardInput ? inputName : displayName(spec);

/** Reads files from disk and, under its own name, standard input, when it is asked for. */
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

/** Returns a stamp that changes when a file does, without reading it; also for a missing file. */
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
  /**
   * Every file that was asked for, including missing ones, with its stamp just before it was read.
   */
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
  /** Names of the specs without errors. */
  readonly sound: readonly string[];
}

const keyOf = ({ code, span, message }: Diagnostic): string =>
  JSON.stringify([code, span.file, span.start, span.end, message]);

/** Tells whether a file only declares things for others to import, so that it needs no game. */
const isLibrary = ({ sourceSet }: Diagnosis, name: string): boolean => {
  const declared = sourceSet.files.get(name)?.spec.declarations ?? [];
  return (
    declared.length > 0 && !declared.some(({ kind }) => ["net", "solve", "train"].includes(kind))
  );
};

/** Checks all specs. A mistake in a file that several of them import is reported once. */
export const checkAll = (
  specs: readonly string[],
  settings: Settings,
  sources: Sources,
): Checked => {
  const found = new Map<string, Diagnostic>();
  const sound: string[] = [];
  for (const name of new Set(specs)) {
    const diagnosis = diagnose(name, sources, settings);
    const diagnostics = isLibrary(diagnosis, name)
      ? diagnosis.diagnostics.filter(({ code }) => code !== "GAN506")
      : diagnosis.diagnostics;
    for (const one of diagnostics) if (!found.has(keyOf(one))) found.set(keyOf(one), one);
    if (!hasErrors(diagnostics)) sound.push(name);
  }
  return { diagnostics: inOrder([...found.values()]), sound };
};
