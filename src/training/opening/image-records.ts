/** What a run records of its images when it first sees them. */
import { recordOf } from "../../base/record.js";
import type { Dataset } from "../../data/sets/source.js";
import { imageDomains, type SpecProgram } from "../program/program.js";
import { encodeImages, imagesOf } from "../run-directory/images.js";
import { encodeKnownImages, knownImagesOf } from "../run-directory/known-images.js";
import type { Manifest } from "../run-directory/manifest.js";

/** Lists class names by domain, for images filed by class. */
const classNames = ({ train }: Dataset): Manifest["data"]["classes"] => {
  const named = Object.entries(train).flatMap(([domain, { classes }]) =>
    classes === undefined ? [] : [[domain, classes] as const],
  );
  return named.length === 0 ? undefined : recordOf(named);
};

/** Makes the contents of `images.json`, if images are files, and of `traits.json`. */
export const recordsOf = async (
  run: string,
  dataset: Dataset,
  program: Pick<SpecProgram, "domains" | "draws">,
) => {
  const noted = await imagesOf(run, dataset);
  return {
    images: noted === undefined ? undefined : encodeImages(noted),
    traits: encodeKnownImages(await knownImagesOf(run, dataset, imageDomains(program))),
    classes: classNames(dataset),
  };
};
