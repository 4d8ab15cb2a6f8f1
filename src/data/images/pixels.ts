/**
 * Pixels of 8 or 16 bits, and parts of them as tensors: the form in which pictures are translated.
 */
import type { HostTensor } from "../../contracts/tensor.js";
import type { RawImage } from "./image.js";

/**
 * An image, row-major and interleaved: `data[(y * width + x) * channels + c]`, from 0 to the most
 * that the type holds.
 */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array | Uint16Array;
}

/** A rectangle of an image. It may reach beyond the border. */
export interface Region {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Returns the greatest possible sample: 255 or 65535. */
export const mostOf = ({ data }: Pick<Pixels, "data">): number =>
  data instanceof Uint16Array ? 65535 : 255;

/** Makes a black image of 8 or 16 bits. */
export const blank = (
  height: number,
  width: number,
  channels: 1 | 3,
  depth: 8 | 16,
): Pixels & { readonly data: Uint8Array | Uint16Array } => {
  const size = height * width * channels;
  return {
    height,
    width,
    channels,
    data: depth === 16 ? new Uint16Array(size) : new Uint8Array(size),
  };
};

/** Rounds to 8 bits. Returns an 8-bit image unchanged. */
export const in8Bits = (image: Pixels): RawImage => {
  const { data } = image;
  return data instanceof Uint16Array
    ? { ...image, data: Uint8Array.from(data, (level) => Math.round(level / 257)) }
    : { ...image, data };
};

/** Widens to 16 bits. Returns a 16-bit image unchanged. */
export const in16Bits = (image: Pixels): Pixels =>
  image.data instanceof Uint16Array
    ? image
    : { ...image, data: Uint16Array.from(image.data, (level) => level * 257) };

/**
 * Mirrors a coordinate into an axis of `side` samples, without repeating the border, as often as
 * needed.
 */
export const mirrored = (at: number, side: number): number => {
  if (side === 1) return 0;
  const period = 2 * (side - 1);
  const place = ((at % period) + period) % period;
  return place < side ? place : period - place;
};

/** Computes Rec. 601 luma: for 8 bits as Pillow's mode "L" rounds it, for 16 bits exactly. */
const luma = (r: number, g: number, b: number, most: number): number =>
  most === 255
    ? (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16
    : (r * 19595 + g * 38470 + b * 7471) / 65536;

/**
 * Copies a region into a tensor [1, height, width, channels], mirrored beyond the border. 0 becomes
 * the lower end of the range, the greatest sample the upper.
 */
export const regionTensor = (
  image: Pixels,
  { top, left, height, width }: Region,
  channels: 1 | 3,
  [low, high]: readonly [number, number],
): HostTensor => {
  const most = mostOf(image);
  const levels = Float32Array.from({ length: most + 1 }, (_, i) => low + ((high - low) * i) / most);
  const data = new Float32Array(height * width * channels);
  const columns = Int32Array.from({ length: width }, (_, x) => mirrored(left + x, image.width));
  const sample = (at: number): number => image.data[at] ?? 0;
  let to = 0;
  for (let y = 0; y < height; y++) {
    const row = mirrored(top + y, image.height) * image.width;
    for (let x = 0; x < width; x++) {
      const at = (row + (columns[x] ?? 0)) * image.channels;
      if (channels === image.channels)
        for (let c = 0; c < channels; c++) data[to++] = levels[sample(at + c)] ?? 0;
      else if (channels === 3) for (let c = 0; c < 3; c++) data[to++] = levels[sample(at)] ?? 0;
      else {
        const grey = luma(sample(at), sample(at + 1), sample(at + 2), most);
        data[to++] = low + ((high - low) * grey) / most;
      }
    }
  }
  return { shape: [1, height, width, channels], data };
};

/**
 * Writes a tensor [1, h, w, channels] into the image from (top, left) on, as far as it lies inside.
 * Values outside the range are clamped; NaN becomes 0.
 */
export const paint = (
  image: Pixels,
  { top, left }: Pick<Region, "top" | "left">,
  { shape, data }: HostTensor,
  [low, high]: readonly [number, number],
): void => {
  const [, height = 0, width = 0, channels = 1] = shape;
  const most = mostOf(image);
  const factor = most / (high - low);
  const rows = Math.min(height, image.height - top);
  const length = Math.min(width, image.width - left) * channels;
  for (let y = 0; y < rows; y++) {
    const [from, to] = [y * width * channels, ((top + y) * image.width + left) * channels];
    for (let i = 0; i < length; i++) {
      const level = ((data[from + i] ?? 0) - low) * factor;
      // Half to even, as Uint8ClampedArray rounds.
      image.data[to + i] = level > 0 ? Math.min(most, roundHalfEven(level)) : 0;
    }
  }
};

const roundHalfEven = (value: number): number => {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
};
