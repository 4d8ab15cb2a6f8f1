/** Shared by commands that take a spec and write no run: params, diagnostics, atomic files. */
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
  /** Additional folder for imports. */
  readonly root?: string;
}

export const settings = ({ set }: SpecOptions): ReadonlyMap<string, string> =>
  new Map(Object.entries(set));

/** Adds `--set` and `--root`. */
export const withSets = (command: Command): Command =>
  command.addOption(setOption()).addOption(rootOption());

/** Prints diagnostics for people on standard error, coloured on a terminal. */
export const show = (
  diagnostics: readonly Diagnostic[],
  textOf: Sources["read"] = diskSources.read,
): void => {
  const colour = wantsColour(process.stderr, process.env);
  const width = reportWidth(process.stderr);
  process.stderr.write(renderDiagnostics(diagnostics, { colour, width, textOf }));
};

/** Lists the given files, and those in given folders. Wrong usage if there is none. */
export const specsGiven = (given: readonly string[], command: Command): readonly string[] => {
  const specs = specsIn(given);
  if (specs.length === 0)
    command.error(`error: there is no .gan file in ${given.join(", ")}`, { exitCode: 2 });
  return specs;
};

export const fail = (message: string): void => {
  process.stderr.write(`error: ${message}\n`);
  process.exitCode = 1;
};

export type Sound = Pick<Analysis, "sourceSet"> & NonNullable<Analysis["result"]>;

/**
 * Analyses a spec. If it has errors, prints the diagnostics, sets the exit code to 1 and returns
 * undefined.
 */
export const analysed = (spec: string, options: SpecOptions): Sound | undefined =>
  analysedIn(displayName(spec), sourcesWithin(options.root), options);

/** Analyses a spec as `analysed` does, with texts from elsewhere. */
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

/** Endings of ganc's output. A path with one of them names a file. */
const endings: readonly string[] = [".ts", ".py", ".program", ".graph", ".onnx", ".svg"];

/** The value of `--out` for standard output. */
export const toStandardOutput = "-";

const deliverToStandardOutput = (content: string | Uint8Array): string | undefined => {
  if (typeof content !== "string" && process.stdout.isTTY === true) {
    fail("a terminal cannot show binary output: use -o - with a pipe or with > FILE");
    return undefined;
  }
  process.stdout.write(content);
  return toStandardOutput;
};

/** Reports what `deliver` has written; on standard error if the output went to standard output. */
export const delivered = (path: string, what: string): void => {
  if (path === toStandardOutput) process.stderr.write(`standard output: ${what}\n`);
  else process.stdout.write(`${path}: ${what}\n`);
};

/**
 * Writes to standard output if `out` is `-`; else to `out` itself if it is a file with that ending,
 * or as `name` into the folder `out`, which it makes. The old file stays until the new one is
 * complete. Returns the path, or reports the fault, sets the exit code and returns undefined.
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
    fail(`${out} ends in ${given}, but the output is ${ending}`);
    return undefined;
  }
  // Another ending means a file too, unless there is a folder of that name.
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
