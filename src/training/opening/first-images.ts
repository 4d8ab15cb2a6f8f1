/** Runs that know no images yet, as imported ones: they get them when they first train. */
import { type Either, isLeft, right } from "fp-ts/lib/Either.js";
import { realDisk, writeAtomically } from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";
import { imageDomains, type SpecProgram } from "../program/program.js";
import type { DataOrigin, Manifest } from "../run-directory/manifest.js";
import type { RunDirectory } from "../run-directory/run-directory.js";
import type { Material } from "./begin.js";
import { recordsOf } from "./image-records.js";

/** Tells whether a run has never seen images. */
export const isWithoutImages = ({ hash }: Pick<Manifest["data"], "hash">): boolean => hash === "";

/** Tells whether a run would need images that nobody has named. */
export const lacksImages = (
  data: Pick<Manifest["data"], "hash">,
  program: Pick<SpecProgram, "domains" | "draws">,
): boolean => isWithoutImages(data) && imageDomains(program).length > 0;

/** Asks for the images, by domain. */
export const nameImages = (program: Pick<SpecProgram, "domains" | "draws">): string => {
  const words = imageDomains(program).map(({ name }) => `${name}=FOLDER`);
  return `This run was imported, and knows no images yet. Name them: --data FOLDER (with trainA and trainB in it), or --data ${words.join(" ")}`;
};

/** Writes the records of the images, and returns the manifest that names them. */
export const withFirstImages = async (
  { manifest, ...run }: RunDirectory,
  origin: DataOrigin,
  program: Pick<SpecProgram, "domains" | "draws">,
  { dataset, data }: Pick<Material, "dataset" | "data">,
): Promise<Either<TrainingError, Manifest>> => {
  const { images, traits, classes } = await recordsOf(manifest.run, dataset, program);
  for (const [path, bytes] of [
    [run.images, images?.bytes],
    [run.traits, traits],
  ] as const) {
    const written =
      bytes === undefined ? right(undefined) : await writeAtomically(realDisk, path, bytes);
    if (isLeft(written)) return written;
  }
  const { description, stepsPerEpoch } = data;
  return right({
    ...manifest,
    data: {
      ...manifest.data,
      origin,
      description,
      hash: dataset.hash,
      stepsPerEpoch,
      classes,
      images: images?.fingerprint,
    },
  });
};
