/**
 * Laplacian pyramids as in Karras et al. (ICLR 2018): at each scale, what remains after the next
 * coarser one is subtracted.
 */
import type { HostTensor } from "../../contracts/tensor.js";

const { ceil, floor, min } = Math;

/** One level of a pyramid: images `[n, h, w, c]` in float64. */
export interface Level {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly data: Float64Array;
}

/** Burt and Adelson's filter along one axis. */
const TAPS = [1 / 16, 4 / 16, 6 / 16, 4 / 16, 1 / 16] as const;

/** Mirrors a coordinate about the edge pixel, which is not repeated, at any distance. */
const mirrored = (at: number, length: number): number => {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const place = ((at % period) + period) % period;
  return place < length ? place : period - place;
};

/** Filters along an axis of `length` samples that lie `stride` apart, with mirrored edges. */
const filtered = (
  data: Float64Array,
  length: number,
  stride: number,
  gain: number,
): Float64Array => {
  const out = new Float64Array(data.length);
  const sources = Int32Array.from({ length: length * 5 }, (_, i) =>
    mirrored(floor(i / 5) + (i % 5) - 2, length),
  );
  for (let block = 0; block < data.length; block += length * stride)
    for (let at = 0; at < length; at++)
      for (let offset = block; offset < block + stride; offset++) {
        let sum = 0;
        for (let k = 0; k < 5; k++)
          sum += (TAPS[k] ?? 0) * (data[offset + (sources[at * 5 + k] ?? 0) * stride] ?? 0);
        out[offset + at * stride] = gain * sum;
      }
  return out;
};

const smooth = ({ height, width, channels, data }: Level, gain: number): Float64Array =>
  filtered(filtered(data, width, channels, gain), height, width * channels, gain);

/** Smooths the images and keeps every second pixel. */
const halved = (level: Level): Level => {
  const { count, height, width, channels } = level;
  const all = smooth(level, 1);
  const [h, w] = [ceil(height / 2), ceil(width / 2)];
  const data = new Float64Array(count * h * w * channels);
  let to = 0;
  for (let k = 0; k < count; k++)
    for (let y = 0; y < h; y++)
      for (let x = 0; x < w; x++)
        for (let c = 0; c < channels; c++)
          data[to++] = all[((k * height + 2 * y) * width + 2 * x) * channels + c] ?? 0;
  return { count, height: h, width: w, channels, data };
};

/** Enlarges `small` to the size of `like`, which is twice as large. */
const doubled = (small: Level, like: Level): Float64Array => {
  const { count, height, width, channels } = like;
  const data = new Float64Array(like.data.length);
  let from = 0;
  for (let k = 0; k < count; k++)
    for (let y = 0; y < small.height; y++)
      for (let x = 0; x < small.width; x++)
        for (let c = 0; c < channels; c++)
          data[((k * height + 2 * y) * width + 2 * x) * channels + c] = small.data[from++] ?? 0;
  return smooth({ ...like, data }, 2);
};

/** Least side of the coarsest level. */
const LEAST = 16;

/**
 * Builds the pyramid from the finest level to the coarsest. Its shorter side is the last of at
 * least 16 pixels, or the images' own.
 */
export const laplacianPyramid = ({ shape, data }: HostTensor): readonly Level[] => {
  const [count = 0, height = 0, width = 0, channels = 1] = shape;
  const levels: Level[] = [];
  let level: Level = { count, height, width, channels, data: Float64Array.from(data) };
  while (min(level.height, level.width) >= 2 * LEAST) {
    const next = halved(level);
    const coarse = doubled(next, level);
    levels.push({ ...level, data: level.data.map((v, i) => v - (coarse[i] ?? 0)) });
    level = next;
  }
  return [...levels, level];
};
