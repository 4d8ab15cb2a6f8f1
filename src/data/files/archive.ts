/**
 * Zip archives as folders. Their directory lists them, and entries are read in place. Nothing is
 * unpacked to disk, so a name that leads out of the archive is harmless, but is reported.
 */
import { stat } from "node:fs/promises";
import { basename, extname } from "node:path";
import { buffer } from "node:stream/consumers";
import { crc32 } from "node:zlib";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import {
  type Entry,
  entriesOf,
  leadsOut,
  nameIn,
  openEntry,
  openZip,
  type ZipFile,
} from "../../base/zip.js";
import type { PassedOver } from "./errors.js";
import { reasonOf } from "./errors.js";
import { isImageName, isUnmeant } from "./formats.js";
import { byName, type Listing } from "./listing.js";
import { faultAt, otherThanFile } from "./regular-file.js";

/** An open archive. Names leave out the one folder that contains everything, if there is one. */
interface Archive {
  readonly zip: ZipFile;
  readonly files: ReadonlyMap<string, Entry>;
  /** By folder (`""` is the root): its direct children by name. */
  readonly folders: ReadonlyMap<string, ReadonlyMap<string, "file" | "folder">>;
  /** By folder: entries that cannot be used. */
  readonly broken: ReadonlyMap<string, readonly PassedOver[]>;
}

/**
 * Most bytes of one unpacked entry; no image is larger. An entry that unpacks to more than it
 * declares is refused while it is read.
 */
const mostBytes = 2 ** 30;

const unixKind = ({ externalFileAttributes }: Entry): number =>
  (externalFileAttributes >>> 16) & 0o170000;

/** Returns the reason why an entry is not read, or undefined. */
const faultOf = (entry: Entry, name: string): string | undefined => {
  if (leadsOut(name)) return "its name leads out of the archive";
  if (entry.isEncrypted()) return "it is encrypted: unpack the archive with its password";
  if (unixKind(entry) === 0o120000) return "it is a link, and links in archives are not followed";
  if (entry.uncompressedSize > mostBytes) return "it unpacks to more than 1024 MiB";
  return entry.compressionMethod === 0 || entry.compressionMethod === 8
    ? undefined
    : `it is compressed by method ${entry.compressionMethod}, but only 0 (stored) and 8 (deflate) can be read`;
};

const folderOf = (name: string): string => name.split("/").slice(0, -1).join("/");

const baseOf = (name: string): string => name.slice(name.lastIndexOf("/") + 1);

/** Matches the folders of a data set's layout, which are found by name. */
const isSplit = (name: string): boolean => /^(?:train|test)/.test(name);

/**
 * Returns the folder that contains everything, with no file beside it: an archive of a folder holds
 * the folder itself. A folder of a data set's layout does not count, unless it has the archive's
 * name.
 */
const commonFolder = (names: readonly string[], own: string): string => {
  let common = "";
  for (;;) {
    const next = new Set(
      names.map((name) => {
        const rest = name.slice(common.length);
        return rest.includes("/") ? rest.slice(0, rest.indexOf("/") + 1) : rest === "" ? "" : "*";
      }),
    );
    next.delete("");
    const [only] = next;
    if (next.size !== 1 || only === undefined || only === "*") return common;
    if (isSplit(only) && only !== `${own}/`) return common;
    common += only;
  }
};

const arrange = (entries: readonly Entry[], own: string): Omit<Archive, "zip"> => {
  const named = entries
    .map((entry) => ({ entry, name: nameIn(entry) }))
    .filter(({ name }) => !name.split("/").some((part) => part !== ".." && isUnmeant(part)));
  const sound = named.filter(({ name }) => !leadsOut(name));
  const common = commonFolder(
    sound.map(({ name }) => name),
    own,
  );
  const files = new Map<string, Entry>();
  const folders = new Map<string, Map<string, "file" | "folder">>([["", new Map()]]);
  const broken = new Map<string, PassedOver[]>();
  const put = (name: string, kind: "file" | "folder"): void => {
    if (name === "") return;
    const folder = folderOf(name);
    if (!folders.has(folder)) {
      folders.set(folder, new Map());
      put(folder, "folder");
    }
    if (kind === "folder" && !folders.has(name)) folders.set(name, new Map());
    folders.get(folder)?.set(baseOf(name), kind);
  };
  for (const { entry, name: full } of named) {
    const name = full.startsWith(common) ? full.slice(common.length) : full;
    const fault = faultOf(entry, full);
    if (name.endsWith("/") && fault === undefined) put(name.slice(0, -1), "folder");
    else if (fault === undefined && name !== "") {
      files.set(name, entry);
      put(name, "file");
    } else if (fault !== undefined) {
      const folder = !leadsOut(full) ? folderOf(name) : "";
      const passed = { name: folder === "" ? name : baseOf(name), reason: fault };
      broken.set(folder, [...(broken.get(folder) ?? []), passed]);
    }
  }
  return { files, folders, broken };
};

