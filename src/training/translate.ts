/** Translating files with a trained network: one broken image never stops the others, and no input is written over. */
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, dirname, extname, join, resolve } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { reasonOf } from "../data/errors.js";
import { forTranslation } from "../data/fixed.js";
import { encodePng, fromTensor } from "../data/image.js";
import { resize } from "../data/resize.js";
import type { Session } from "../engines/session.js";
import { attempt, diskError, makeFolder, type RawDisk, realDisk, writeAtomically } from "./disk.js";
import { describe, type TrainingError } from "./errors.js";
import type { Direction } from "./program.js";

const extensions: ReadonlySet<string> = new Set([".jpg", ".jpeg", ".png", ".webp"]);

const isImage = (name: string): boolean =>
  !name.startsWith(".") && extensions.has(extname(name).toLowerCase());

/** The image files directly inside a folder, by name; a file is itself, whatever it is called. */
export const expand = async (path: string): Promise<Either<TrainingError, readonly string[]>> => {
  const found = await attempt(path, async () => {
    if (!(await stat(path)).isDirectory()) return [path];
    const names = (await readdir(path)).filter(isImage).sort((a, b) => (a < b ? -1 : 1));
    return names.map((name) => join(path, name));
  });
  if (!isLeft(found) && found.right.length === 0)
    return left({ kind: "file", path, reason: "it holds no .jpg, .jpeg, .png or .webp file" });
  return found;
};

/** A file's name without its ending, and then `-2`, `-3` … where inputs share one. */
export const outputNames = (inputs: readonly string[]): readonly string[] => {
  const taken = new Set<string>();
  return inputs.map((input) => {
    const stem = basename(input, extname(input));
    let name = stem;
    // Without regard to case, as some file systems have it
    for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${stem}-${n}`;
    taken.add(name.toLowerCase());
    return `${name}.png`;
  });
};

export interface TranslationJob {
  readonly session: Session;
  readonly direction: Direction;
  readonly inputs: readonly string[];
  readonly folder: string;
  /** Gives each result the size of its input, where it otherwise has that of the network's domain. */
  readonly originalSize: boolean;
  readonly signal: AbortSignal;
  readonly raw?: RawDisk;
  readonly listener: (event: TranslationEvent) => void;
}

export type TranslationEvent =
  | { readonly kind: "written"; readonly input: string; readonly output: string }
  | { readonly kind: "failed"; readonly input: string; readonly reason: string };

const translateOne = async (
  { session, direction, originalSize, raw = realDisk }: TranslationJob,
  input: string,
  output: string,
): Promise<Either<TrainingError, void>> => {
  const read = await forTranslation(input, direction.from);
  if (isLeft(read)) return left({ kind: "data", reason: read.left.reason });
  const { image, original } = read.right;
  const result = await session.translate(direction.network, [image]);
  const [picture] = fromTensor(result, direction.to.range);
  if (picture === undefined) return left({ kind: "engine", reason: "the network gave no image" });
  const sized = originalSize ? resize(picture, original.height, original.width) : picture;
  const written = await writeAtomically(raw, output, [await encodePng(sized)]);
  return isLeft(written) ? written : right(undefined);
};

/** Where a path really lies, links followed as far as it exists. */
const reality = async (path: string): Promise<string> =>
  realpath(path).catch(async () =>
    dirname(path) === path ? path : join(await reality(dirname(path)), basename(path)),
  );

const outcomeOf = async (
  job: TranslationJob,
  input: string,
  output: string,
  inputs: ReadonlySet<string>,
): Promise<Either<TrainingError, void>> => {
  if (inputs.has(await reality(resolve(output))))
    return left({
      kind: "usage",
      reason: `its translation would be written over ${output}; choose another folder with --out`,
    });
  try {
    return await translateOne(job, input, output);
  } catch (thrown) {
    return left({ kind: "engine", reason: reasonOf(thrown) });
  }
};

/** Translates every input, as far as the disk goes, and gives how many failed; a full disk ends it at once. */
export const translateFiles = async (
  job: TranslationJob,
): Promise<Either<TrainingError, number>> => {
  const { inputs, folder, listener, signal } = job;
  try {
    makeFolder(folder);
  } catch (thrown) {
    return left(diskError(folder, thrown));
  }
  const real = new Set(await Promise.all(inputs.map((input) => reality(resolve(input)))));
  const names = outputNames(inputs);
  let failed = 0;
  for (const [i, input] of inputs.entries()) {
    if (signal.aborted) break;
    const output = join(folder, names[i] ?? "");
    const outcome = await outcomeOf(job, input, output, real);
    if (!isLeft(outcome)) listener({ kind: "written", input, output });
    else if (outcome.left.kind === "disk-full") return outcome;
    else {
      failed++;
      listener({ kind: "failed", input, reason: describe(outcome.left) });
    }
  }
  return right(failed);
};
