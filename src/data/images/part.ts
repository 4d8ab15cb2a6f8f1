/**
 * Pictures that hold partners side by side, A|B, as the `aligned` data sets of
 * pytorch-CycleGAN-and-pix2pix do: which part is meant, and the part of an image.
 */
import { type Either, isLeft, left, map, right } from "fp-ts/lib/Either.js";
import { crop } from "./geometry.js";
import type { Raster } from "./image.js";
import type { Picture } from "./picture.js";
import type { Pixels } from "./pixels.js";

/** One of several parts of equal width. */
export interface Part {
  /** Counted from the left, from 1. */
  readonly place: number;
  readonly of: number;
}

/** A path, and which part of each picture there is meant. */
export interface Placed {
  readonly path: string;
  readonly part?: Part;
}

/** Most parts of a picture. */
const mostParts = 16;

const partOf = (word: string): Part | undefined => {
  if (word === "left") return { place: 1, of: 2 };
  if (word === "right") return { place: 2, of: 2 };
  const [, place = 0, of = 0] = (/^(\d+)of(\d+)$/.exec(word) ?? []).map(Number);
  return 1 <= place && place <= of && of <= mostParts ? { place, of } : undefined;
};

/** Reads `train:left`, `train:right`, and of more parts `train:2of3`; other paths as they are. */
export const placed = (place: string): Placed => {
  const [, path = place, word = ""] = /^(.+):(left|right|\d+of\d+)$/s.exec(place) ?? [];
  const part = partOf(word);
  return part === undefined ? { path: place } : { path, part };
};

/** `left`, `right`, or `2of3`: what stands behind the colon. */
export const partName = ({ place, of }: Part): string =>
  of === 2 ? (place === 1 ? "left" : "right") : `${place}of${of}`;

/** Writes a path with its part. */
export const placeText = ({ path, part }: Placed): string =>
  part === undefined ? path : `${path}:${partName(part)}`;

/** The columns of a part in a picture of that width, or the reason why it has no such parts. */
const columns = (wide: number, { place, of }: Part): Either<string, readonly [number, number]> =>
  wide % of === 0
    ? right([((place - 1) * wide) / of, wide / of])
    : left(`it is ${wide} pixels wide, which ${of} pictures side by side cannot be`);

/**
 * Cuts out a part: columns (place - 1) w to place w, w = width / of. The left side is the reason
 * why the picture has no such parts.
 */
export const cutPart = (image: Raster, part: Part | undefined): Either<string, Raster> => {
  if (part === undefined) return right(image);
  const { full, height } = image;
  const found = columns(full?.width ?? image.width, part);
  if (isLeft(found)) return found;
  const [, own] = found.right;
  // A huge picture was shrunk, and its parts too.
  const width = Math.floor(image.width / part.of);
  const cut = crop(image, 0, (part.place - 1) * width, height, width);
  return right({
    ...image,
    ...cut,
    ...(full === undefined ? {} : { full: { ...full, width: own } }),
  });
};

/** Cuts out a part of a picture that is translated, as `cutPart` does. */
export const cutPicture = (picture: Picture, part: Part): Either<string, Picture> => {
  const { pixels, alpha, noted } = picture;
  const { height, width } = pixels;
  return map(([from, own]: readonly [number, number]): Picture => {
    const of = <A extends Pixels["data"]>(data: A, channels: 1 | 3) =>
      crop({ width, height, channels, data }, 0, from, height, own);
    const cut = { ...pixels, ...of(pixels.data, pixels.channels) };
    return { pixels: cut, noted, ...(alpha === undefined ? {} : { alpha: of(alpha, 1).data }) };
  })(columns(width, part));
};
