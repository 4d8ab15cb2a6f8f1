/**
 * Translates files with a trained network. One broken image does not stop the others, and no input
 * is overwritten.
 */
import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { reasonOf } from "../../data/files/errors.js";
import { cutPicture } from "../../data/images/part.js";
import { type Picture, readPicture } from "../../data/images/picture.js";
import { encodePicture, endingOf, type OutputOptions } from "../../data/images/picture-file.js";
import { diskError, makeFolder, type RawDisk, realDisk, writeAtomically } from "../files/disk.js";
import { describe, type TrainingError } from "../files/errors.js";
import { classCount, draws, imageInputs, type Translator } from "../program/translators.js";
import { type KnownImages, unlikeWords } from "../run-directory/known-images.js";
import type { FoundFile } from "./expand.js";
import { temporaryPlace } from "./maps.js";
import { outputNames } from "./output-names.js";
import { type Applied, translatePictures } from "./picture-translation.js";
import { Interrupted } from "./tiled.js";

export interface Variant {
  /** Class from 0. */
  readonly only: number;
  readonly draw: number;
  /** Suffix of the image's name: `-dog`, `-2`, `-dog-2`; empty if there is one variant. */
  readonly suffix: string;
}

/** Lists the results of one image: one for each class and draw. */
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
    // A class name may contain characters that file names cannot.
    const name = (classes[of] ?? String(of)).replace(/[/\\:*?"<>|]/g, "_");
    const behind = only === undefined && classes.length > 1 ? `-${name}` : "";
    return Array.from({ length: repeats }, (_, draw) => ({
      only: of,
      draw,
      suffix: repeats > 1 ? `${behind}-${draw + 1}` : behind,
    }));
  });
};

export interface TranslationJob extends Applied {
  /** For each result, a file for each image input in order. The first names the result. */
  readonly inputs: readonly (readonly FoundFile[])[];
  readonly variants: readonly Variant[];
  readonly seed: number;
  readonly folder: string;
  /** Whether to overwrite existing files. Otherwise results avoid them: `a-2.png`. */
  readonly overwrites: boolean;
  readonly output: OutputOptions;
  /** Whether results keep a picture's metadata and colour profile. */
  readonly keepsNotes: boolean;
  /** Traits of the training images, if the run recorded them. */
  readonly known?: KnownImages | undefined;
  readonly signal: AbortSignal;
  readonly raw?: RawDisk;
  readonly listener: (event: TranslationEvent) => void;
}

export type TranslationEvent =
  | { readonly kind: "begun"; readonly input: string; readonly index: number }
  | { readonly kind: "written"; readonly input: string; readonly output: string }
  | { readonly kind: "unlike"; readonly input: string; readonly words: string }
  | { readonly kind: "failed"; readonly input: string; readonly reason: string };

/** Reads the pictures of one result, in the network's order. */
const readAll = async (
  { translator }: TranslationJob,
  files: readonly FoundFile[],
): Promise<Either<TrainingError, readonly Picture[]>> => {
  const pictures: Picture[] = [];
  for (const [k, { name }] of imageInputs(translator).entries()) {
    const { path, part }: Partial<FoundFile> = files[k] ?? {};
    const refused = (reason: string): Either<TrainingError, never> =>
      left({ kind: "data", reason: `${k === 0 ? "" : `its ${name}, ${path}: `}${reason}` });
    const read = await readPicture(path ?? "");
    if (isLeft(read)) return refused(read.left.reason);
    const cut = part === undefined ? read : cutPicture(read.right, part);
    if (isLeft(cut)) return refused(`${cut.left}`);
    pictures.push(cut.right);
  }
  return right(pictures);
};

/** Translates one set of input images in every variant. */
const translateOne = async (
  job: TranslationJob,
  files: readonly FoundFile[],
  outputs: readonly string[],
): Promise<Either<TrainingError, void>> => {
  const { variants, seed, output, keepsNotes, known, listener, raw = realDisk } = job;
  const pictures = await readAll(job, files);
  if (isLeft(pictures)) return pictures;
  const input = files[0]?.path ?? "";
  if (known !== undefined)
    for (const words of unlikeWords(known, job.translator, pictures.right))
      listener({ kind: "unlike", input, words });
  const stream = `translate/${basename(input)}`;
  for (const [v, { only, draw }] of variants.entries()) {
    const made = await translatePictures(job, pictures.right, { only, draw, seed, stream });
    if (isLeft(made)) return left({ kind: "engine", reason: made.left });
    const picture = keepsNotes ? made.right : { ...made.right, noted: {} };
    const path = outputs[v] ?? "";
    try {
      makeFolder(dirname(path));
    } catch (thrown) {
      return left(diskError(dirname(path), thrown));
    }
    const written = await writeAtomically(raw, path, [await encodePicture(picture, output)]);
    if (isLeft(written)) return written;
  }
  return right(undefined);
};

/** Resolves links as far as the path exists. */
const reality = async (path: string): Promise<string> =>
  realpath(path).catch(async () =>
    dirname(path) === path ? path : join(await reality(dirname(path)), basename(path)),
  );

/** Translates one set of inputs and returns errors as values. Undefined if it was interrupted. */
const outcomeOf = async (
  job: TranslationJob,
  files: readonly FoundFile[],
  outputs: readonly string[],
  inputs: ReadonlySet<string>,
): Promise<Either<TrainingError, void> | undefined> => {
  for (const output of outputs)
    if (inputs.has(await reality(resolve(output))))
      return left({
        kind: "usage",
        reason: `its translation would overwrite ${output}; choose another folder with --out`,
      });
  try {
    return await translateOne(job, files, outputs);
  } catch (thrown) {
    if (thrown instanceof Interrupted) return undefined;
    // Errors of the system have a code of letters: usually temporary files found no space.
    const { code } = thrown as NodeJS.ErrnoException;
    return /^E[A-Z]+$/.test(code ?? "")
      ? left(diskError(temporaryPlace(), thrown))
      : left({ kind: "engine", reason: reasonOf(thrown) });
  }
};

/** Returns the path of each variant of every input. */
const outputsOf = ({
  inputs,
  variants,
  folder,
  overwrites,
  output,
}: TranslationJob): readonly string[] =>
  outputNames(
    inputs.flatMap(([first]) =>
      variants.map(({ suffix }) => ({
        input: first?.path ?? "",
        suffix,
        folder: first?.folder ?? "",
      })),
    ),
    endingOf[output.format],
    overwrites ? undefined : (path) => existsSync(join(folder, path)),
  ).map((path) => join(folder, path));

/**
 * Translates every input and returns how many failed; a full disk ends it at once. The result of
 * `a.jpg` is `a.png`; several results are `a-dog.png`, `a-2.png` or `a-dog-2.png`. Sub-folders are
 * preserved.
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
  const real = new Set(await Promise.all(inputs.flat().map(({ path }) => reality(resolve(path)))));
  const paths = outputsOf(job);
  let failed = 0;
  for (const [i, files] of inputs.entries()) {
    if (signal.aborted) break;
    const input = files[0]?.path ?? "";
    listener({ kind: "begun", input, index: i });
    const outputs = paths.slice(i * variants.length, (i + 1) * variants.length);
    const outcome = await outcomeOf(job, files, outputs, real);
    if (outcome === undefined) break;
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
