/** Decodes images, if they are images, intact, and small enough for memory. */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import sharp, { type FailOnOptions, type Metadata, type Sharp } from "sharp";
import { type BrokenImage, reasonOf } from "../files/errors.js";
import { formatNames, formatOf } from "../files/formats.js";
import { readIn } from "../files/tree.js";
import { type Raster, type RawImage, withChannels } from "./image.js";
import { isDamage, withoutEnd } from "./jpeg.js";
import { readNpy } from "./npy.js";
import { rasterOf } from "./numbers.js";
import { readTiff } from "./tiff.js";

const WHITE = "#ffffff";

/** Most pixels decoded at full size: a photograph of any camera. */
const mostWhole = 2 ** 26;

/** Most pixels decoded line by line and shrunk on the way, where the format allows it. */
const mostShrunk = 2 ** 28;

/** Pixels of a shrunk image. */
const shrunk = 2 ** 24;

/** Widest image in pixels: one line is held in memory. */
const widest = 2 ** 16;

const millions = (pixels: number): string => `${Math.floor(pixels / 1e6)} million`;

const toRaw = async (pipeline: Sharp): Promise<RawImage> => {
  const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true });
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return withChannels(
    { width: info.width, height: info.height, channels: info.channels === 1 ? 1 : 3, data: bytes },
    3,
  );
};

const upright = (bytes: Uint8Array, failOn: FailOnOptions): Promise<RawImage> =>
  toRaw(
    sharp(bytes, { failOn, limitInputPixels: mostWhole })
      .autoOrient()
      .flatten({ background: WHITE }),
  );

const tooLarge = ({ width, height }: Metadata, most: number, of = ""): string =>
  `it has ${width} x ${height} pixels, but at most ${millions(most)} can be read${of}: make it smaller`;

/**
 * Returns the reason why an image of more than `mostWhole` pixels cannot be shrunk line by line, or
 * undefined.
 */
const unshrinkable = (about: Metadata): string | undefined => {
  const { width, height, format, isProgressive } = about;
  if (width * height > mostShrunk) return tooLarge(about, mostShrunk);
  if (width > widest) return `it is ${width} pixels wide, but at most ${widest} can be read`;
  if (format !== "jpeg" && format !== "png") return tooLarge(about, mostWhole, " of its format");
  return isProgressive === true
    ? tooLarge(about, mostWhole, " where it is progressive or interlaced")
    : undefined;
};

/**
 * Formats whose decoder warns of damage that it can skip. For other formats it warns only of
 * oddities.
 */
const strict: ReadonlySet<string> = new Set(["jpeg", "gif"]);

/** Decodes strictly enough to fail on damage, but not on oddities. */
const strictly = async <A>(
  bytes: Uint8Array,
  format: string,
  decode: (failOn: FailOnOptions) => Promise<A>,
): Promise<A> => {
  try {
    return await decode(strict.has(format) ? "warning" : "error");
  } catch (thrown) {
    if (format !== "jpeg" || isDamage(reasonOf(thrown), bytes)) throw thrown;
    return await decode("error");
  }
};

/** Decodes a huge image without ever holding it at full size. */
const decodeHuge = async (bytes: Uint8Array, format: string): Promise<Either<string, RawImage>> => {
  const about = await sharp(bytes, { failOn: "none", limitInputPixels: false }).metadata();
  const reason = unshrinkable(about);
  if (reason !== undefined) return left(reason);
  const factor = Math.sqrt(shrunk / (about.width * about.height));
  const side = (pixels: number): number => Math.max(1, Math.floor(pixels * factor));
  const smaller = await strictly(bytes, format, (failOn) =>
    sharp(bytes, { failOn, limitInputPixels: mostShrunk, sequentialRead: true })
      .resize(side(about.width), side(about.height), { fit: "fill" })
      .keepExif()
      .png({ compressionLevel: 0 })
      .toBuffer(),
  );
  const { width, height } = about.autoOrient;
  return right({ ...(await upright(smaller, "error")), full: { width, height } });
};

/** Tells whether a JPEG file that decodes has nevertheless lost a part. */
const hasLostPlace = async (bytes: Uint8Array): Promise<boolean> => {
  const cut = withoutEnd(bytes);
  if (cut === undefined) return false;
  try {
    // Every line is needed: a smaller picture might not read the last one.
    await sharp(cut, { failOn: "truncated", limitInputPixels: mostWhole }).raw().toBuffer();
    return true;
  } catch {
    return false;
  }
};

const contentReason = (instead: string | undefined): string =>
  instead === undefined
    ? `its content is not an image that can be read (${formatNames})`
    : `its content is ${instead}, not an image that can be read (${formatNames})`;

