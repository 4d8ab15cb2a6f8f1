/**
 * `images.json`: name, size and digest of the images with which a run began, so that a resumed run
 * draws the same ones and reports changes.
 */
import { createHash } from "node:crypto";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { recordOf } from "../../base/record.js";
import { openRegular, readRegularText } from "../../data/files/regular-file.js";
import type { Dataset, ImageFile, ImageSource, Remembered } from "../../data/sets/source.js";
import { decodeFormat, decodeSealed, seal } from "../files/decode.js";
import { jsonBytes } from "../files/disk.js";
import type { Manifest } from "./manifest.js";

/**
 * The part of each file that its digest covers: the whole or, if that is too much, its size and its
 * first and last bytes.
 */
const Extent = t.union([t.literal("whole"), t.literal("ends")]);

/** `digest bytes name`: a truncated hexadecimal SHA-256, or `-` if the file could not be read. */
const Line = t.refinement(t.string, (line) => /^(?:[0-9a-f]+|-) \d+ ./s.test(line), "Line");

const Lines = t.record(t.string, t.readonlyArray(Line));

const Images = t.type({
  /** Format 1, of earlier versions of ganc, has neither held-out nor test images. */
  format: t.union([t.literal(1), t.literal(2)]),
  run: t.string,
  extent: Extent,
  /** By domain: the training images in order. */
  train: Lines,
  /** Images held out of training, if any. */
  held: t.union([t.undefined, Lines]),
  /** Images of the test folders, if any. */
  test: t.union([t.undefined, Lines]),
});

type Extent = t.TypeOf<typeof Extent>;

export type Images = t.TypeOf<typeof Images>;

/** Most bytes of images to read completely at the beginning of a run: a second or two. */
const mostWhole = 2 ** 30;

const endBytes = 2 ** 12;

/** Hexadecimal digits of a digest: 128 bits distinguish files. */
const digits = 32;

const chunkBytes = 2 ** 18;

/** Returns the parts of a file of `size` bytes that are read, `[at, length]`. */
const partsOf = (size: number, extent: Extent): readonly (readonly [number, number])[] =>
  extent === "ends" && size > 2 * endBytes
    ? [
        [0, endBytes],
        [size - endBytes, endBytes],
      ]
    : Array.from({ length: Math.ceil(size / chunkBytes) }, (_, i) => [i * chunkBytes, chunkBytes]);

const unread = "-";

/** Computes the digest of a file in an archive, equal to that of the unpacked file. */
const digestOfContent = (content: Either<string, Uint8Array>, extent: Extent): string => {
  if (isLeft(content)) return unread;
  const hash = createHash("sha256");
  for (const [at, length] of partsOf(content.right.length, extent))
    hash.update(content.right.subarray(at, at + length));
  return hash.digest("hex").slice(0, digits);
};

const digestOf = async ({ path, read }: ImageFile, extent: Extent): Promise<string> => {
  if (read !== undefined) return digestOfContent(await read(), extent);
  const opened = await openRegular(path);
  if (isLeft(opened)) return unread;
  const { handle, size } = opened.right;
  const hash = createHash("sha256");
  const chunk = Buffer.alloc(Math.min(size, chunkBytes));
  try {
    for (const [at, length] of partsOf(size, extent)) {
      const { bytesRead } = await handle.read(chunk, 0, Math.min(length, chunk.length), at);
      hash.update(chunk.subarray(0, bytesRead));
    }
    return hash.digest("hex").slice(0, digits);
  } catch {
    return unread;
  } finally {
    await handle.close().catch(() => undefined);
  }
};

/** Files read at once. */
const atOnce = 8;

