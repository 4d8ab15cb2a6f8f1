/**
 * The one resampler of every engine: bicubic with a = -0.5 over a window that widens when an image
 * shrinks, in fixed point with 22 fractional bits, columns before rows, rounded to 8 bits after
 * each pass. Same sums as Pillow's `Image.resize(…, BICUBIC)`, with which the official CycleGAN
 * code resizes.
 */
import { taps as exactTaps } from "./bicubic.js";
import { resizeNearest } from "./geometry.js";
import type { Raster, RawImage } from "./image.js";

const PRECISION = 22;
const HALF = 1 << (PRECISION - 1);

/** Computes Pillow's fixed-point weights, in units of 2^-22. */
const taps = (from: number, to: number) => {
  const exact = exactTaps(from, to);
  // Pillow rounds half away from zero, Math.round half up.
  const weights = Int32Array.from(exact.weights, (w) => {
    const scaled = w * (1 << PRECISION);
    return Math.trunc(scaled + (scaled < 0 ? -0.5 : 0.5));
  });
  return { ...exact, weights };
};

const clip8 = (value: number): number => Math.max(0, Math.min(255, value));

/**
 * Scale of the weights where levels are not rounded. They are still clamped to 0 and 255, which the
 * window alone would overshoot.
 */
const scale = 1 / (1 << PRECISION);

const inRange = (value: number): number => Math.max(0, Math.min(255, value));

const resizeColumns = (image: Raster, width: number): Raster => {
  const { height, channels, data, width: from } = image;
  const { first, count, weights, width: slots } = taps(from, width);
  const isWhole = data instanceof Uint8Array;
  const out = isWhole
    ? new Uint8Array(height * width * channels)
    : new Float32Array(height * width * channels);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const start = (y * from + (first[x] ?? 0)) * channels;
      const n = count[x] ?? 0;
      for (let c = 0; c < channels; c++) {
        let sum = isWhole ? HALF : 0;
        for (let k = 0; k < n; k++)
          sum += (weights[x * slots + k] ?? 0) * (data[start + k * channels + c] ?? 0);
        out[(y * width + x) * channels + c] = isWhole
          ? clip8(sum >> PRECISION)
          : inRange(sum * scale);
      }
    }
  return { width, height, channels, data: out };
};

const resizeRows = (image: Raster, height: number): Raster => {
  const { width, channels, data } = image;
  const { first, count, weights, width: slots } = taps(image.height, height);
  const line = width * channels;
  const isWhole = data instanceof Uint8Array;
  const out = isWhole ? new Uint8Array(height * line) : new Float32Array(height * line);
  for (let y = 0; y < height; y++) {
    const start = (first[y] ?? 0) * line;
    const n = count[y] ?? 0;
    for (let i = 0; i < line; i++) {
      let sum = isWhole ? HALF : 0;
      for (let k = 0; k < n; k++)
        sum += (weights[y * slots + k] ?? 0) * (data[start + k * line + i] ?? 0);
      out[y * line + i] = isWhole ? clip8(sum >> PRECISION) : inRange(sum * scale);
    }
  }
  return { width, height, channels, data: out };
};

/**
 * Resizes to exactly `height` x `width` pixels, not keeping the aspect ratio. Returns the image
 * itself if it has that size.
 */
export function resize(image: RawImage, height: number, width: number): RawImage;
export function resize(image: Raster, height: number, width: number): Raster;
export function resize(image: Raster, height: number, width: number): Raster {
  const wide = image.width === width ? image : resizeColumns(image, width);
  return wide.height === height ? wide : resizeRows(wide, height);
}

/** A size to resize to: bicubic, or by nearest pixels. */
export interface Sized {
  readonly height: number;
  readonly width: number;
  readonly nearest?: true | undefined;
}

/** Resizes as a stage of an augmentation, or a domain, says. */
export function sized(image: RawImage, to: Sized): RawImage;
export function sized(image: Raster, to: Sized): Raster;
export function sized(image: Raster, { height, width, nearest }: Sized): Raster {
  return (nearest === true ? resizeNearest : resize)(image, height, width);
}
