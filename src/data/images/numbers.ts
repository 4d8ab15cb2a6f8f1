/**
 * Numbers of files that are not 8-bit levels: the range they are taken to have, and their
 * conversion to levels.
 */
import { type Either, left, right } from "fp-ts/lib/Either.js";
import { extent, type Raster } from "./image.js";

/** The contents of an image file, whatever the type of its numbers. */
export interface Numbers {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Row-major, channels interleaved. */
  readonly data: Uint8Array | Uint16Array | Float32Array | Float64Array;
}

/**
 * Makes an image of a file's numbers. Integers fill the range of their type; fractions wait for a
 * domain's range.
 */
export const rasterOf = ({ data, ...size }: Numbers): Raster => {
  if (data instanceof Uint8Array) return { ...size, data };
  if (data instanceof Uint16Array)
    return { ...size, data: Float32Array.from(data, (value) => value / 257) };
  return { ...size, data: Float32Array.from(data), isUnscaled: true };
};

const short = (value: number): string => String(Number(value.toPrecision(4)));

/** Writes a span: `from -0.98 to 1`. */
export const spanText = ([low, high]: readonly [number, number]): string =>
  `from ${short(low)} to ${short(high)}`;

/** Tolerance: the last bit of single precision. */
const slack = 1e-6;

/** Returns the reason why no range can hold the image's numbers, or undefined. */
export const strayIn = ({ isUnscaled, data }: Raster): string | undefined =>
  isUnscaled === true && extent(data).some((value) => !Number.isFinite(value))
    ? "some of its numbers are NaN or infinite"
    : undefined;

/**
 * Converts an image to levels, where its numbers span `range`. Returns it unchanged if it is in
 * levels already. Nothing is clipped; the left side is the reason if a number lies outside.
 */
export const inLevels = (
  image: Raster,
  [low, high]: readonly [number, number],
): Either<string, Raster> => {
  if (image.isUnscaled !== true) return right(image);
  const stray = strayIn(image);
  if (stray !== undefined) return left(stray);
  const found = extent(image.data);
  const margin = slack * (high - low);
  if (found[0] < low - margin || found[1] > high + margin)
    return left(
      `its numbers go ${spanText(found)}, but fractions must all lie in [0, 1] or in the domain's range, here [${low}, ${high}]: rescale them first, or give the domain that range`,
    );
  const { isUnscaled: _, ...levels } = image;
  const factor = 255 / (high - low);
  const data = Float32Array.from(image.data as Float32Array, (value) =>
    Math.min(255, Math.max(0, (value - low) * factor)),
  );
  return right({ ...levels, data });
};
