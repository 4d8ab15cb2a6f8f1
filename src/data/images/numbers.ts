/** Numbers of files that are no 8-bit levels: which range they are taken to be of, and how they become levels. */
import { type Either, left, right } from "fp-ts/lib/Either.js";
import { extent, type Raster } from "./image.js";

/** What an image file holds, whatever the type of its numbers. */
export interface Numbers {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** Row-major, channels interleaved. */
  readonly data: Uint8Array | Uint16Array | Float32Array | Float64Array;
}

/** As the file has them: whole numbers fill the range of their type, fractions wait for the range of a domain. */
export const rasterOf = ({ data, ...size }: Numbers): Raster => {
  if (data instanceof Uint8Array) return { ...size, data };
  if (data instanceof Uint16Array)
    return { ...size, data: Float32Array.from(data, (value) => value / 257) };
  return { ...size, data: Float32Array.from(data), isUnscaled: true };
};

const short = (value: number): string => String(Number(value.toPrecision(4)));

/** `from -0.98 to 1`. */
export const spanText = ([low, high]: readonly [number, number]): string =>
  `from ${short(low)} to ${short(high)}`;

/** Of numbers in single precision, the last bit. */
const slack = 1e-6;

/** Why no range can hold the image's numbers; nothing where one can. */
export const strayIn = ({ isUnscaled, data }: Raster): string | undefined =>
  isUnscaled === true && extent(data).some((value) => !Number.isFinite(value))
    ? "some of its numbers are none (NaN) or infinite"
    : undefined;

/**
 * The image in levels, `range` being what its numbers go from and to; itself where it is in levels already. Nothing is
 * clipped: the left side is the reason where a number lies outside.
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
      `its numbers go ${spanText(found)}, and fractions must all lie in [0, 1], or in the domain's range, as [${low}, ${high}] here: rescale them before, or give the domain that range`,
    );
  const { isUnscaled: _, ...levels } = image;
  const factor = 255 / (high - low);
  const data = Float32Array.from(image.data as Float32Array, (value) =>
    Math.min(255, Math.max(0, (value - low) * factor)),
  );
  return right({ ...levels, data });
};
