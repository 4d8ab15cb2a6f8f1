/** A small summary of one image, enough to compare it with all others. */
import { createHash } from "node:crypto";
import sharp from "sharp";
import { type Raster, type RawImage, viewOf, withChannels } from "../images/image.js";
import { isGrey } from "../sets/survey.js";
import { smallSide } from "./fingerprint.js";
import { filledParts } from "./layout-share.js";

export interface Look {
  readonly width: number;
  readonly height: number;
  /**
   * 128 bits of the SHA-256 of size and pixels, hexadecimal. Equal for equal pictures in any
   * lossless encoding.
   */
  readonly digest: string;
  readonly isGrey: boolean;
  /** Whether it is grey or colour. Other numbers of channels show no colours. */
  readonly isPicture: boolean;
  /** Whether it is nearly of one colour, so that it shows nothing. */
  readonly isBlank: boolean;
  /** `smallSide` x `smallSide` grey values, row by row. */
  readonly small: Uint8Array;
}

/** Standard deviation of grey values, of 255, below which nothing is visible. */
const leastSpread = 2;

const spreadOf = (grey: Uint8Array): number => {
  const mean = grey.reduce((sum, v) => sum + v, 0) / grey.length;
  return Math.sqrt(grey.reduce((sum, v) => sum + (v - mean) ** 2, 0) / grey.length);
};

const digits = 32;

const digestOf = ({ width, height, channels, data }: Raster): string =>
  createHash("sha256")
    .update(`${width} ${height} ${channels} `)
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest("hex")
    .slice(0, digits);

/**
 * Shrinks an image to exactly `height` x `width` with the decoder's averaging, which is fast but
 * not exact.
 */
export const shrink = async (
  { data, width: from, height: rows, channels }: RawImage,
  height: number,
  width: number,
): Promise<RawImage> => {
  const made = await sharp(data, { raw: { width: from, height: rows, channels } })
    .resize(width, height, { fit: "fill", kernel: "lanczos3" })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .raw()
    .toBuffer();
  return { width, height, channels, data: new Uint8Array(made) };
};

/** Summarises an image and returns its filled parts, as from `filledParts`. */
export const lookAt = async (
  image: Raster,
): Promise<{ readonly look: Look; readonly parts: Float32Array }> => {
  const rgb = withChannels(await shrink(withChannels(viewOf(image), 3), smallSide, smallSide), 3);
  const small = withChannels(rgb, 1).data;
  const look: Look = {
    width: image.width,
    height: image.height,
    digest: digestOf(image),
    isGrey: isGrey(image),
    isPicture: image.channels === 1 || image.channels === 3,
    isBlank: spreadOf(small) < leastSpread,
    small,
  };
  return { look, parts: filledParts(rgb.data) };
};