/** Matches decoder messages about intact files of an unsupported kind. */
const unknownKind = /data precision|not implemented|compression|photometric/i;

/** Matches the prefix that names the decoder's component, which means nothing to users. */
const speakers =
  /^(?:(?:Input buffer has corrupt header|Vips\w+|\w+2vips|vips\w+|source|heif|webp|gifload_buffer):\s*)+/;

/** Words the decoder's first complaint; the others follow from it. */
const faultOf = (thrown: unknown): string => {
  const [first = ""] = reasonOf(thrown).replace(speakers, "").split("; ");
  const what = unknownKind.test(first)
    ? "it is of a kind that cannot be read"
    : "it is damaged or cut off";
  return first === "" || /^Input buffer/.test(first) ? what : `${what}: ${first}`;
};

/**
 * Decodes an image (of the formats in `formats.ts`, recognised by content) to RGB. It applies the
 * EXIF orientation, converts colour profiles to sRGB, keeps the upper 8 of 16 bits, lays alpha on
 * white, repeats grey, and takes the first frame of an animation. A file that is cut off or visibly
 * damaged is an error; the left side is the reason. `isKnown`: it decoded before, so it is not
 * checked again.
 */
export const decodeImage = async (
  bytes: Uint8Array,
  isKnown = false,
): Promise<Either<string, RawImage>> => {
  if (bytes.length === 0) return left("the file is empty");
  const found = formatOf(bytes);
  if ("instead" in found) return left(contentReason(found.instead));
  const { format } = found;
  if (format === "npy")
    return left("it is an array of numbers, which can be used in training but not translated");
  try {
    const image = await strictly(bytes, format, (failOn) => upright(bytes, failOn));
    return format === "jpeg" && !isKnown && (await hasLostPlace(bytes))
      ? left("it is damaged: a part of its data is missing or overwritten")
      : right(image);
  } catch (thrown) {
    if (!/exceeds pixel limit/.test(reasonOf(thrown))) return left(faultOf(thrown));
  }
  try {
    return await decodeHuge(bytes, format);
  } catch (thrown) {
    return left(faultOf(thrown));
  }
};

/**
 * Tells whether a TIFF holds what the photograph decoder does not read: fractions, or channels
 * beyond colour and alpha.
 */
const holdsNumbers = async (bytes: Uint8Array): Promise<boolean> => {
  try {
    const { depth, channels } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return /float|double|complex|int/.test(depth) || channels > 4;
  } catch {
    return true;
  }
};

/**
 * Decodes a file of any format: as `decodeImage` does, or with the file's own numbers and channels.
 */
export const decodeAny = async (
  bytes: Buffer,
  isKnown = false,
): Promise<Either<string, Raster>> => {
  const found = formatOf(bytes);
  const format = "format" in found ? found.format : undefined;
  if (format !== "npy" && !(format === "tiff" && (await holdsNumbers(bytes))))
    return decodeImage(bytes, isKnown);
  const read = format === "npy" ? readNpy(bytes) : await readTiff(bytes);
  return isLeft(read) ? left(`${read.left}`) : right(rasterOf(read.right));
};

/** Reads and decodes a file. `id` names the image in errors. */
export const readImage = async (
  path: string,
  id: string = path,
  isKnown = false,
): Promise<Either<BrokenImage, Raster>> => {
  const broken = (reason: string) => left<BrokenImage>({ kind: "broken-image", id, path, reason });
  const bytes = await readIn(path);
  if (isLeft(bytes)) return broken(`it ${bytes.left}`);
  const decoded = await decodeAny(bytes.right, isKnown);
  return isLeft(decoded) ? broken(decoded.left) : decoded;
};

/**
 * Lists the conversions on a file's way into memory that its owner should know of, a phrase each.
 */
export const conversionsOf = async (bytes: Uint8Array): Promise<readonly string[]> => {
  try {
    const about = await sharp(bytes, { limitInputPixels: false }).metadata();
    const isSeen = about.hasAlpha && !(await sharp(bytes).stats()).isOpaque;
    return [
      ...(isSeen ? ["transparent, laid on white"] : []),
      ...(about.depth === "ushort" ? ["of 16 bits, cut to 8"] : []),
      ...(about.space === "cmyk" ? ["CMYK, converted to RGB"] : []),
      ...((about.pages ?? 1) > 1 ? ["of several frames or pages, the first read"] : []),
    ];
  } catch {
    return [];
  }
};

/** Draws an SVG document on white, at the size of its `width` and `height` attributes. */
export const drawSvg = async (svg: string): Promise<Either<string, RawImage>> => {
  try {
    return right(await toRaw(sharp(Buffer.from(svg)).flatten({ background: WHITE })));
  } catch (thrown) {
    return left(reasonOf(thrown));
  }
};
