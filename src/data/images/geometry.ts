/** Where pixels lie: images cut out, mirrored, turned, and sized without new values. */
import type { Raster } from "./image.js";
import type { Pixels } from "./pixels.js";

/** Any number of interleaved channels, of any depth. */
type Samples = Pick<Raster, "width" | "height" | "channels"> & {
  readonly data: Raster["data"] | Pixels["data"];
};

/**
 * Cuts out the window of `height` x `width` whose upper left pixel is (top, left). It must lie
 * inside.
 */
export const crop = <A extends Samples>(
  image: A,
  top: number,
  leftmost: number,
  height: number,
  width: number,
): Pick<A, "width" | "height" | "channels" | "data"> => {
  const { channels, data } = image;
  const out = data.slice(0, height * width * channels);
  for (let y = 0; y < height; y++) {
    const start = ((top + y) * image.width + leftmost) * channels;
    out.set(data.subarray(start, start + width * channels), y * width * channels);
  }
  return { width, height, channels, data: out };
};

/** Mirrors an image left to right. */
export const flip = (image: Raster): Raster => {
  const { width, height, channels, data } = image;
  const Data = data instanceof Uint8Array ? Uint8Array : Float32Array;
  const out = new Data(data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++)
        out[(y * width + x) * channels + c] = data[(y * width + width - 1 - x) * channels + c] ?? 0;
  return { width, height, channels, data: out };
};

const likeData = ({ data }: Raster, size: number): Raster["data"] =>
  data instanceof Uint8Array ? new Uint8Array(size) : new Float32Array(size);

/** The pixel of `from` whose middle is nearest to that of each of `to`. */
const nearestOf = (from: number, to: number): readonly number[] =>
  Array.from({ length: to }, (_, i) => Math.floor(((2 * i + 1) * from) / (2 * to)));

/** Resizes without new values: each pixel is the one of the image that its middle lies in. */
export const resizeNearest = (image: Raster, height: number, width: number): Raster => {
  if (image.height === height && image.width === width) return image;
  const { channels, data } = image;
  const out = likeData(image, height * width * channels);
  const [rows, columns] = [nearestOf(image.height, height), nearestOf(image.width, width)];
  for (const [y, row] of rows.entries())
    for (const [x, column] of columns.entries()) {
      const from = (row * image.width + column) * channels;
      out.set(data.subarray(from, from + channels), (y * width + x) * channels);
    }
  return { width, height, channels, data: out };
};

/** Terms of the series below: enough for all 53 bits at half a turn. */
const terms = 14;

/** Sine and cosine of at most half a turn, by their series: the same bits in every language. */
const sineAndCosine = (angle: number): readonly [number, number] => {
  const square = angle * angle;
  let [sine, cosine] = [1, 1];
  for (let k = terms; k >= 1; k--) {
    sine = 1 - (sine * square) / (2 * k * (2 * k + 1));
    cosine = 1 - (cosine * square) / ((2 * k - 1) * (2 * k));
  }
  return [angle * sine, cosine];
};

/** The pixel that is mirrored to place i of n, without repeating the border. */
const mirrored = (i: number, n: number): number => {
  if (n === 1) return 0;
  const period = 2 * (n - 1);
  const at = ((i % period) + period) % period;
  return at < n ? at : period - at;
};

export interface Turn {
  /** Counterclockwise, at most 180 to either side. */
  readonly degrees: number;
  /** Whether black comes in at the border, which is mirrored otherwise. */
  readonly fill: boolean;
  /** Whether each pixel is one of the image's; else bilinear. */
  readonly nearest: boolean;
}

/** Turns an image about its middle, in the same frame. */
export const rotate = (image: Raster, { degrees, fill, nearest }: Turn): Raster => {
  const { width, height, channels, data } = image;
  const [s, c] = sineAndCosine((degrees * Math.PI) / 180);
  const out = likeData(image, data.length);
  const level = (y: number, x: number, channel: number): number => {
    if (fill && (x < 0 || y < 0 || x >= width || y >= height)) return 0;
    return data[(mirrored(y, height) * width + mirrored(x, width)) * channels + channel] ?? 0;
  };
  const whole = data instanceof Uint8Array;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const dx = x + 0.5 - width / 2;
      const dy = y + 0.5 - height / 2;
      const u = c * dx - s * dy + width / 2 - 0.5;
      const v = s * dx + c * dy + height / 2 - 0.5;
      const left = Math.floor(nearest ? u + 0.5 : u);
      const top = Math.floor(nearest ? v + 0.5 : v);
      const [fx, fy] = nearest ? [0, 0] : [u - left, v - top];
      for (let channel = 0; channel < channels; channel++) {
        const above = level(top, left, channel) * (1 - fx) + level(top, left + 1, channel) * fx;
        const below =
          level(top + 1, left, channel) * (1 - fx) + level(top + 1, left + 1, channel) * fx;
        const made = above * (1 - fy) + below * fy;
        out[(y * width + x) * channels + channel] = whole ? Math.floor(made + 0.5) : made;
      }
    }
  return { width, height, channels, data: out };
};

/** The level of what is cut out: the middle, as 0 is of normalised images. */
const middle = 128;

/** Makes a square of side `size` about the pixel (y, x) grey, as far as it lies in the image. */
export const cutSquare = (image: Raster, y: number, x: number, size: number): Raster => {
  const { width, height, channels, data } = image;
  const out = likeData(image, data.length);
  out.set(data);
  const [top, leftmost] = [y - Math.floor(size / 2), x - Math.floor(size / 2)];
  const [from, to] = [Math.max(0, leftmost), Math.min(width, leftmost + size)];
  for (let row = Math.max(0, top); row < Math.min(height, top + size); row++)
    out.fill(middle, (row * width + from) * channels, (row * width + to) * channels);
  return { width, height, channels, data: out };
};
