/** The project's specs as sources, and specs given as texts, for tests of the compiler. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { impossible } from "../../src/base/impossible.js";
import { packageRoot } from "../../src/cli/specs/spec-files.js";
import { type Analysis, analyse } from "../../src/compiler/frontend.js";
import { type Model, compile as run } from "../../src/compiler/index.js";
import { renderDiagnostics } from "../../src/diagnostics/render.js";
import { resolve } from "../../src/names/resolve.js";
import type { Sources } from "../../src/names/source-set.js";
import { loadSources } from "../../src/names/sources.js";
import { builtinNames } from "../../src/operators/index.js";
import type { Program } from "../../src/program/program.js";
import { check } from "../../src/types/check.js";
import type { Checked } from "../../src/types/checked.js";

/** The folder of the project, whether this file is built or not. */
export const root = packageRoot;

export const readProject = (name: string): string => readFileSync(join(root, name), "utf8");

/** Every spec of the project, the standard library included. */
export const specNames: readonly string[] = readdirSync(join(root, "specs"), {
  recursive: true,
  encoding: "utf8",
})
  .filter((name) => name.endsWith(".gan"))
  .map((name) => `specs/${name}`)
  .sort();

const libraries = readdirSync(join(root, "specs/std"))
  .filter((name) => name.endsWith(".gan"))
  .map((name) => `std.${name.slice(0, -4)}`);

/** The project's own files and standard library, with `files` over them. */
export const sources = (files: Readonly<Record<string, string>> = {}): Sources => ({
  libraries,
  read: (name) => {
    if (files[name] !== undefined) return files[name];
    const path = join(root, name.startsWith("std/") ? `specs/${name}` : name);
    // First asked whether it exists, which no name is too odd for.
    return existsSync(path) && statSync(path).isFile() ? readFileSync(path, "utf8") : undefined;
  },
  outside: (name) => (/^(\/|\.\.)/.test(name) ? "the folder of the spec" : undefined),
});

export type Set = Readonly<Record<string, string>>;

const settings = (set: Set) => new Map(Object.entries(set));

/** Analyses one text as `test.gan`. */
export const analyseText = (text: string, set: Set = {}): Analysis =>
  analyse("test.gan", sources({ "test.gan": text }), settings(set));

/** What the checker finds out of one text; nothing where it is in error. */
export const checkedOf = (text: string): Checked | undefined => {
  const { sourceSet } = loadSources("test.gan", sources({ "test.gan": text }));
  const { resolved } = resolve(sourceSet, builtinNames);
  const start = { file: "test.gan", start: 0, end: 0 };
  return check(resolved, new Map(), start, () => text).checked;
};

export const render = (
  diagnostics: Analysis["diagnostics"],
  files: Readonly<Record<string, string>>,
): string =>
  renderDiagnostics(diagnostics, { colour: false, width: 80, textOf: sources(files).read });

/**
 * What nobody should want to train is to be computed rightly all the same: a slope through a
 * batch_norm, a game that nobody plays against, a term twice, linear layers in a row.
 *
 * @throws Error with the rendered diagnostics where there are any other, warnings included
 */
export const modelOf = (text: string, set: Set = {}): Model => {
  const { diagnostics: all, result } = analyseText(text, set);
  const diagnostics = all.filter(
    ({ code }) =>
      !["GAN604", "GAN607", "GAN608", "GAN610", "GAN612", "GAN613", "GAN614"].includes(code),
  );
  if (result === undefined || diagnostics.length > 0)
    throw new Error(render(diagnostics, { "test.gan": text }));
  return result.model;
};

/** The closed program of a text without errors. */
export const programOf = (text: string, set: Set = {}): Program =>
  analyseText(text, set).result?.program ?? impossible(`${text}\nhas errors`);

/** The model of one of the project's specs. */
export const modelOfSpec = (entry: string, set: Set = {}): Model => {
  const { diagnostics, result } = analyse(entry, sources(), settings(set));
  if (result === undefined || diagnostics.length > 0) throw new Error(render(diagnostics, {}));
  return result.model;
};

/** The closed program of one of the project's specs. */
export const programOfSpec = (entry: string, set: Set = {}): Program =>
  analyse(entry, sources(), settings(set)).result?.program ?? impossible(`${entry} has errors`);

/** The module that the compiler makes of `entry`. */
export const compileSpec = async (
  entry: string,
  files: Readonly<Record<string, string>> = {},
  set: Set = {},
): Promise<string> => {
  const { diagnostics, output } = await run(entry, sources(files), settings(set));
  if (output === undefined) throw new Error(render(diagnostics, files));
  return output.text;
};

export const compileText = (text: string, set: Set = {}): Promise<string> =>
  compileSpec("test.gan", { "test.gan": text }, set);
