/** Translating files with a trained network: one broken image never stops the others, and no input is written over. */
import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { reasonOf } from "../data/errors.js";
import { forTranslation } from "../data/fixed.js";
import { encodePng, fromTensor } from "../data/image.js";
import { foldersText, listFolder, othersText } from "../data/listing.js";
import { resize } from "../data/resize.js";
import type { HostTensor, Session } from "../engines/session.js";
import { attempt, diskError, makeFolder, type RawDisk, realDisk, writeAtomically } from "./disk.js";
import { describe, type TrainingError } from "./errors.js";
import { outputNames } from "./output-names.js";
import { classCount, draws, imageInputs, type Translator, tensorsFor } from "./translators.js";

/** What a path that a user names stands for. */
export interface Expanded {
  readonly files: readonly string[];
  /** Files and what keeps each from being used. */
  readonly broken: readonly { readonly path: string; readonly reason: string }[];
  /** What else lies there and is left out, a phrase each, for people. */
  readonly beside: readonly string[];
}

/** The image files directly inside a folder, by name; a file is itself, whatever it is called. */
export const expand = async (path: string): Promise<Either<TrainingError, Expanded>> => {
  const isFolder = await attempt(path, async () => (await stat(path)).isDirectory());
  if (isLeft(isFolder)) return isFolder;
  if (!isFolder.right) return right({ files: [path], broken: [], beside: [] });
  const listed = await listFolder(path);
  if (isLeft(listed)) return left({ kind: "file", path, reason: listed.left.reason });
  const { images, folders, others, broken } = listed.right;
  const beside = [...foldersText(folders), ...othersText(others)];
  if (images.length + broken.length === 0)
    return left({ kind: "file", path, reason: ["it holds no image", ...beside].join("; ") });
  return right({
    files: images.map(({ name }) => join(path, name)),
    broken: broken.map(({ name, reason }) => ({ path: join(path, name), reason })),
    beside,
  });
};

export interface Variant {
  /** From 0. */
  readonly only: number;
  readonly draw: number;
  /** What stands behind the name of the image: `-dog`, `-2`, `-dog-2`; empty where there is one variant. */
  readonly suffix: string;
}

/** What is made of one image: a result for each class and each draw. */
export const variantsOf = (
  translator: Translator,
  classes: readonly string[],
  only: number | undefined,
  count: number,
): readonly Variant[] => {
  const chosen =
    only !== undefined || classCount(translator) === undefined ? [only ?? 0] : classes.keys();
  const repeats = draws(translator) ? count : 1;
  return [...chosen].flatMap((of) => {
    // A class may be named as no file can be
    const name = (classes[of] ?? String(of)).replace(/[/\\:*?"<>|]/g, "_");
    const behind = only === undefined && classes.length > 1 ? `-${name}` : "";
    return Array.from({ length: repeats }, (_, draw) => ({
      only: of,
      draw,
      suffix: repeats > 1 ? `${behind}-${draw + 1}` : behind,
    }));
  });
};

export interface TranslationJob {
  readonly session: Session;
  readonly translator: Translator;
  /** Of each result: a file for each image that the network takes, in its order; the first names the result. */
  readonly inputs: readonly (readonly string[])[];
  readonly variants: readonly Variant[];
  readonly seed: number;
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

/** One image and those that go with it, in every variant; gives the files that were written. */
const translateOne = async (
  { session, translator, variants, seed, originalSize, raw = realDisk }: TranslationJob,
  files: readonly string[],
  outputs: readonly string[],
): Promise<Either<TrainingError, void>> => {
  const taken = imageInputs(translator);
  const images: HostTensor[] = [];
  let original = { width: 0, height: 0 };
  for (const [k, { name, domain }] of taken.entries()) {
    const file = files[k] ?? "";
    const read = await forTranslation(file, domain);
    if (isLeft(read)) {
      const where = k === 0 ? "" : `its ${name}, ${file}: `;
      return left({ kind: "data", reason: `${where}${read.left.reason}` });
    }
    images.push(read.right.image);
    if (k === 0) original = read.right.original;
  }
  const stream = `translate/${basename(files[0] ?? "")}`;
  for (const [v, { only, draw }] of variants.entries()) {
    const given = tensorsFor(translator, { images, only, draw, seed, stream });
    const result = await session.translate(translator.network, given);
    const [picture] = fromTensor(result, translator.to.range);
    if (picture === undefined) return left({ kind: "engine", reason: "the network gave no image" });
    const sized = originalSize ? resize(picture, original.height, original.width) : picture;
    const written = await writeAtomically(raw, outputs[v] ?? "", [await encodePng(sized)]);
    if (isLeft(written)) return written;
  }
  return right(undefined);
};

/** Where a path really lies, links followed as far as it exists. */
const reality = async (path: string): Promise<string> =>
  realpath(path).catch(async () =>
    dirname(path) === path ? path : join(await reality(dirname(path)), basename(path)),
  );

const outcomeOf = async (
  job: TranslationJob,
  files: readonly string[],
  outputs: readonly string[],
  inputs: ReadonlySet<string>,
): Promise<Either<TrainingError, void>> => {
  for (const output of outputs)
    if (inputs.has(await reality(resolve(output))))
      return left({
        kind: "usage",
        reason: `its translation would be written over ${output}; choose another folder with --out`,
      });
  try {
    return await translateOne(job, files, outputs);
  } catch (thrown) {
    return left({ kind: "engine", reason: reasonOf(thrown) });
  }
};

/**
 * Translates every input, as far as the disk goes, and gives how many failed; a full disk ends it at once. The result
 * of `a.jpg` is `a.png`; where an image gives several, `a-dog.png`, `a-2.png` or `a-dog-2.png`.
 */
export const translateFiles = async (
  job: TranslationJob,
): Promise<Either<TrainingError, number>> => {
  const { inputs, variants, folder, listener, signal } = job;
  try {
    makeFolder(folder);
  } catch (thrown) {
    return left(diskError(folder, thrown));
  }
  const real = new Set(await Promise.all(inputs.flat().map((input) => reality(resolve(input)))));
  const names = outputNames(
    inputs.flatMap(([input = ""]) => variants.map(({ suffix }) => ({ input, suffix }))),
  );
  let failed = 0;
  for (const [i, files] of inputs.entries()) {
    if (signal.aborted) break;
    const [input = ""] = files;
    const outputs = variants.map((_, v) => join(folder, names[i * variants.length + v] ?? ""));
    const outcome = await outcomeOf(job, files, outputs, real);
    if (!isLeft(outcome))
      for (const output of outputs) listener({ kind: "written", input, output });
    else if (outcome.left.kind === "disk-full") return outcome;
    else {
      failed++;
      listener({ kind: "failed", input, reason: describe(outcome.left) });
    }
  }
  return right(failed);
};
