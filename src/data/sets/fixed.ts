/** Images without random draws: for sample grids, translation and evaluation. */

import { type Either, isLeft, isRight, left, mapLeft, right } from "fp-ts/lib/Either.js";
import { recordOf } from "../../base/record.js";
import type { HostTensor } from "../../contracts/tensor.js";
import type { Domain } from "../../program/model.js";
import type { BrokenImage, DataError } from "../files/errors.js";
import { formatNames } from "../files/formats.js";
import { readImage } from "../images/decode.js";
import { type Raster, type RawImage, toChannels, toTensor, withChannels } from "../images/image.js";
import { inLevels } from "../images/numbers.js";
import { sized } from "../images/resize.js";
import type { Dataset, ImageSource } from "./source.js";

/**
 * Resizes the whole image to the domain's size and channels, not keeping its aspect ratio, as
 * networks see images in training (the official test code resizes the same way): bicubically, or
 * by nearest pixels where the domain's augmentation says so.
 */
export const fitDomain = (image: RawImage, { shape, nearest }: Domain): RawImage => {
  const [height, width, channels] = shape;
  return withChannels(sized(image, { height, width, nearest }), channels === 1 ? 1 : 3);
};

/**
 * Fits an image of any numbers and channels, as `fitDomain` does. The left side is the reason why
 * it cannot.
 */
export const fitRaster = (image: Raster, domain: Domain): Either<string, Raster> => {
  const levels = inLevels(image, domain.range);
  if (isLeft(levels)) return levels;
  const [height, width, channels] = domain.shape;
  return toChannels(sized(levels.right, { height, width, nearest: domain.nearest }), channels);
};

/** Some images of one domain. */
export interface FixedImages {
  readonly ids: readonly string[];
  /** `[n, h, w, c]` in the domain's range. */
  readonly images: HostTensor;
  /** Class of each image, from 0, if images are filed by class. */
  readonly classes?: readonly number[] | undefined;
}

const none = (source: ImageSource, reason: string): DataError => ({
  kind: "no-readable-image",
  path: source.name,
  reason,
  hint: "Check that the images are still there.",
});

const classesIn = (source: ImageSource, chosen: readonly number[]): FixedImages["classes"] =>
  source.classOf === undefined ? undefined : chosen.map((i) => source.classOf?.(i) ?? 0);

/**
 * Loads up to `count` readable images spread evenly over a source, always the same ones. A broken
 * image gives way to the next.
 */
export const sampleImages = async (
  source: ImageSource,
  domain: Domain,
  count: number,
): Promise<Either<DataError, FixedImages>> => {
  const chosen = new Map<number, Raster>();
  const broken = new Set<number>();
  let first: string | undefined;
  const wanted = Math.min(count, source.size);
  for (let k = 0; k < wanted; k++)
    for (let attempt = 0; attempt < source.size; attempt++) {
      const i = (Math.floor((k * source.size) / wanted) + attempt) % source.size;
      if (chosen.has(i) || broken.has(i)) continue;
      const loaded = await source.load(i);
      const fitted = isLeft(loaded) ? left(loaded.left.reason) : fitRaster(loaded.right, domain);
      if (isLeft(fitted)) {
        broken.add(i);
        first ??= `${source.id(i)}: ${fitted.left}`;
        continue;
      }
      chosen.set(i, fitted.right);
      break;
    }
  const images = [...chosen.values()];
  return images.length === 0
    ? left(none(source, `none of its ${source.size} images can be read (${first})`))
    : right({
        ids: [...chosen.keys()].map((i) => source.id(i)),
        classes: classesIn(source, [...chosen.keys()]),
        images: toTensor(images, domain.range),
      });
};

/**
 * Loads the same few images of each domain every time, for sample grids: from the test split if
 * there is one, else from the training split. Fewer than `count` if there are not enough.
 */
