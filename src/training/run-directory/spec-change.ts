/** What has become of a run's spec since the run began, in the words of `ganc diff`. */
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

/** How two specs differ in meaning; empty where they do not, undefined where nobody can tell. */
export const specDifference = (own: CompiledSpec, now: CompiledSpec): string | undefined => {
  if (specHash(own.program) === specHash(now.program)) return "";
  const [before, after] = [sideOf(own), sideOf(now)];
  if (before === undefined || after === undefined) return undefined;
  const found = difference(before, after);
  return isSame(found) ? "" : differenceText(found).trimEnd();
};

/** All params of a run, as the compiler takes them. */
export const setsOf = ({ spec }: Pick<Manifest, "spec">): Sets =>
  recordOf(Object.entries(spec.params).map(([name, value]) => [name, String(value)]));

/** What `--set` gave of them; runs of before do not tell, and keep all. */
export const givenSets = (manifest: Manifest): Sets => manifest.sets ?? setsOf(manifest);

/**
 * Compiles a file with the values that a run was given, as far as it still has params of those names, and with `sets`, which
 * are of now.
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

/** Bytes; a spec is a text that people write. */
const mostSource = 2 ** 24;

const isLibrary = (name: string): boolean => name.startsWith("std/");

/** Whether the files of a run's spec hold what they held; undefined where its own file is there no more. */
const isUnchanged = async (
  { sources, entry }: Manifest["spec"],
  folder: string,
): Promise<boolean | undefined> => {
  const own = sources.filter(({ name }) => !isLibrary(name));
  // Where the entry is gone, what lies in the places of the others is not theirs.
  for (const { name, text } of [...own].sort((a, b) => +(b.name === entry) - +(a.name === entry))) {
    const found = await readRegularText(resolve(folder, name), mostSource);
    if (isLeft(found)) return found.left === missing && name !== entry ? false : undefined;
    if (found.right.replaceAll("\r\n", "\n") !== text) return false;
  }
  return true;
};

/** Lines of a difference that a notice shows at most. */
const shownLines = 12;

const shortened = (text: string, all: string): string => {
  const lines = text.split("\n");
  return lines.length <= shownLines + 1
    ? text
    : [...lines.slice(0, shownLines), `… and ${lines.length - shownLines} more lines: ${all}`].join(
        "\n",
      );
};

/** A file as people want to see it: the name that the run gave it, where that leads to it from here. */
const shownFile = (folder: string, entry: string): string =>
  printable(resolve(folder, entry) === resolve(entry) ? entry : resolve(folder, entry));

/**
 * What the user should know of the spec's files on disk, a notice each; none where they are as they were, say the same, or
 * are there no more. `own` is the run's spec, compiled.
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
