/** Encodes a translated picture with its original's metadata. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import type { Noted, Picture } from "./picture.js";
import { in8Bits, in16Bits, mostOf, type Pixels } from "./pixels.js";
import { withPngExif } from "./png-chunks.js";
import { resize } from "./resize.js";

/** The formats in which pictures are written. */
export const outputFormats = ["png", "jpeg", "webp", "avif", "tiff"] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** The ending of their files' names. */
export const endingOf: Readonly<Record<OutputFormat, string>> = {
  png: ".png",
  jpeg: ".jpg",
  webp: ".webp",
  avif: ".avif",
  tiff: ".tif",
};

/** Lossy formats, with a quality from 1 to 100. */
export const lossyFormats: ReadonlySet<OutputFormat> = new Set(["jpeg", "webp", "avif"]);

/** Formats with 16 bits a sample. */
const deep: ReadonlySet<OutputFormat> = new Set(["png", "tiff"]);

export interface OutputOptions {
  readonly format: OutputFormat;
  /** From 1 to 100, for lossy formats. */
  readonly quality?: number | undefined;
}

/** Interleaves colours and transparency. Grey is repeated if there is transparency. */
const interleaved = (
  { data, channels, width, height }: Pixels,
  alpha: Pixels["data"] | undefined,
): { readonly data: Pixels["data"]; readonly channels: 1 | 3 | 4 } => {
  if (alpha === undefined) return { data, channels };
  const size = width * height * 4;
  const out = data instanceof Uint16Array ? new Uint16Array(size) : new Uint8Array(size);
  for (let i = 0; i < alpha.length; i++) {
    for (let c = 0; c < 3; c++) out[4 * i + c] = data[channels === 1 ? i : 3 * i + c] ?? 0;
    out[4 * i + 3] = alpha[i] ?? 0;
  }
  return { data: out, channels: 4 };
};

const encoded = (image: Sharp, { format, quality }: OutputOptions): Promise<Buffer> => {
  const lossy = quality === undefined ? {} : { quality };
  switch (format) {
    case "png":
      return image.png().toBuffer();
    case "jpeg":
      return image.jpeg({ quality: 95, ...lossy }).toBuffer();
    case "webp":
      return image.webp({ quality: 95, ...lossy }).toBuffer();
    case "avif":
      return image.avif({ quality: 80, ...lossy }).toBuffer();
    case "tiff":
      return image.tiff({ compression: "deflate" }).toBuffer();
  }
};

/** Calls `use` with a temporary file of these bytes, for libraries that need a path. */
const withFile = async <A>(bytes: Uint8Array, use: (path: string) => Promise<A>): Promise<A> => {
  const folder = await mkdtemp(join(tmpdir(), "ganc-profile-"));
  try {
    const path = join(folder, "profile.icc");
    await writeFile(path, bytes);
    return await use(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const noting = async (
  image: Sharp,
  { exif, xmp, profile }: Noted,
  options: OutputOptions,
): Promise<Buffer> => {
  const described = xmp === undefined ? image : image.withXmp(xmp);
  const write = (one: Sharp): Promise<Buffer> => {
    // In TIFF there is no place for EXIF that readers look at.
    if (exif === undefined || options.format === "tiff") return encoded(one, options);
    return one
      .png(options.format === "png" ? {} : { compressionLevel: 0 })
      .toBuffer()
      .then((png) => {
        const whole = withPngExif(png, exif);
        if (options.format === "png") return whole;
        return encoded(sharp(whole, { limitInputPixels: false }).keepMetadata(), options);
      });
  };
  if (profile === undefined) return write(described);
  try {
    return await withFile(profile, (path) => write(described.clone().withIccProfile(path)));
  } catch {
    // The profile is damaged: the colours are still those of sRGB.
    return write(described);
  }
};

/**
 * Encodes a picture, with its own depth if the format holds 16 bits, converted to its own profile
 * and tagged with it. Transparency is laid on white if the format has none. `pixels` are sRGB or
 * grey.
 */
export const encodePicture = async (
  { pixels, alpha, noted }: Picture,
  options: OutputOptions,
): Promise<Uint8Array> => {
  const isDeep = pixels.data instanceof Uint16Array && deep.has(options.format);
  const image = isDeep ? in16Bits(pixels) : in8Bits(pixels);
  const shrunk =
    alpha === undefined || isDeep ? alpha : in8Bits({ ...image, channels: 1, data: alpha }).data;
  const { data, channels } = interleaved(image, shrunk);
  const { width, height } = image;
  const space = channels === 1 ? (isDeep ? "grey16" : "b-w") : isDeep ? "rgb16" : "srgb";
  const raw = sharp(data, { raw: { width, height, channels }, limitInputPixels: false });
  const laid =
    options.format === "jpeg" && channels === 4 ? raw.flatten({ background: "#ffffff" }) : raw;
  const kept = channels === 1 && noted.profile !== undefined ? withoutProfile(noted) : noted;
  return noting(laid.toColourspace(space), kept, options);
};

/** Drops the profile: a colour profile does not apply to a grey picture. */
const withoutProfile = ({ profile: _, ...rest }: Noted): Noted => rest;

/** Resizes the transparency of a picture. */
export const alphaAt = (
  alpha: Pixels["data"],
  of: Pick<Pixels, "height" | "width">,
  to: Pick<Pixels, "height" | "width">,
): Pixels["data"] => {
  if (of.height === to.height && of.width === to.width) return alpha;
  const { height, width } = of;
  const mask: Pixels = { height, width, channels: 1, data: alpha };
  const sized = resize(in8Bits(mask), to.height, to.width);
  return (mostOf(mask) === 255 ? sized : in16Bits(sized)).data;
};
