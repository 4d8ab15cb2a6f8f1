/**
 * TIFF files that hold numbers, not a photograph: fractions, or channels beyond colour and alpha.
 */
import { type Either, left, right } from "fp-ts/lib/Either.js";
import { reasonOf } from "../files/errors.js";
import type { Numbers } from "./numbers.js";

/** Most numbers of one image. */
const most = 2 ** 28;

/** Reads the first page. The left side is the reason why it cannot be read. */
export const readTiff = async (bytes: Uint8Array): Promise<Either<string, Numbers>> => {
  // Loaded only when needed: it brings decoders of its own.
  const { fromArrayBuffer } = await import("geotiff");
  try {
    const own = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const image = await (await fromArrayBuffer(own as ArrayBuffer)).getImage(0);
    const [width, height] = [image.getWidth(), image.getHeight()];
    const channels = image.getSamplesPerPixel();
    if (width * height * channels > most) return left(`it holds more than ${most} numbers`);
    const raster = await image.readRasters({ interleave: true });
    if (raster instanceof Float32Array || raster instanceof Float64Array)
      return right({ width, height, channels, data: raster });
    return raster instanceof Uint8Array || raster instanceof Uint16Array
      ? right({ width, height, channels, data: raster })
      : left(
          "its numbers are signed or of 32 bits, but only 8 and 16 bits and fractions can be read",
        );
  } catch (thrown) {
    return left(`it is damaged or of a kind that cannot be read: ${reasonOf(thrown)}`);
  }
};
