/** Summarises a set of images from a few of them. */
import { isRight } from "fp-ts/lib/Either.js";
import { extent, type Raster } from "../images/image.js";
import type { ImageSource } from "./source.js";

export interface Survey {
  /** All images of the source, including those not read. */
  readonly count: number;
  /** Number of images decoded, at least 1. */
  readonly seen: number;
  /** Medians, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Median of the shorter sides in pixels. An image of this side loses nothing. */
  readonly side: number;
  /**
   * Number of images seen with red, green and blue equal in every pixel, apart from a codec's
   * rounding.
   */
  readonly grey: number;
}

/** Images decoded. Each takes milliseconds, and this many are enough. */
const sampled = 16;

/**
 * Most difference, of 255, between the channels of a grey image stored as colour by a lossy codec.
 */
const rounding = 4;

/** Tells whether red, green and blue are equal in every pixel, apart from a codec's rounding. */
export const isGrey = ({ channels, data, isUnscaled }: Raster): boolean => {
  if (channels !== 3) return channels === 1;
  const [low, high] = isUnscaled === true ? extent(data) : [0, 255];
  const margin = (rounding * (high - low)) / 255;
  for (let i = 0; i < data.length; i += 3) {
    const [red = 0, green = 0, blue = 0] = [data[i], data[i + 1], data[i + 2]];
    if (Math.max(red, green, blue) - Math.min(red, green, blue) > margin) return false;
  }
  return true;
};

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** Surveys a source. Undefined if none of the images sampled can be read. */
export const survey = async (source: ImageSource): Promise<Survey | undefined> => {
  const count = Math.min(source.size, sampled);
  const images: Raster[] = [];
  for (let i = 0; i < count; i++) {
    const loaded = await source.load(Math.floor((i * source.size) / count));
    if (isRight(loaded)) images.push(loaded.right);
  }
  return images.length === 0
    ? undefined
    : {
        count: source.size,
        seen: images.length,
        width: median(images.map(({ width }) => width)),
        height: median(images.map(({ height }) => height)),
        side: median(images.map(({ width, height }) => Math.min(width, height))),
        grey: images.filter(isGrey).length,
      };
};
