/** What a set of images looks like, from a few of them. */
import { isRight } from "fp-ts/lib/Either.js";
import { extent, type Raster } from "../images/image.js";
import type { ImageSource } from "./source.js";

export interface Survey {
  /** All images of the source, unread ones included. */
  readonly count: number;
  /** Those that were decoded, at least 1. */
  readonly seen: number;
  /** Medians, in pixels. */
  readonly width: number;
  readonly height: number;
  /** The median of the shorter sides: images of this side lose nothing of it. */
  readonly side: number;
  /** How many of those seen have red, green and blue equal, but for a codec's rounding, in every pixel. */
  readonly grey: number;
}

/** Decoding one takes milliseconds; this many say enough. */
const sampled = 16;

/** Of 255: what a grey image differs by after it was kept as colour by a codec with loss. */
const rounding = 4;

/** Whether red, green and blue are equal in every pixel, but for the rounding of a codec. */
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

/** Nothing where none of those that were looked at can be read. */
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
