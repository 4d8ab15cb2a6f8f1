/** Pictures made small enough to stand within a page. */
import sharp from "sharp";
import type { RawImage } from "./image.js";

export interface Packed {
  readonly bytes: Uint8Array;
  readonly type: "image/png" | "image/webp";
  /** Of the packed picture, in pixels. */
  readonly width: number;
  readonly height: number;
  /** How much smaller each side is than it was: 1 where it is as large. */
  readonly scale: number;
}

/** A PNG of so many bytes stays as it is. */
const small = 100_000;

/** Wider ones are shrunk, in pixels. */
const widest = 1600;

const quality = 80;

/** A small picture as a WebP file. */
export const packThumbnail = async ({
  data,
  width,
  height,
  channels,
}: RawImage): Promise<Uint8Array> =>
  sharp(data, { raw: { width, height, channels } }).webp({ quality }).toBuffer();

/**
 * A PNG file packed for a page: as it is where it is small, else as WebP.
 * @throws where it is no image
 */
export const packSheet = async (png: Uint8Array): Promise<Packed> => {
  const { width, height } = await sharp(png).metadata();
  if (png.length <= small && width <= widest)
    return { bytes: png, type: "image/png", width, height, scale: 1 };
  const scale = Math.min(1, widest / width);
  const { data, info } = await sharp(png)
    .resize(Math.round(width * scale), Math.round(height * scale), { fit: "fill" })
    .webp({ quality, effort: 3 })
    .toBuffer({ resolveWithObject: true });
  return { bytes: data, type: "image/webp", width: info.width, height: info.height, scale };
};

export interface Fitted {
  readonly png: Uint8Array;
  /** Four bytes a pixel. */
  readonly rgba: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/**
 * A PNG file made no larger than that, its proportions kept.
 * @throws where it is no image
 */
export const fitPicture = async (
  png: Uint8Array,
  most: { readonly width: number; readonly height: number },
): Promise<Fitted> => {
  const small = await sharp(png)
    .resize({ ...most, fit: "inside", withoutEnlargement: true })
    .png()
    .toBuffer();
  const { data, info } = await sharp(small)
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { png: small, rgba: data, width: info.width, height: info.height };
};
