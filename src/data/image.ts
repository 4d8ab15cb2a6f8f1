/** Images between files, bytes and tensors. Only this folder knows the codec (sharp). */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import sharp, { type Sharp } from "sharp";
import type { HostTensor } from "../engines/session.js";
import { type BrokenImage, reasonOf } from "./errors.js";
import { readRegular } from "./regular-file.js";

/** 8 bits a sample, row-major, channels interleaved: `data[(y * width + x) * channels + c]`. sRGB, or its luma. */
export interface RawImage {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

/** The range that an image domain has unless its spec says otherwise. */
export const DEFAULT_RANGE: readonly [number, number] = [-1, 1];

const WHITE = "#ffffff";

const toRaw = async (pipeline: Sharp): Promise<RawImage> => {
  const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true });
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return withChannels(
    { width: info.width, height: info.height, channels: info.channels === 1 ? 1 : 3, data: bytes },
    3,
  );
};

/**
 * An encoded image (jpeg, png, webp and whatever else libvips reads) as RGB: turned as its EXIF orientation says,
 * colour profiles converted to sRGB, 16 bits cut to their upper 8, alpha laid on white, grey repeated, of an animation
 * the first frame. A truncated file is an error, of which the left side is the reason.
 */
export const decodeImage = async (bytes: Uint8Array): Promise<Either<string, RawImage>> => {
  if (bytes.length === 0) return left("the file is empty");
  try {
    const pipeline = sharp(bytes, { failOn: "error" }).autoOrient().flatten({ background: WHITE });
    return right(await toRaw(pipeline));
  } catch (thrown) {
    return left(reasonOf(thrown));
  }
};

/** Bytes of an encoded image. */
const mostBytes = 2 ** 30;

/** Reads and decodes a file; `id` is what a broken image is called by. */
export const readImage = async (
  path: string,
  id: string = path,
): Promise<Either<BrokenImage, RawImage>> => {
  const broken = (reason: string) => left<BrokenImage>({ kind: "broken-image", id, path, reason });
  const bytes = await readRegular(path, mostBytes);
  if (isLeft(bytes)) return broken(`it ${bytes.left}`);
  const decoded = await decodeImage(bytes.right);
  return isLeft(decoded) ? broken(decoded.left) : decoded;
};

/** A PNG file, 8 bits a sample. */
export const encodePng = async ({ data, width, height, channels }: RawImage): Promise<Uint8Array> =>
  sharp(data, { raw: { width, height, channels } })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .png()
    .toBuffer();

/** Draws an SVG document at the size that its `width` and `height` attributes say, on white. */
export const drawSvg = async (svg: string): Promise<Either<string, RawImage>> => {
  try {
    return right(await toRaw(sharp(Buffer.from(svg)).flatten({ background: WHITE })));
  } catch (thrown) {
    return left(reasonOf(thrown));
  }
};

/** Grey repeated to three channels, or colour weighted to one (luma of Rec. 601, as Pillow's mode "L"). */
export const withChannels = (image: RawImage, channels: 1 | 3): RawImage => {
  if (image.channels === channels) return image;
  const { width, height, data } = image;
  const out = new Uint8Array(width * height * channels);
  if (channels === 3) for (let i = 0; i < out.length; i++) out[i] = data[Math.floor(i / 3)] ?? 0;
  else
    for (let i = 0; i < out.length; i++) {
      const [r, g, b] = [data[3 * i] ?? 0, data[3 * i + 1] ?? 0, data[3 * i + 2] ?? 0];
      out[i] = (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;
    }
  return { width, height, channels, data: out };
};

/**
 * Images of one size as a tensor `[n, height, width, channels]`: 0 becomes the lower end of the range, 255 the upper.
 * At least one image.
 */
export const toTensor = (
  images: readonly RawImage[],
  range: readonly [number, number] = DEFAULT_RANGE,
): HostTensor => {
  const { height = 0, width = 0, channels = 3 } = images[0] ?? {};
  const size = height * width * channels;
  const levels = Float32Array.from(
    { length: 256 },
    (_, level) => range[0] + ((range[1] - range[0]) * level) / 255,
  );
  const data = new Float32Array(images.length * size);
  images.forEach((image, n) => {
    for (let i = 0; i < size; i++) data[n * size + i] = levels[image.data[i] ?? 0] ?? 0;
  });
  return { shape: [images.length, height, width, channels], data };
};

/**
 * The images of a tensor `[n, height, width, 1 or 3]`, rounded to 8 bits. Values outside the range are clamped to its
 * ends; not-a-number becomes 0.
 */
export const fromTensor = (
  tensor: HostTensor,
  range: readonly [number, number] = DEFAULT_RANGE,
): readonly RawImage[] => {
  const [n = 0, height = 0, width = 0, channels = 3] = tensor.shape;
  const size = height * width * channels;
  const factor = 255 / (range[1] - range[0]);
  return Array.from({ length: n }, (_, k) => {
    const data = new Uint8ClampedArray(size);
    for (let i = 0; i < size; i++) data[i] = ((tensor.data[k * size + i] ?? 0) - range[0]) * factor;
    return { width, height, channels: channels === 1 ? 1 : 3, data: new Uint8Array(data.buffer) };
  });
};
