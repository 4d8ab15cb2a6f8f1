/** Images between bytes and tensors. Only this folder knows the codec (sharp). */
import sharp from "sharp";
import type { HostTensor } from "../engines/session.js";

/** 8 bits a sample, row-major, channels interleaved: `data[(y * width + x) * channels + c]`. sRGB, or its luma. */
export interface RawImage {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
  /** What it was before it was shrunk on its way into memory; only of huge images. */
  readonly full?: { readonly width: number; readonly height: number };
}

/** The range that an image domain has unless its spec says otherwise. */
export const DEFAULT_RANGE: readonly [number, number] = [-1, 1];

/** A PNG file, 8 bits a sample. */
export const encodePng = async ({ data, width, height, channels }: RawImage): Promise<Uint8Array> =>
  sharp(data, { raw: { width, height, channels } })
    .toColourspace(channels === 1 ? "b-w" : "srgb")
    .png()
    .toBuffer();

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
