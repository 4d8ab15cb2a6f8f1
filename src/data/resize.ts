/**
 * The one resampler of every engine: bicubic with a = -0.5 over a window that widens when an image shrinks, in fixed
 * point with 22 fractional bits, columns before rows, rounded to 8 bits after each pass. These are the sums of Pillow's
 * `Image.resize(…, BICUBIC)`, which the official CycleGAN code resizes with.
 */
import type { RawImage } from "./image.js";

const A = -0.5;
const SUPPORT = 2;
const PRECISION = 22;
const HALF = 1 << (PRECISION - 1);

/** Keys' cubic convolution kernel. */
const cubic = (at: number): number => {
  const x = Math.abs(at);
  if (x < 1) return ((A + 2) * x - (A + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * A;
  return 0;
};

interface Taps {
  /** First source index that each output index reads. */
  readonly first: Int32Array;
  /** How many it reads. */
  readonly count: Int32Array;
  /** Its weights, `width` slots for each output index, in units of 2^-22. */
  readonly weights: Int32Array;
  readonly width: number;
}

/** Which source samples each of `to` output samples is made of, along an axis of `from`. */
const taps = (from: number, to: number): Taps => {
  const scale = from / to;
  const stretch = Math.max(scale, 1);
  const support = SUPPORT * stretch;
  const width = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(to);
  const count = new Int32Array(to);
  const weights = new Int32Array(to * width);
  for (let i = 0; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(from, Math.trunc(centre + support + 0.5));
    const row = Array.from({ length: end - start }, (_, k) =>
      cubic((start + k + 0.5 - centre) / stretch),
    );
    const sum = row.reduce((a, b) => a + b, 0);
    first[i] = start;
    count[i] = end - start;
    // Pillow rounds half away from zero, Math.round half up
    row.forEach((w, k) => {
      const scaled = (w / sum) * (1 << PRECISION);
      weights[i * width + k] = Math.trunc(scaled + (scaled < 0 ? -0.5 : 0.5));
    });
  }
  return { first, count, weights, width };
};

const clip8 = (value: number): number => Math.max(0, Math.min(255, value));

const resizeColumns = (image: RawImage, width: number): RawImage => {
  const { height, channels, data, width: from } = image;
  const { first, count, weights, width: slots } = taps(from, width);
  const out = new Uint8Array(height * width * channels);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const start = (y * from + (first[x] ?? 0)) * channels;
      const n = count[x] ?? 0;
      for (let c = 0; c < channels; c++) {
        let sum = HALF;
        for (let k = 0; k < n; k++)
          sum += (weights[x * slots + k] ?? 0) * (data[start + k * channels + c] ?? 0);
        out[(y * width + x) * channels + c] = clip8(sum >> PRECISION);
      }
    }
  return { width, height, channels, data: out };
};

const resizeRows = (image: RawImage, height: number): RawImage => {
  const { width, channels, data } = image;
  const { first, count, weights, width: slots } = taps(image.height, height);
  const line = width * channels;
  const out = new Uint8Array(height * line);
  for (let y = 0; y < height; y++) {
    const start = (first[y] ?? 0) * line;
    const n = count[y] ?? 0;
    for (let i = 0; i < line; i++) {
      let sum = HALF;
      for (let k = 0; k < n; k++)
        sum += (weights[y * slots + k] ?? 0) * (data[start + k * line + i] ?? 0);
      out[y * line + i] = clip8(sum >> PRECISION);
    }
  }
  return { width, height, channels, data: out };
};

/** The image at exactly `height` x `width` pixels, its aspect ratio not kept; the image itself where it is that size. */
export const resize = (image: RawImage, height: number, width: number): RawImage => {
  const wide = image.width === width ? image : resizeColumns(image, width);
  return wide.height === height ? wide : resizeRows(wide, height);
};
