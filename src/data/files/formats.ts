/** The image formats that are read: one table for folders, for decoding and for what is told of both. */
import { extname } from "node:path";

interface Format {
  /** As people write it. */
  readonly name: string;
  /** What the decoder calls it. */
  readonly decoder: "jpeg" | "png" | "webp" | "tiff" | "gif" | "heif" | "npy";
  /** How its files' names end, in lower case. */
  readonly endings: readonly string[];
  /** Whether a file that begins so is one. */
  readonly isOf: (head: Buffer) => boolean;
}

/** How many bytes of a file tell what it is. */
const headBytes = 512;

const begins =
  (...beginnings: readonly string[]) =>
  (head: Buffer): boolean =>
    beginnings.some((bytes) => head.subarray(0, bytes.length).equals(Buffer.from(bytes, "latin1")));

const at = (head: Buffer, from: number, to: number): string => head.toString("latin1", from, to);

/** The brands that an ISO media file names, its own first. */
const brands = (head: Buffer): readonly string[] => {
  if (at(head, 4, 8) !== "ftyp") return [];
  const end = Math.min(head.readUInt32BE(0), head.length);
  const places = Array.from(
    { length: Math.max(0, Math.floor((end - 8) / 4)) },
    (_, i) => 8 + 4 * i,
  );
  // Behind the first stands its version.
  return places.filter((place) => place !== 12).map((place) => at(head, place, place + 4));
};

/** In the order that they are told in. */
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

/** What stands behind an image's name now and then, and is none that is read. */
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

/** `JPEG, PNG, WebP, TIFF, GIF, AVIF or NumPy`. */
export const formatNames = formats
  .map(({ name }) => name)
  .join(", ")
  .replace(/, (\w+)$/, " or $1");

/** What the decoder calls those that it reads. */
export const decoderNames = formats.flatMap(({ decoder }) => (decoder === "npy" ? [] : [decoder]));

/** The format of a file by what it begins with, never by its name; the left side of a reason is what it is instead. */
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

/** Those that earlier versions of ganc looked at. */
const endingsBefore: ReadonlySet<string> = new Set([".jpg", ".jpeg", ".png", ".webp"]);

/** Whether a file is called as images are. `before`: as earlier versions of ganc had it. */
export const isImageName = (name: string, before = false): boolean =>
  (before ? endingsBefore : endings).has(extname(name).toLowerCase());

/** What systems and their tools put beside files: nobody means it by a folder of images. */
const litter: ReadonlySet<string> = new Set([
  "thumbs.db",
  "ehthumbs.db",
  "desktop.ini",
  "icon\r",
  "__macosx",
  "@eadir",
]);

/** Whether a name is passed over without a word: hidden, or put there by a system. */
export const isUnmeant = (name: string): boolean =>
  name.startsWith(".") || litter.has(name.toLowerCase());
