/** The image decoder's version, for reports about a machine. */
import sharp from "sharp";
import { decoderNames } from "../files/formats.js";

/**
 * Returns the versions of the decoder and the formats that it reads: `sharp 0.35.5, libvips 8.18.7:
 * jpeg, png`.
 */
export const codecs = (): string => {
  const read = decoderNames.filter((name) => sharp.format[name]?.input.file === true);
  const { sharp: own = "?", vips } = sharp.versions;
  return `sharp ${own}, libvips ${vips}: ${read.join(", ")}`;
};
