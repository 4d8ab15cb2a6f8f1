/**
 * Augmentation: brings an image of any size to its domain's shape, by the spec's chain and given
 * draws.
 */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { pick, type Stream, stream } from "../../base/random.js";
import { augmentStages } from "../../operators/augmentations.js";
import type { AugmentStage, Domain } from "../../program/model.js";
import type { DataError } from "../files/errors.js";
import { type Change, changeColours } from "../images/colours.js";
import { crop, cutSquare, flip, rotate } from "../images/geometry.js";
import { type Raster, toChannels } from "../images/image.js";
import { sized } from "../images/resize.js";

/** The draws for one image. */
export interface AugmentDraws {
  /** Of stages that move pixels: the n-th of them, from 0, reads counters 2n and 2n + 1. */
  readonly places: Stream;
  /** Of other stages: the n-th of a kind reads from counter 8n on. */
  readonly of: (kind: string, isShared: boolean) => Stream;
}

/**
 * Returns the draws for one image, sample `index` (its place in the epoch, from 0) of the draw
 * `key`, which is drawn together with `lead`. What moves pixels is the same for all partners.
 */
export const augmentDraws = (
  seed: number,
  lead: string,
  epoch: number,
  index: number,
  key = lead,
): AugmentDraws => ({
  places: stream(seed, `augment/${lead}/${epoch}/${index}`),
  of: (kind, isShared) =>
    stream(seed, `augment/${isShared ? lead : key}/${epoch}/${index}/${kind}`),
});

const isMoving = ({ kind }: AugmentStage): boolean => augmentStages.get(kind)?.moves === true;

/** What partners get alike, of stages that move no pixels. */
const isShared = (stage: AugmentStage): boolean =>
  stage.kind === "color_jitter" ? stage.shared === true : true;

/** The changes of `color_jitter` that are asked for, in an order drawn from counter at + 4. */
const colourChanges = (
  { brightness, contrast, saturation, hue }: Extract<AugmentStage, { kind: "color_jitter" }>,
  draws: Stream,
  at: number,
): readonly Change[] => {
  const strengths = [brightness, contrast, saturation, hue];
  const order = strengths.map((_, kind) => kind);
  for (let i = 3; i > 0; i--) {
    const j = pick(draws, at + 7 - i, i + 1);
    [order[i], order[j]] = [order[j] ?? 0, order[i] ?? 0];
  }
  return order.flatMap((kind) => {
    const most = strengths[kind] ?? 0;
    if (most === 0) return [];
    const [low, high] = kind === 3 ? [-most, most] : [Math.max(0, 1 - most), 1 + most];
    return { kind, by: low + (high - low) * draws(at + kind) };
  });
};

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
      return right(sized(image, stage));
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
    case "random_rotation": {
      const { degrees, fill = false, nearest = false } = stage;
      const turn = { degrees: degrees * (2 * draws(at) - 1), fill, nearest };
      return right(rotate(image, turn));
    }
    case "color_jitter":
      return right(changeColours(image, colourChanges(stage, draws, at)));
    case "cutout": {
      const y = pick(draws, at, image.height);
      const x = pick(draws, at + 1, image.width);
      return right(cutSquare(image, y, x, stage.size));
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
  draws: AugmentDraws,
  first = 0,
): Either<string, Raster> => {
  let current = image;
  for (const [s, stage] of stages.entries()) {
    if (s < first) continue;
    const before = stages.slice(0, s);
    const next = isMoving(stage)
      ? apply(stage, current, draws.places, 2 * before.filter(isMoving).length)
      : apply(
          stage,
          current,
          draws.of(stage.kind, isShared(stage)),
          8 * before.filter(({ kind }) => kind === stage.kind).length,
        );
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
    if (!("height" in stage)) continue;
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
    if (!("height" in stage)) continue;
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
