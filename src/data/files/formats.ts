/** The image formats that can be read: one table for listing, decoding and messages. */
import { extname } from "node:path";

interface Format {
  /** Name as people write it. */
  readonly name: string;
  /** The decoder's name for it. */
  readonly decoder: "jpeg" | "png" | "webp" | "tiff" | "gif" | "heif" | "npy";
  /** Endings of its files' names, in lower case. */
  readonly endings: readonly string[];
  /** Tells the format by the first bytes of a file. */
  readonly isOf: (head: Buffer) => boolean;
}

/** How many bytes of a file identify its format. */
const headBytes = 512;

const begins =
  (...beginnings: readonly string[]) =>
  (head: Buffer): boolean =>
    beginnings.some((bytes) => head.subarray(0, bytes.length).equals(Buffer.from(bytes, "latin1")));

const at = (head: Buffer, from: number, to: number): string => head.toString("latin1", from, to);

/** Reads the brands that an ISO media file names, its own first. */
const brands = (head: Buffer): readonly string[] => {
  if (at(head, 4, 8) !== "ftyp") return [];
  const end = Math.min(head.readUInt32BE(0), head.length);
  const places = Array.from(
    { length: Math.max(0, Math.floor((end - 8) / 4)) },
    (_, i) => 8 + 4 * i,
  );
  // The first brand is followed by its version.
  return places.filter((place) => place !== 12).map((place) => at(head, place, place + 4));
};

/** In the order in which messages list them. */
export const formats: readonly Format[] = [
  {
    name: "JPEG",
    decoder: "jpeg",
    endings: [".jpg", ".jpeg", ".jpe", ".jfif"],
    isOf: begins("\xff\xd8\xff"),
  },
  { name: "PNG", decoder: "png", endings: [".png"], isOf: begins("\x89PNG\r\n\x1a\n") },
  {
    name: "WebP",
    decoder: "webp",
    endings: [".webp"],
    isOf: (head) => at(head, 0, 4) === "RIFF" && at(head, 8, 12) === "WEBP",
  },
  {
    name: "TIFF",
    decoder: "tiff",
    endings: [".tif", ".tiff"],
    isOf: begins("II*\0", "MM\0*", "II+\0", "MM\0+"),
  },
  { name: "GIF", decoder: "gif", endings: [".gif"], isOf: begins("GIF87a", "GIF89a") },
  {
    name: "AVIF",
    decoder: "heif",
    endings: [".avif"],
    isOf: (head) => brands(head).some((brand) => brand === "avif" || brand === "avis"),
  },
  { name: "NumPy", decoder: "npy", endings: [".npy"], isOf: begins("\x93NUMPY") },
];

/** Formats that are not read, but turn up under an image's name. */
const others: readonly Pick<Format, "name" | "isOf">[] = [
  {
    name: "an SVG drawing",
    isOf: (head) => /<svg[\s>]|<!DOCTYPE svg/i.test(at(head, 0, headBytes)),
  },
  { name: "a web page", isOf: (head) => /<(?:!doctype )?html[\s>]/i.test(at(head, 0, headBytes)) },
  { name: "an XML document", isOf: begins("<?xml", "\xef\xbb\xbf<?xml") },
  { name: "a PDF document", isOf: begins("%PDF") },
  { name: "a PostScript document", isOf: begins("%!PS") },
  { name: "a Photoshop document", isOf: begins("8BPS") },
  { name: "a BMP image", isOf: begins("BM") },
  { name: "a JPEG XL image", isOf: begins("\xff\x0a", "\0\0\0\x0cJXL ") },
  { name: "a JPEG 2000 image", isOf: begins("\0\0\0\x0cjP  ", "\xff\x4f\xff\x51") },
  {
    name: "a HEIC image",
    isOf: (head) => brands(head).some((brand) => /^(?:hei[cxms]|hev[cxms])$/.test(brand)),
  },
  {
    name: "a video",
    isOf: (head) => at(head, 4, 8) === "ftyp" || begins("\x1a\x45\xdf\xa3")(head),
  },
  { name: "a gzip file", isOf: begins("\x1f\x8b") },
  { name: "a zip archive", isOf: begins("PK\x03\x04") },
  {
    name: "a file that git-lfs keeps elsewhere (`git lfs pull` brings it)",
    isOf: begins("version https://git-lfs"),
  },
];

/** The formats in words: `JPEG, PNG, WebP, TIFF, GIF, AVIF or NumPy`. */
export const formatNames = formats
  .map(({ name }) => name)
  .join(", ")
  .replace(/, (\w+)$/, " or $1");

/** The decoder's names of the formats that it reads. */
export const decoderNames = formats.flatMap(({ decoder }) => (decoder === "npy" ? [] : [decoder]));

/**
 * Tells the format of a file by its first bytes, never by its name. `instead` names what the file
 * is if that is known and not read.
 */
export const formatOf = (
  bytes: Uint8Array,
): { readonly format: Format["decoder"] } | { readonly instead: string | undefined } => {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(headBytes, bytes.byteLength));
  const found = formats.find(({ isOf }) => isOf(head));
  return found === undefined
    ? { instead: others.find(({ isOf }) => isOf(head))?.name }
    : { format: found.decoder };
};

const endings: ReadonlySet<string> = new Set(formats.flatMap((format) => format.endings));

/** Endings that earlier versions of ganc knew. */
const endingsBefore: ReadonlySet<string> = new Set([".jpg", ".jpeg", ".png", ".webp"]);

/**
 * Tells by its name whether a file is an image. `before`: by the endings that earlier versions of
 * ganc knew.
 */
export const isImageName = (name: string, before = false): boolean =>
  (before ? endingsBefore : endings).has(extname(name).toLowerCase());

/** Files that systems and their tools leave beside others; nobody means them as images. */
const litter: ReadonlySet<string> = new Set([
  "thumbs.db",
  "ehthumbs.db",
  "desktop.ini",
  "icon\r",
  "__macosx",
  "@eadir",
]);

/** Tells whether a name is skipped silently: hidden, or left by a system. */
export const isUnmeant = (name: string): boolean =>
  name.startsWith(".") || litter.has(name.toLowerCase());
