/** Images between bytes and tensors. Only this folder uses the codec (sharp). */

import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import sharp from "sharp";
import type { HostTensor } from "../../contracts/tensor.js";

/**
 * An image with any number of channels, row-major and interleaved: `data[(y * width + x) * channels
 * + c]`. Levels from 0 to 255, of 8 bits or with fractions.
 */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array | Float32Array;
  /** Original size of a huge image that was shrunk while it was decoded. */
  readonly full?: { readonly width: number; readonly height: number };
  /**
   * Set if `data` holds the file's own numbers. They become levels once scaled to a domain's range
   * (`numbers.ts`).
   */
  readonly isUnscaled?: true;
}

/** An image of 8 bits a sample: sRGB, or its luma. */
export interface RawImage extends Raster {
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

/** The range of an image domain unless its spec says otherwise. */
export const DEFAULT_RANGE: readonly [number, number] = [-1, 1];

/** Encodes a PNG file of 8 bits a sample. */
export const encodePng = async ({ data, width, height, channels }: RawImage): Promise<Uint8Array> =>
  sharp(data, { raw: { width, height, channels } })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .png()
    .toBuffer();

const likeData = ({ data }: Raster, size: number): Raster["data"] =>
  data instanceof Uint8Array ? new Uint8Array(size) : new Float32Array(size);

const greyOf = (image: Raster): Raster["data"] => {
  const { data, width, height } = image;
  const out = likeData(image, width * height);
  const isWhole = data instanceof Uint8Array;
  for (let i = 0; i < out.length; i++) {
    const [r, g, b] = [data[3 * i] ?? 0, data[3 * i + 1] ?? 0, data[3 * i + 2] ?? 0];
    const sum = r * 19595 + g * 38470 + b * 7471;
    out[i] = isWhole ? (sum + 0x8000) >> 16 : sum / 65536;
  }
  return out;
};

const colourOf = (image: Raster): Raster["data"] => {
  const out = likeData(image, image.width * image.height * 3);
  for (let i = 0; i < out.length; i++) out[i] = image.data[Math.floor(i / 3)] ?? 0;
  return out;
};

/**
 * Repeats grey to three channels, or weights colour to one (Rec. 601 luma, as Pillow's mode "L").
 * Other numbers of channels cannot be converted; the left side is the reason.
 */
export const toChannels = (image: Raster, channels: number): Either<string, Raster> => {
  if (image.channels === channels) return right(image);
  const { width, height } = image;
  if (channels === 3 && image.channels === 1)
    return right({ width, height, channels, data: colourOf(image) });
  if (channels === 1 && image.channels === 3)
    return right({ width, height, channels, data: greyOf(image) });
  return left(`it has ${image.channels} channels, but ${channels} are needed`);
};

/** Converts between grey and colour, as `toChannels` does; this always works. */
export const withChannels = (image: RawImage, channels: 1 | 3): RawImage => {
  const made = toChannels(image, channels);
  return isLeft(made) || made.right === image
    ? image
    : { ...made.right, channels, data: made.right.data as Uint8Array };
};

/**
 * Makes an 8-bit image to look at: grey from one or two channels, else the first three. A file's
 * own numbers are scaled from least to greatest.
 */
export const viewOf = (image: Raster): RawImage => {
  const { width, height, channels: from, data } = image;
  if (data instanceof Uint8Array && (from === 1 || from === 3))
    return { width, height, channels: from, data };
  const channels = from < 3 ? 1 : 3;
  const [low, high] = image.isUnscaled === true ? extent(data) : [0, 255];
  const factor = 255 / (high - low || 1);
  const out = new Uint8ClampedArray(width * height * channels);
  for (let i = 0; i < out.length; i++) {
    const at = Math.floor(i / channels) * from + (i % channels);
    out[i] = ((data[at] ?? 0) - low) * factor;
  }
  return { width, height, channels, data: new Uint8Array(out.buffer) };
};

/** Returns the least and the greatest number, or NaN for both if there is a NaN. */
export const extent = (data: ArrayLike<number>): readonly [number, number] => {
  let [low, high] = [Infinity, -Infinity];
  for (let i = 0; i < data.length; i++) {
    const value = data[i] ?? 0;
    if (Number.isNaN(value)) return [NaN, NaN];
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
};

/**
 * Packs images of one size into a tensor `[n, height, width, channels]`. 0 becomes the lower end of
 * the range, 255 the upper. Needs at least one image.
 */
export const toTensor = (
  images: readonly Raster[],
  range: readonly [number, number] = DEFAULT_RANGE,
): HostTensor => {
  const { height = 0, width = 0, channels = 3 } = images[0] ?? {};
  const size = height * width * channels;
  const levels = Float32Array.from(
    { length: 256 },
    (_, level) => range[0] + ((range[1] - range[0]) * level) / 255,
  );
  const data = new Float32Array(images.length * size);
  const factor = (range[1] - range[0]) / 255;
  images.forEach((image, n) => {
    if (image.data instanceof Uint8Array)
      for (let i = 0; i < size; i++) data[n * size + i] = levels[image.data[i] ?? 0] ?? 0;
    else
      for (let i = 0; i < size; i++) data[n * size + i] = range[0] + factor * (image.data[i] ?? 0);
  });
  return { shape: [images.length, height, width, channels], data };
};

/**
 * Unpacks the images of a tensor `[n, height, width, channels]`, rounded to 8 bits: the first of 2
 * channels, the first three of more. Values outside the range are clamped; NaN becomes 0.
 */
export const fromTensor = (
  tensor: HostTensor,
  range: readonly [number, number] = DEFAULT_RANGE,
): readonly RawImage[] => {
  const [n = 0, height = 0, width = 0, channels = 3] = tensor.shape;
  const shown = channels < 3 ? 1 : 3;
  const pixels = height * width;
  const factor = 255 / (range[1] - range[0]);
  return Array.from({ length: n }, (_, k) => {
    const data = new Uint8ClampedArray(pixels * shown);
    for (let i = 0; i < data.length; i++) {
      const at = (k * pixels + Math.floor(i / shown)) * channels + (i % shown);
      data[i] = ((tensor.data[at] ?? 0) - range[0]) * factor;
    }
    return { width, height, channels: shown, data: new Uint8Array(data.buffer) };
  });
};