const openArchive = async (path: string): Promise<Either<string, Archive>> => {
  try {
    const zip = await openZip(path);
    return right({ zip, ...arrange(await entriesOf(zip), basename(path, extname(path))) });
  } catch (thrown) {
    return left(`cannot be read as a zip archive: ${reasonOf(thrown)}`);
  }
};

interface Known {
  readonly stamp: string;
  readonly archive: Promise<Either<string, Archive>>;
}

/** Open archives. They stay open, since images are drawn from them again and again. */
const known = new Map<string, Known>();

const archiveAt = async (path: string): Promise<Either<string, Archive>> => {
  let stamp: string;
  try {
    const stats = await stat(path);
    const other = otherThanFile(stats);
    if (other !== undefined) return left(other);
    stamp = `${stats.ino} ${stats.size} ${stats.mtimeMs}`;
  } catch (thrown) {
    return left(await faultAt(path, thrown));
  }
  const there = known.get(path);
  if (there?.stamp === stamp) return there.archive;
  if (there !== undefined) void there.archive.then((old) => isLeft(old) || old.right.zip.close());
  const archive = openArchive(path);
  known.set(path, { stamp, archive });
  return archive;
};

/** A path that leads into an archive. */
export interface Inside {
  readonly archive: string;
  /** Path within the archive; `""` is its root. */
  readonly path: string;
}

/** Finds the zip archive in a path. Undefined if no part of the path is one. */
export const insideOf = async (path: string): Promise<Inside | undefined> => {
  for (const match of path.matchAll(/\.zip(?=[/\\]|$)/gi)) {
    const archive = path.slice(0, match.index + match[0].length);
    const isFolder = await stat(archive).then(
      (stats) => stats.isDirectory(),
      () => true,
    );
    const within = path.slice(archive.length + 1).replaceAll("\\", "/");
    if (!isFolder) return { archive, path: within.replace(/\/+$/, "") };
  }
  return undefined;
};

/**
 * Lists a folder of an archive as `listFolder` does on disk. Undefined if there is no such folder.
 * The left side is the reason why the archive cannot be read.
 */
export const listArchive = async ({
  archive: at,
  path,
}: Inside): Promise<Either<string, Listing | undefined>> => {
  const archive = await archiveAt(at);
  if (isLeft(archive)) return archive;
  const { files, folders, broken } = archive.right;
  const entries = folders.get(path);
  if (entries === undefined) return right(undefined);
  const names = [...entries.keys()].sort(byName);
  const inFolder = (name: string): string => (path === "" ? name : `${path}/${name}`);
  const plain = names.filter((name) => entries.get(name) === "file");
  return right({
    images: plain
      .filter((name) => isImageName(name))
      .map((name) => ({ name, size: files.get(inFolder(name))?.uncompressedSize ?? 0 })),
    folders: names.filter((name) => entries.get(name) === "folder"),
    others: plain.filter((name) => !isImageName(name)),
    broken: broken.get(path) ?? [],
  });
};

/**
 * Returns the unpacked size of an entry in bytes. The left side completes a sentence that begins
 * with its name.
 */
export const sizeArchived = async ({
  archive: at,
  path,
}: Inside): Promise<Either<string, number>> => {
  const archive = await archiveAt(at);
  if (isLeft(archive)) return archive;
  const entry = archive.right.files.get(path);
  return entry === undefined ? left("is missing in the archive") : right(entry.uncompressedSize);
};

/** Reads the bytes of an entry. The left side completes a sentence that begins with its name. */
export const readArchived = async ({
  archive: at,
  path,
}: Inside): Promise<Either<string, Buffer>> => {
  const archive = await archiveAt(at);
  if (isLeft(archive)) return archive;
  const { zip, files } = archive.right;
  const entry = files.get(path);
  if (entry === undefined) return left("is missing in the archive");
  try {
    const bytes = await buffer(await openEntry(zip, entry));
    return crc32(bytes) === entry.crc32
      ? right(bytes)
      : left("is damaged in the archive: its checksum differs");
  } catch (thrown) {
    return left(`is damaged in the archive: ${reasonOf(thrown)}`);
  }
};

export interface ArchivedFile {
  /** Path below the folder that contains everything. */
  readonly name: string;
  /** Unpacked, in bytes. */
  readonly size: number;
  open(): Promise<NodeJS.ReadableStream>;
}

/**
 * Lists all readable files of an archive, images or not, sorted by name, and the entries that
 * cannot be read.
 */
export const archivedFiles = async (
  path: string,
): Promise<
  Either<
    string,
    { readonly files: readonly ArchivedFile[]; readonly broken: readonly PassedOver[] }
  >
> => {
  const archive = await archiveAt(path);
  if (isLeft(archive)) return archive;
  const { zip, files, broken } = archive.right;
  const all = [...files].map(
    ([name, entry]): ArchivedFile => ({
      name,
      size: entry.uncompressedSize,
      open: () => openEntry(zip, entry),
    }),
  );
  return right({
    files: all.sort((a, b) => byName(a.name, b.name)),
    broken: [...broken.values()].flat(),
  });
};
