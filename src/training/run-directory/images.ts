/**
 * `images.json`: which images a run began with, by name, size and digest, so that a run that goes on draws the same ones and
 * tells what has become of them.
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

/** What of each file its digest is of: the whole, or where that is too much its size, its first bytes and its last. */
const Extent = t.union([t.literal("whole"), t.literal("ends")]);

/** `digest bytes name`: a hexadecimal SHA-256, shortened, or `-` where the file could not be read. */
const Line = t.refinement(t.string, (line) => /^(?:[0-9a-f]+|-) \d+ ./s.test(line), "Line");

const Lines = t.record(t.string, t.readonlyArray(Line));

const Images = t.type({
  /** 1, of earlier versions of ganc, has neither held-out images nor test images. */
  format: t.union([t.literal(1), t.literal(2)]),
  run: t.string,
  extent: Extent,
  /** By domain, the training images in their order. */
  train: Lines,
  /** Those that were held out of training, where any were. */
  held: t.union([t.undefined, Lines]),
  /** Those of the test folders, where there are any. */
  test: t.union([t.undefined, Lines]),
});

type Extent = t.TypeOf<typeof Extent>;

export type Images = t.TypeOf<typeof Images>;

/** Bytes of all images that are read at the beginning of a run: a second or two. */
const mostWhole = 2 ** 30;

const endBytes = 2 ** 12;

/** A digest of 128 bits is enough to tell files apart. */
const digits = 32;

const chunkBytes = 2 ** 18;

/** Where a file of `size` bytes is read, `[at, length]`. */
const partsOf = (size: number, extent: Extent): readonly (readonly [number, number])[] =>
  extent === "ends" && size > 2 * endBytes
    ? [
        [0, endBytes],
        [size - endBytes, endBytes],
      ]
    : Array.from({ length: Math.ceil(size / chunkBytes) }, (_, i) => [i * chunkBytes, chunkBytes]);

const unread = "-";

/** Of a file in an archive, the same as if it were unpacked. */
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

/** Files that are read at once. */
const atOnce = 8;

/** Calls `make` of each, a few at once, and keeps the order. */
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

/** The files of a source, in its order; nothing where its images are none. */
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

/** By domain, where images are files. */
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

/** What a new run notes down of its images; nothing where they are no files. */
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

/** Its bytes, and the fingerprint that the manifest repeats. */
export const encodeImages = (
  images: Images,
): { readonly bytes: readonly Uint8Array[]; readonly fingerprint: string } => {
  const sealed = seal(images);
  return { bytes: jsonBytes(sealed), fingerprint: sealed.fingerprint };
};

/** Bytes; a line of JSON for each image. */
const mostBytes = 2 ** 29;

/** Reads the images of a run; the reason completes a sentence that begins with the file's name. */
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

/** By domain, ids of what was noted down. */
const idsIn = (lines: Images["held"] = {}): Readonly<Record<string, readonly string[]>> =>
  recordOf(
    Object.entries(lines).map(([domain, all]) => [domain, all.map((line) => notedOf(line).id)]),
  );

/** Those that were trained on, and behind them those that were held out. */
const allIds = ({ train, held }: Images): Readonly<Record<string, readonly string[]>> => {
  const apart = idsIn(held);
  return recordOf(
    Object.entries(idsIn(train)).map(([domain, ids]) => [
      domain,
      [...ids, ...(apart[domain] ?? [])],
    ]),
  );
};

/** What the images are opened by. `isSame`: those that the run began with, and no others. */
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

/** Ids by what has become of their images. */
export interface Changes {
  readonly changed: readonly string[];
  readonly gone: readonly string[];
  readonly come: readonly string[];
}

const none: Changes = { changed: [], gone: [], come: [] };

/** What has become of a domain's images since a run noted them down. */
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
