/** What the commands that take a spec and write no run have in common: params, diagnostics, files written whole. */
import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";
import type { Command } from "commander";
import { type Analysis, analyse } from "../../compiler/frontend.js";
import type { Sources } from "../../compiler/index.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { renderDiagnostics } from "../../diagnostics/render.js";
import { makeFolder, reasonOfDisk, temporaryFor } from "../../training/files/disk.js";
import type { Sets } from "../../training/program/compiled.js";
import { diskSources, displayName, sourcesWithin, specsIn } from "../specs/spec-files.js";
import { reportWidth, wantsColour } from "../terminal/terminal.js";
import { rootOption, setOption } from "./options.js";

export interface SpecOptions {
  readonly set: Sets;
  /** A folder that imports may lie in, beyond the spec's project. */
  readonly root?: string;
}

export const settings = ({ set }: SpecOptions): ReadonlyMap<string, string> =>
  new Map(Object.entries(set));

/** Adds `--set` and `--root`. */
export const withSets = (command: Command): Command =>
  command.addOption(setOption()).addOption(rootOption());

/** Diagnostics on standard error, as a person reads them; coloured on a terminal. */
export const show = (
  diagnostics: readonly Diagnostic[],
  textOf: Sources["read"] = diskSources.read,
): void => {
  const colour = wantsColour(process.stderr, process.env);
  const width = reportWidth(process.stderr);
  process.stderr.write(renderDiagnostics(diagnostics, { colour, width, textOf }));
};

/** The files that a command was given, folders searched; wrong usage where there is none. */
export const specsGiven = (given: readonly string[], command: Command): readonly string[] => {
  const specs = specsIn(given);
  if (specs.length === 0)
    command.error(`error: no .gan file lies in ${given.join(", ")}`, { exitCode: 2 });
  return specs;
};

export const fail = (message: string): void => {
  process.stderr.write(`error: ${message}\n`);
  process.exitCode = 1;
};

export type Sound = Pick<Analysis, "sourceSet"> & NonNullable<Analysis["result"]>;

/** The spec, where it is sound; else its diagnostics are shown, and the exit code is 1. */
export const analysed = (spec: string, options: SpecOptions): Sound | undefined =>
  analysedIn(displayName(spec), sourcesWithin(options.root), options);

/** As `analysed`, of a spec whose texts are somewhere else. */
export const analysedIn = (
  entry: string,
  sources: Sources,
  options: SpecOptions,
): Sound | undefined => {
  const { diagnostics, sourceSet, result } = analyse(entry, sources, settings(options));
  show(diagnostics, sources.read);
  if (result === undefined) process.exitCode = 1;
  return result === undefined ? undefined : { sourceSet, ...result };
};

/** Endings of what ganc writes: a path that has one names a file. */
const endings: readonly string[] = [".ts", ".graph", ".onnx", ".svg"];

/** What `--out` names standard output by. */
export const toStandardOutput = "-";

const deliverToStandardOutput = (content: string | Uint8Array): string | undefined => {
  if (typeof content !== "string" && process.stdout.isTTY === true) {
    fail("a terminal shows no bytes: -o - is for a pipe or a file behind >");
    return undefined;
  }
  process.stdout.write(content);
  return toStandardOutput;
};

/** Says what `deliver` has written: beside it, where that went to standard output. */
export const delivered = (path: string, what: string): void => {
  if (path === toStandardOutput) process.stderr.write(`standard output: ${what}\n`);
  else process.stdout.write(`${path}: ${what}\n`);
};

/**
 * Writes to standard output where `out` is `-`, else to `out`, a file of that ending, or as `name` into `out`, a folder, which is made; the old file stays until the
 * new one is whole. Gives the path, or says what is wrong and sets the exit code.
 */
export const deliver = (
  out: string,
  ending: string,
  name: string,
  content: string | Uint8Array,
): string | undefined => {
  if (out === toStandardOutput) return deliverToStandardOutput(content);
  const given = extname(out);
  if (given !== ending && endings.includes(given)) {
    fail(`${out} ends in ${given}, and what is written is ${ending}`);
    return undefined;
  }
  // An ending of some other kind is meant as one, unless there is a folder of that name.
  if (given !== ending && /^\.[a-z]+\d?$/i.test(given) && !existsSync(out)) {
    fail(`--out takes a folder, or a file that ends in ${ending}; ${out} is neither`);
    return undefined;
  }
  const path = given === ending ? out : join(out, name + ending);
  const temporary = temporaryFor(path, `.${process.pid}.tmp`);
  try {
    makeFolder(dirname(path));
    try {
      writeFileSync(temporary, content);
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
    return path;
  } catch (error) {
    fail(`cannot write ${path}: ${reasonOfDisk(error)}`);
    return undefined;
  }
};
