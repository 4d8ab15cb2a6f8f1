/** Adapts data sets to runs: opens them by origin, and makes batches and previews. */

import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { recordOf } from "../../base/record.js";
import type { HostTensor } from "../../contracts/tensor.js";
import { openFeed } from "../../data/batches/batches.js";
import { type DataError, describeDataError } from "../../data/files/errors.js";
import { checkSizes } from "../../data/sets/checked-sizes.js";
import { openEmoji } from "../../data/sets/emoji.js";
import { preview } from "../../data/sets/fixed.js";
import { openFolders } from "../../data/sets/folders.js";
import { type HoldOut, holdOut } from "../../data/sets/hold-out.js";
import type { Dataset, Remembered } from "../../data/sets/source.js";
import type { TrainingError } from "../files/errors.js";
import { watchedCount } from "../monitors/look.js";
import type { TrainingData } from "../program/data.js";
import { classesOf, imageDomains, type SpecProgram } from "../program/program.js";
import type { DataOrigin } from "../run-directory/manifest.js";
import { previewCount } from "../translation/sample.js";

/**
 * Returns the size at which emoji are drawn: that of the largest resize, so that nothing is
 * enlarged, else the domain's.
 */
const emojiSize = ({ domains, recipe }: SpecProgram): number => {
  const stages = Object.values(recipe.augment).flat();
  const sizes = stages.flatMap((stage) => (stage.kind === "resize" ? [stage.height] : []));
  return sizes.length > 0 ? Math.max(...sizes) : (domains[0]?.shape[0] ?? 64);
};

const dataError = (error: DataError): TrainingError => ({
  kind: "data",
  reason: describeDataError(error),
});

const openOrigin = (
  origin: DataOrigin,
  program: SpecProgram,
  remembered: Remembered | undefined,
): Promise<Either<DataError, Dataset>> => {
  const domains = imageDomains(program).map(({ name }) => name);
  switch (origin.kind) {
    case "emoji":
      return openEmoji(domains, { size: emojiSize(program) });
    case "folder":
      return openFolders(origin.path, domains, classesOf(program), remembered);
    case "folders":
      return openFolders(origin.paths, domains, classesOf(program), remembered);
  }
};

/**
 * Opens the images of a spec's domains, for a resumed run the `remembered` ones, and holds some out
 * of training if `held` says so. Decodes one image of each folder now.
 */
export const openDataset = async (
  origin: DataOrigin,
  program: SpecProgram,
  remembered?: Remembered,
  held?: HoldOut,
): Promise<Either<TrainingError, Dataset>> => {
  const opened = await openOrigin(origin, program, remembered);
  if (isLeft(opened)) return left(dataError(opened.left));
  if (held === undefined) return opened;
  const split = holdOut(opened.right, held, remembered?.held);
  return isLeft(split) ? left(dataError(split.left)) : split;
};

/**
 * Makes the batches and previews for training. They depend only on the seed, not on the machine.
 */
export const trainingData = async (
  dataset: Dataset,
  program: Pick<SpecProgram, "domains" | "recipe" | "repetitions" | "draws">,
  seed: number,
): Promise<Either<TrainingError, TrainingData>> => {
  const { domains, recipe, repetitions, draws } = program;
  const { augment, batch } = recipe;
  const feed = openFeed({ dataset, domains, augment, batch, seed, repetitions, draws });
  if (isLeft(feed)) return left(dataError(feed.left));
  const sized = await checkSizes(dataset.train, imageDomains(program), augment);
  if (isLeft(sized)) return left(dataError(sized.left));
  const shown = await preview(dataset, imageDomains(program), previewCount);
  if (isLeft(shown)) return left(dataError(shown.left));
  const watched = await preview(dataset, imageDomains(program), watchedCount);
  if (isLeft(watched)) return left(dataError(watched.left));
  const tensorsOf = (images: typeof shown.right): TrainingData["preview"] =>
    recordOf(
      Object.entries(images).map(([name, fixed]): [string, HostTensor] => [name, fixed.images]),
    );
  return right({
    description: dataset.describe(),
    hash: dataset.hash,
    stepsPerEpoch: feed.right.stepsPerEpoch,
    streams: feed.right.streams,
    notices: [...(dataset.notices ?? []), ...feed.right.notices],
    preview: tensorsOf(shown.right),
    watched: tensorsOf(watched.right),
    epoch: feed.right.epoch,
  });
};
