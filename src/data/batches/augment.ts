/**
 * Augmentation: brings an image of any size to its domain's shape, by the spec's chain and given
 * draws.
 */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { pick, type Stream, stream } from "../../base/random.js";
import type { AugmentStage, Domain } from "../../program/model.js";
import type { DataError } from "../files/errors.js";
import { crop, flip } from "../images/geometry.js";
import { type Raster, toChannels } from "../images/image.js";
import { resize } from "../images/resize.js";

/**
 * Returns the draws for one image, sample `index` (its place in the epoch, from 0) of a domain.
 * Stage s of the chain reads counters 2s and 2s + 1.
 */
export const augmentDraws = (seed: number, domain: string, epoch: number, index: number): Stream =>
  stream(seed, `augment/${domain}/${epoch}/${index}`);

const size = (height: number, width: number): string => `${height} x ${width}`;

/**
 * Applies one stage; `at` is its first counter. The left side is the reason why the image does not
 * fit.
 */
const apply = (
  stage: AugmentStage,
  image: Raster,
  draws: Stream,
  at: number,
): Either<string, Raster> => {
  switch (stage.kind) {
    case "resize":
      return right(resize(image, stage.height, stage.width));
    case "random_flip":
      return right(draws(at) < 0.5 ? flip(image) : image);
    case "random_crop": {
      const spareRows = image.height - stage.height;
      const spareColumns = image.width - stage.width;
      if (spareRows < 0 || spareColumns < 0)
        return left(
          `${size(image.height, image.width)} pixels are too few for a crop of ${size(stage.height, stage.width)}`,
        );
      const top = pick(draws, at, spareRows + 1);
      const leftmost = pick(draws, at + 1, spareColumns + 1);
      return right(crop(image, top, leftmost, stage.height, stage.width));
    }
  }
};

/** Counts the stages at the start of the chain that draw nothing. Their result may be cached. */
export const fixedStages = (stages: readonly AugmentStage[]): number => {
  const random = stages.findIndex((stage) => stage.kind !== "resize");
  return random < 0 ? stages.length : random;
};

/**
 * Applies the stages from `first` on, then converts to the domain's channels and checks the
 * domain's shape. The left side is the reason why the image does not fit: it is smaller than the
 * crop, or has another size and nothing resizes it.
 */
export const augment = (
  stages: readonly AugmentStage[],
  image: Raster,
  domain: Domain,
  draws: Stream,
  first = 0,
): Either<string, Raster> => {
  let current = image;
  for (const [s, stage] of stages.entries()) {
    if (s < first) continue;
    const next = apply(stage, current, draws, 2 * s);
    if (isLeft(next)) return next;
    current = next.right;
  }
  const [height, width, channels] = domain.shape;
  return current.height === height && current.width === width
    ? toChannels(current, channels)
    : left(
        `${size(current.height, current.width)} pixels where domain ${domain.name} has ${size(height, width)}`,
      );
};

/** An image with the stages that it is about to go through. */
export interface Windowed {
  readonly id: string;
  readonly image: Pick<Raster, "width" | "height">;
  readonly stages: readonly AugmentStage[];
}

/** Describes each crop of a chain by the size that it is cut from and its own size. */
const cuts = ({ image: { width, height }, stages }: Windowed): string => {
  let from = size(height, width);
  const found: string[] = [];
  for (const stage of stages) {
    if (stage.kind === "random_flip") continue;
    const to = size(stage.height, stage.width);
    if (stage.kind === "random_crop") found.push(`${from} -> ${to}`);
    from = to;
  }
  return found.join();
};

const wideAndHigh = ({ width, height }: Windowed["image"]): string => `${width} x ${height}`;

/**
 * Returns the reason why two partners that share their draws would be cropped at different places,
 * or undefined. Two crops lie at the same place if their sizes and the sizes of their images are
 * equal.
 */
export const windowsApart = (one: Windowed, partner: Windowed): string | undefined =>
  cuts(one) === cuts(partner)
    ? undefined
    : `it is ${wideAndHigh(partner.image)} pixels and its partner ${one.id} is ${wideAndHigh(one.image)} (width x height), so that their crops would not match: resize before the crop`;

const mismatch = (domain: Domain, reason: string, hint: string): Either<DataError, never> =>
  left({ kind: "augment-mismatch", path: `domain ${domain.name}`, reason, hint });

/**
 * Checks, without an image, that the chain leads to the domain's shape. A chain that neither
 * resizes nor crops keeps the size of its images, so it passes.
 */
export const checkAugment = (
  stages: readonly AugmentStage[],
  domain: Domain,
): Either<DataError, void> => {
  const [height, width] = domain.shape;
  let known: { height: number; width: number } | undefined;
  for (const stage of stages) {
    if (stage.kind === "random_flip") continue;
    if (
      stage.kind === "random_crop" &&
      known !== undefined &&
      (stage.height > known.height || stage.width > known.width)
    )
      return mismatch(
        domain,
        `a crop of ${size(stage.height, stage.width)} does not fit into the ${size(known.height, known.width)} that the stages before it give`,
        "Resize to something larger before the crop.",
      );
    known = { height: stage.height, width: stage.width };
  }
  return known === undefined || (known.height === height && known.width === width)
    ? right(undefined)
    : mismatch(
        domain,
        `the augment chain ends at ${size(known.height, known.width)} pixels where the domain has ${size(height, width)}`,
        `Let the chain end with random_crop(${height}) or resize(${height}).`,
      );
};
