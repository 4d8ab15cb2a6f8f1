/**
 * Pictures to be returned to users: with their own depth, transparency, colour profile and
 * metadata.
 */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import sharp, { type Metadata } from "sharp";
import { type DataError, reasonOf } from "../files/errors.js";
import { formatNames } from "../files/formats.js";
import { readRegular } from "../files/regular-file.js";
import { decodeImage } from "./decode.js";
import { uprightExif } from "./exif.js";
import type { Pixels } from "./pixels.js";

/** The parts of a picture that are not pixels. */
export interface Noted {
  /** Upright and without a thumbnail, as from `uprightExif`. */
  readonly exif?: Uint8Array;
  readonly xmp?: string;
  /** An RGB or grey ICC profile. */
  readonly profile?: Uint8Array;
}

export interface Picture {
  /** In sRGB, upright, with transparency laid on white: as networks see images in training. */
  readonly pixels: Pixels;
  /** One sample a pixel, of the same depth; absent if the picture is opaque. */
  readonly alpha?: Pixels["data"];
  readonly noted: Noted;
}

/** Most bytes of an encoded image. */
const mostBytes = 2 ** 30;

/** Most pixels: a photograph of any camera. */
const mostPixels = 2 ** 26;

const samples = (bytes: Buffer, is16Bit: boolean): Pixels["data"] =>
  is16Bit
    ? new Uint16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
    : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Reads the colour space of a profile: four letters of its header. */
const spaceOf = (profile: Buffer): string => profile.toString("latin1", 16, 20);

const notedIn = ({ exif, icc, xmp }: Metadata): Noted => {
  const upright = exif === undefined ? undefined : uprightExif(exif);
  const isKept = icc !== undefined && /^(?:RGB |GRAY)$/.test(spaceOf(icc));
  const text = xmp?.toString("utf8").replace(/(tiff:Orientation(?:="|>))\d/g, "$11");
  return {
    ...(upright === undefined ? {} : { exif: upright }),
    ...(text === undefined ? {} : { xmp: text }),
    ...(isKept ? { profile: icc } : {}),
  };
};

/** Lays colours on white and separates the transparency. Undefined if all is opaque. */
const apart = (data: Pixels["data"], most: number) => {
  const count = data.length / 4;
  const of = (size: number): Pixels["data"] =>
    data instanceof Uint16Array ? new Uint16Array(size) : new Uint8Array(size);
  const [colours, alpha] = [of(3 * count), of(count)];
  let isOpaque = true;
  for (let i = 0; i < count; i++) {
    const a = data[4 * i + 3] ?? most;
    alpha[i] = a;
    if (a !== most) isOpaque = false;
    for (let c = 0; c < 3; c++)
      colours[3 * i + c] = Math.round(((data[4 * i + c] ?? 0) * a + most * (most - a)) / most);
  }
  return { colours, alpha: isOpaque ? undefined : alpha };
};

const decode = async (bytes: Buffer): Promise<Picture> => {
  const about = await sharp(bytes, { failOn: "none" }).metadata();
  const is16Bit = about.depth === "ushort";
  const { data, info } = await sharp(bytes, { failOn: "none", limitInputPixels: mostPixels })
    .autoOrient()
    .toColourspace(is16Bit ? "rgb16" : "srgb")
    .raw({ depth: is16Bit ? "ushort" : "uchar" })
    .toBuffer({ resolveWithObject: true });
  const all = samples(data, is16Bit);
  const { width, height, channels } = info;
  const noted = notedIn(about);
  if (channels !== 4)
    return { pixels: { width, height, channels: channels === 1 ? 1 : 3, data: all }, noted };
  const { colours, alpha } = apart(all, is16Bit ? 65535 : 255);
  return {
    pixels: { width, height, channels: 3, data: colours },
    ...(alpha === undefined ? {} : { alpha }),
    noted,
  };
};

/**
 * Reads the picture in a file, of at most 67 million pixels. The left side says what cannot be read
 * and why.
 */
export const readPicture = async (path: string): Promise<Either<DataError, Picture>> => {
  const unreadable = (reason: string) =>
    left<DataError>({
      kind: "unreadable-image",
      path,
      reason,
      hint: `Give a ${formatNames} file.`,
    });
  const bytes = await readRegular(path, mostBytes);
  if (isLeft(bytes)) return unreadable(`it ${bytes.left}`);
  return decodePicture(bytes.right, unreadable);
};

/** Decodes a picture from the bytes of a file. `unreadable` makes an error from a reason. */
export const decodePicture = async <E>(
  bytes: Buffer,
  unreadable: (reason: string) => Either<E, never>,
): Promise<Either<E, Picture>> => {
  // Damage is judged as strictly as in training.
  const whole = await decodeImage(bytes);
  if (isLeft(whole)) return unreadable(whole.left);
  if (whole.right.full !== undefined)
    return unreadable("it has more than 67 million pixels: make it smaller");
  try {
    return right(await decode(bytes));
  } catch (thrown) {
    return unreadable(`it cannot be decoded: ${reasonOf(thrown)}`);
  }
};
