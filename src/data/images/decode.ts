/** Encoded images made pixels, where they are images, whole, and of a size that fits into memory. */
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

/** Decoded as they are: a photograph of any camera. */
const mostWhole = 2 ** 26;

/** Decoded line by line, and shrunk on the way, where the format allows it. */
const mostShrunk = 2 ** 28;

/** What they are shrunk to. */
const shrunk = 2 ** 24;

/** A line is held whole. */
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
  `it has ${width} x ${height} pixels, and at most ${millions(most)} are read${of}: make it smaller`;

/** Why an image of more than `mostWhole` pixels cannot be shrunk line by line; nothing where it can. */
const unshrinkable = (about: Metadata): string | undefined => {
  const { width, height, format, isProgressive } = about;
  if (width * height > mostShrunk) return tooLarge(about, mostShrunk);
  if (width > widest) return `it is ${width} pixels wide, and at most ${widest} are read`;
  if (format !== "jpeg" && format !== "png") return tooLarge(about, mostWhole, " of its format");
  return isProgressive === true
    ? tooLarge(about, mostWhole, " where it is progressive or interlaced")
    : undefined;
};

/** Formats whose decoder warns of damage that it can go on after. Of others it warns of oddities alone. */
const strict: ReadonlySet<string> = new Set(["jpeg", "gif"]);

/** Decodes as strictly as tells damage from oddities. */
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

/** A huge image, which never is in memory at its own size. */
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

/** Whether a JPEG file that can be decoded has lost a part nonetheless. */
const hasLostPlace = async (bytes: Uint8Array): Promise<boolean> => {
  const cut = withoutEnd(bytes);
  if (cut === undefined) return false;
  try {
    // Every line is wanted: a smaller picture may do without the last.
    await sharp(cut, { failOn: "truncated", limitInputPixels: mostWhole }).raw().toBuffer();
    return true;
  } catch {
    return false;
  }
};

const contentReason = (instead: string | undefined): string =>
  instead === undefined
    ? `its content is no image that is read (${formatNames})`
    : `its content is ${instead}, not an image that is read (${formatNames})`;

/** What a decoder says of files that are whole and that it does not know how to read. */
const unknownKind = /data precision|not implemented|compression|photometric/i;

/** Which part of the decoder speaks, which says nothing to who reads it. */
const speakers =
  /^(?:(?:Input buffer has corrupt header|Vips\w+|\w+2vips|vips\w+|source|heif|webp|gifload_buffer):\s*)+/;

/** The first of what a decoder says: more follows from that. */
const faultOf = (thrown: unknown): string => {
  const [first = ""] = reasonOf(thrown).replace(speakers, "").split("; ");
  const what = unknownKind.test(first)
    ? "it is of a kind that is not read"
    : "it is damaged or cut off";
  return first === "" || /^Input buffer/.test(first) ? what : `${what}: ${first}`;
};

/**
 * An encoded image (of the formats in `formats.ts`, by its content) as RGB: turned as its EXIF orientation says, colour
 * profiles converted to sRGB, 16 bits cut to their upper 8, alpha laid on white, grey repeated, of an animation the first
 * frame. What is cut off, or damaged so that it shows, is an error, of which the left side is the reason. `isKnown`: it was
 * decoded before, and is not looked through again.
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
    return left("it is an array of numbers, which can be trained on and not be translated");
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

/** Whether a TIFF holds what the decoder of photographs does not read: fractions, or channels beyond colour and alpha. */
const holdsNumbers = async (bytes: Uint8Array): Promise<boolean> => {
  try {
    const { depth, channels } = await sharp(bytes, { limitInputPixels: false }).metadata();
    return /float|double|complex|int/.test(depth) || channels > 4;
  } catch {
    return true;
  }
};

/** A file of any format, as `decodeImage` has it or with the file's own numbers and channels. */
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

/** Reads and decodes a file; `id` is what a broken image is called by. */
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

/** What was made of a file on its way into memory that its owner should know of, a phrase each. */
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

/** Draws an SVG document at the size that its `width` and `height` attributes say, on white. */
export const drawSvg = async (svg: string): Promise<Either<string, RawImage>> => {
  try {
    return right(await toRaw(sharp(Buffer.from(svg)).flatten({ background: WHITE })));
  } catch (thrown) {
    return left(reasonOf(thrown));
  }
};
