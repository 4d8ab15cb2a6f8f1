/** Images cut out and mirrored. */
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