export const preview = async (
  dataset: Dataset,
  domains: readonly Domain[],
  count: number,
): Promise<Either<DataError, Readonly<Record<string, FixedImages>>>> => {
  const chosen = recordOf<FixedImages>([]);
  for (const domain of domains) {
    const source = dataset.test?.[domain.name] ?? dataset.train[domain.name];
    if (source === undefined)
      return left({
        kind: "wrong-domains",
        path: `domain ${domain.name}`,
        reason: `the data set ${dataset.name} has no images of it`,
        hint: "Name a folder for each domain of the spec.",
      });
    const images = await sampleImages(source, domain, count);
    if (isLeft(images)) return images;
    chosen[domain.name] = images.right;
  }
  return right(chosen);
};

export interface TranslationInput {
  /** `[1, h, w, c]` in the domain's range. */
  readonly image: HostTensor;
  /** In pixels, after the file is turned upright. */
  readonly original: { readonly width: number; readonly height: number };
}

/**
 * Loads a user's image for a network that reads `domain`, stretched to the domain's size as in
 * training. The network's result has its own domain's size; `resize(result, original.height,
 * original.width)` restores the proportions.
 */
export const forTranslation = async (
  file: string,
  domain: Domain,
): Promise<Either<DataError, TranslationInput>> => {
  const read = await readImage(file);
  if (isLeft(read))
    return left({
      kind: "unreadable-image",
      path: file,
      reason: read.left.reason,
      hint: `Give a ${formatNames} file.`,
    });
  const { width, height, full = { width, height } } = read.right;
  const fitted = fitRaster(read.right, domain);
  return isLeft(fitted)
    ? left({
        kind: "unreadable-image",
        path: file,
        reason: fitted.left,
        hint: "Give another file.",
      })
    : right({ image: toTensor([fitted.right], domain.range), original: full });
};

export interface HiddenPairs {
  /** Id of each pair: that of the first domain's image. */
  readonly ids: readonly string[];
  /** By domain: row k of every tensor shows the same thing. */
  readonly images: Readonly<Record<string, HostTensor>>;
  /** For domains whose test images are filed by class: the class of each row, from 0. */
  readonly classes: Readonly<Record<string, readonly number[]>>;
  readonly skipped: readonly BrokenImage[];
}

/** Loads image i of a source and fits it as `fitRaster` does. */
export const loadFitted = async (
  source: ImageSource,
  domain: Domain,
  i: number,
): Promise<Either<BrokenImage, Raster>> => {
  const loaded = await source.load(i);
  if (isLeft(loaded)) return loaded;
  const id = source.id(i);
  return mapLeft((reason: string): BrokenImage => {
    return { kind: "broken-image", id, path: `${source.name}/${id}`, reason };
  })(fitRaster(loaded.right, domain));
};

/** Loads the paired test images for evaluation. Undefined if the data set has no hidden pairing. */
export const hiddenPairs = async (
  dataset: Dataset,
  domains: readonly Domain[],
): Promise<HiddenPairs | undefined> => {
  const { pairs, test } = dataset;
  if (pairs === undefined || test === undefined) return undefined;
  const ids: string[] = [];
  const skipped: BrokenImage[] = [];
  const images = domains.map((): Raster[] => []);
  const places: Readonly<Record<string, number>>[] = [];
  for (const pair of pairs) {
    const loaded = await Promise.all(
      domains.flatMap((domain) => {
        const source = test[domain.name];
        return source === undefined ? [] : [loadFitted(source, domain, pair[domain.name] ?? 0)];
      }),
    );
    skipped.push(...loaded.flatMap((image) => (isLeft(image) ? [image.left] : [])));
    const whole = loaded.flatMap((image) => (isRight(image) ? [image.right] : []));
    if (whole.length < domains.length) continue;
    const first = domains[0]?.name ?? "";
    places.push(pair);
    ids.push(test[first]?.id(pair[first] ?? 0) ?? "");
    for (const d of domains.keys()) {
      const image = whole[d];
      if (image !== undefined) images[d]?.push(image);
    }
  }
  const tensors = domains.map(
    ({ name, range }, d) => [name, toTensor(images[d] ?? [], range)] as const,
  );
  const filed = domains.flatMap(({ name }) => {
    const source = test[name];
    const chosen = places.map((pair) => pair[name] ?? 0);
    const classes = source && classesIn(source, chosen);
    return classes === undefined ? [] : [[name, classes] as const];
  });
  return { ids, images: recordOf(tensors), classes: recordOf(filed), skipped };
};
