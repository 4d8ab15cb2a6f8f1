/** Words how a run's spec has changed since the run began, as `ganc diff` does. */
import { resolve } from "node:path";
import { type Either, isLeft } from "fp-ts/lib/Either.js";
import { printable } from "../../base/printable.js";
import { recordOf } from "../../base/record.js";
import { oneLine } from "../../base/source.js";
import { missing, readRegularText } from "../../data/files/regular-file.js";
import { difference, isSame, type Side } from "../../report/specs/difference.js";
import { differenceText } from "../../report/specs/difference-text.js";
import type { CompiledSpec, Compiler, Sets } from "../program/compiled.js";
import { specHash } from "../program/program.js";
import type { Manifest } from "./manifest.js";

const sideOf = ({ model, program }: CompiledSpec): Side | undefined => {
  if (model === undefined) return undefined;
  const texts = new Map(program.sources.map(({ name, text }) => [name, text]));
  return { model, quote: (span) => oneLine(texts.get(span.file) ?? "", span) };
};

/** Words how two specs differ in meaning. Empty if they do not; undefined if it cannot be told. */
export const specDifference = (own: CompiledSpec, now: CompiledSpec): string | undefined => {
  if (specHash(own.program) === specHash(now.program)) return "";
  const [before, after] = [sideOf(own), sideOf(now)];
  if (before === undefined || after === undefined) return undefined;
  const found = difference(before, after);
  return isSame(found) ? "" : differenceText(found).trimEnd();
};

/** Returns all params of a run as the compiler takes them. */
export const setsOf = ({ spec }: Pick<Manifest, "spec">): Sets =>
  recordOf(Object.entries(spec.params).map(([name, value]) => [name, String(value)]));

/** Returns the params given by `--set`. Older runs lack the record; then all of them. */
export const givenSets = (manifest: Manifest): Sets => manifest.sets ?? setsOf(manifest);

/**
 * Compiles a file with the params given to a run, as far as it still has them, and with the newer
 * `sets`.
 */
export const compileNow = async (
  compiler: Compiler,
  file: string,
  manifest: Manifest,
  sets: Sets,
  root: string | undefined,
): Promise<Either<string, CompiledSpec>> => {
  const given = givenSets(manifest);
  const compiled = await compiler.fromFile(file, { ...given, ...sets }, root);
  if (!isLeft(compiled) || Object.keys(given).length === 0) return compiled;
  const without = await compiler.fromFile(file, sets, root);
  if (isLeft(without)) return compiled;
  const { params } = without.right.program;
  const known = Object.entries(given).filter(([name]) => Object.hasOwn(params, name));
  return compiler.fromFile(file, { ...recordOf(known), ...sets }, root);
};

/** Most bytes of a source, which people write. */
const mostSource = 2 ** 24;

const isLibrary = (name: string): boolean => name.startsWith("std/");

/** Tells whether the files of a run's spec are unchanged. Undefined if its main file is gone. */
const isUnchanged = async (
  { sources, entry }: Manifest["spec"],
  folder: string,
): Promise<boolean | undefined> => {
  const own = sources.filter(({ name }) => !isLibrary(name));
  // If the main file is gone, whatever is in the place of the others is not theirs.
  for (const { name, text } of [...own].sort((a, b) => +(b.name === entry) - +(a.name === entry))) {
    const found = await readRegularText(resolve(folder, name), mostSource);
    if (isLeft(found)) return found.left === missing && name !== entry ? false : undefined;
    if (found.right.replaceAll("\r\n", "\n") !== text) return false;
  }
  return true;
};

/** Most lines of a difference in a notice. */
const shownLines = 12;

const shortened = (text: string, all: string): string => {
  const lines = text.split("\n");
  return lines.length <= shownLines + 1
    ? text
    : [...lines.slice(0, shownLines), `… and ${lines.length - shownLines} more lines: ${all}`].join(
        "\n",
      );
};

/** Writes a file for people: by the run's name for it, if that leads to it from here. */
const shownFile = (folder: string, entry: string): string =>
  printable(resolve(folder, entry) === resolve(entry) ? entry : resolve(folder, entry));

/**
 * Returns notices about the spec's files on disk; none if they are unchanged, mean the same, or are
 * gone. `own` is the run's compiled spec.
 */
export const specNotices = async (
  compiler: Compiler,
  { path, manifest }: { readonly path: string; readonly manifest: Manifest },
  own: CompiledSpec,
): Promise<readonly string[]> => {
  const { spec, place } = manifest;
  if (place === undefined || (await isUnchanged(spec, place.folder)) !== false) return [];
  const file = resolve(place.folder, spec.entry);
  const shown = shownFile(place.folder, spec.entry);
  const compiled = await compileNow(compiler, file, manifest, {}, place.root);
  if (isLeft(compiled))
    return [
      `${shown} has changed since this run began, and does not compile now; the run keeps to its own copy.`,
    ];
  const text = specDifference(own, compiled.right);
  if (text === undefined || text === "") return [];
  const given = Object.entries(manifest.sets ?? {}).map(
    ([name, value]) => ` --set ${name}=${value}`,
  );
  const words = shortened(text, `ganc diff ${path} ${shown}${given.join("")}`);
  return [`${shown} has changed since this run began, which keeps to its own copy:\n\n${words}\n`];
};