/** Maps all elements a few at a time, and keeps their order. */
const mapFew = async <A, B>(all: readonly A[], make: (one: A) => Promise<B>): Promise<B[]> => {
  const made: B[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    for (let i = next++; i < all.length; i = next++) made[i] = await make(all[i] as A);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return made;
};

interface Listed extends ImageFile {
  readonly id: string;
}

/** Lists the files of a source in order. Undefined if its images are not files. */
const filesOf = (source: ImageSource | undefined): readonly Listed[] | undefined =>
  source?.file === undefined
    ? undefined
    : Array.from({ length: source.size }, (_, i) => ({
        id: source.id(i),
        ...(source.file?.(i) ?? { path: "", bytes: undefined }),
      }));

interface Noted {
  readonly id: string;
  readonly bytes: number;
  readonly digest: string;
}

const lineOf = ({ id, bytes, digest }: Noted): string => `${digest} ${bytes} ${id}`;

const notedOf = (line: string): Noted => {
  const [digest = "", bytes = ""] = line.split(" ", 2);
  return { id: line.slice(digest.length + bytes.length + 2), bytes: Number(bytes), digest };
};

type Files = readonly (readonly [string, readonly Listed[]])[];

/** Lists files by domain, if images are files. */
const filesIn = (sources: Dataset["held"] = {}): Files =>
  Object.entries(sources).flatMap(([domain, source]) => {
    const files = filesOf(source);
    return files === undefined ? [] : [[domain, files] as const];
  });

const notedIn = async (found: Files, extent: Extent): Promise<t.TypeOf<typeof Lines>> => {
  const noted: [string, string[]][] = [];
  for (const [domain, files] of found)
    noted.push([
      domain,
      await mapFew(files, async ({ id, bytes = 0, ...file }) =>
        lineOf({ id, bytes, digest: await digestOf({ ...file, bytes }, extent) }),
      ),
    ]);
  return recordOf(noted);
};

/** Makes the record of a new run's images. Undefined if they are not files. */
export const imagesOf = async (
  run: string,
  { train, held, test }: Pick<Dataset, "train" | "held" | "test">,
): Promise<Images | undefined> => {
  const [trained, apart, tested] = [filesIn(train), filesIn(held), filesIn(test)];
  if (trained.length === 0) return undefined;
  const total = [...trained, ...apart, ...tested].reduce(
    (sum, [, files]) => files.reduce((s, { bytes = 0 }) => s + bytes, sum),
    0,
  );
  const extent: Extent = total <= mostWhole ? "whole" : "ends";
  return {
    format: 2,
    run,
    extent,
    train: await notedIn(trained, extent),
    held: held === undefined ? undefined : await notedIn(apart, extent),
    test: test === undefined ? undefined : await notedIn(tested, extent),
  };
};

/** Encodes the record, with the fingerprint that the manifest repeats. */
export const encodeImages = (
  images: Images,
): { readonly bytes: readonly Uint8Array[]; readonly fingerprint: string } => {
  const sealed = seal(images);
  return { bytes: jsonBytes(sealed), fingerprint: sealed.fingerprint };
};

/** Most bytes of the file, a line of JSON for each image. */
const mostBytes = 2 ** 29;

/**
 * Reads the record of a run's images. The left side completes a sentence that begins with the
 * file's name.
 */
export const readImages = async (
  path: string,
  { run, data }: Manifest,
): Promise<Either<string, Images | undefined>> => {
  if (data.images === undefined) return right(undefined);
  const text = await readRegularText(path, mostBytes);
  if (isLeft(text)) return text;
  const format = decodeFormat(text.right, [1, 2]);
  const images = isLeft(format) ? format : decodeSealed(Images, text.right, false);
  if (isLeft(images)) return images;
  return images.right.run === run && seal(images.right).fingerprint === data.images
    ? images
    : left("belongs to another run");
};

/** Returns the recorded ids by domain. */
const idsIn = (lines: Images["held"] = {}): Readonly<Record<string, readonly string[]>> =>
  recordOf(
    Object.entries(lines).map(([domain, all]) => [domain, all.map((line) => notedOf(line).id)]),
  );

/** Returns the ids of training images, followed by those held out. */
const allIds = ({ train, held }: Images): Readonly<Record<string, readonly string[]>> => {
  const apart = idsIn(held);
  return recordOf(
    Object.entries(idsIn(train)).map(([domain, ids]) => [
      domain,
      [...ids, ...(apart[domain] ?? [])],
    ]),
  );
};

/**
 * Returns what opening the images needs to remember. `isSame`: exactly the run's original images.
 */
export const rememberedOf = (
  { data }: Manifest,
  images?: Images,
  isSame = images !== undefined,
): Remembered => ({
  classes: data.classes,
  isOld: data.images === undefined,
  ...(images?.held === undefined ? {} : { held: idsIn(images.held) }),
  ...(images === undefined || !isSame ? {} : { images: allIds(images) }),
});

/** Ids of images by kind of change. */
export interface Changes {
  readonly changed: readonly string[];
  readonly gone: readonly string[];
  readonly come: readonly string[];
}

const none: Changes = { changed: [], gone: [], come: [] };

/** Compares a domain's images with the run's record. */
export const changesOf = async (
  { extent, ...images }: Images,
  domain: string,
  source: ImageSource | undefined,
  split: "train" | "held" = "train",
): Promise<Changes> => {
  const files = filesOf(source);
  const noted = images[split]?.[domain]?.map(notedOf);
  if (source === undefined || files === undefined || noted === undefined) return none;
  const there = new Map(files.flatMap((f) => (f.bytes === undefined ? [] : [[f.id, f] as const])));
  const known = new Set(noted.map(({ id }) => id));
  const hasChanged = await mapFew(noted, async ({ id, bytes, digest }) => {
    const file = there.get(id);
    if (file === undefined) return false;
    return file.bytes !== bytes || (digest !== unread && (await digestOf(file, extent)) !== digest);
  });
  return {
    changed: noted.flatMap(({ id }, i) => (hasChanged[i] === true ? [id] : [])),
    gone: noted.flatMap(({ id }) => (there.has(id) ? [] : [id])),
    come: [...(source.since ?? []), ...files.flatMap(({ id }) => (known.has(id) ? [] : [id]))],
  };
};
