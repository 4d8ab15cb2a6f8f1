/** What decodes images here, for who asks after the state of a machine. */
import sharp from "sharp";
import { decoderNames } from "../files/formats.js";

/** Versions of the decoder, and what it reads of the usual formats: `sharp 0.35.5, libvips 8.18.7: jpeg, png`. */
export const codecs = (): string => {
  const read = decoderNames.filter((name) => sharp.format[name]?.input.file === true);
  const { sharp: own = "?", vips } = sharp.versions;
  return `sharp ${own}, libvips ${vips}: ${read.join(", ")}`;
};
