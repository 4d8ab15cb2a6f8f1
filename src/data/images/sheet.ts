/** Shrinks pictures for embedding in a page. */
import sharp from "sharp";
import type { RawImage } from "./image.js";

export interface Packed {
  readonly bytes: Uint8Array;
  readonly type: "image/png" | "image/webp";
  /** Size of the packed picture, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Factor by which each side shrank; 1 if it did not. */
  readonly scale: number;
}

/** Largest PNG in bytes that is kept as it is. */
const small = 100_000;

/** Greatest width in pixels. Wider pictures are shrunk. */
const widest = 1600;

const quality = 80;

/** Encodes a small picture as a WebP file. */
export const packThumbnail = async ({
  data,
  width,
  height,
  channels,
}: RawImage): Promise<Uint8Array> =>
  sharp(data, { raw: { width, height, channels } }).webp({ quality }).toBuffer();

/**
 * Packs a PNG file for a page: unchanged if it is small, else as WebP.
 * @throws Error if it is not an image
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
 * Shrinks a PNG file to fit into a box, keeping its proportions. Never enlarges.
 * @throws Error if it is not an image
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
