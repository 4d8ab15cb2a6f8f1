/** Files that are either the old ones or the new ones, never torn, and errors as values. */
import { createHash } from "node:crypto";
import { mkdirSync, statSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import * as fs from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Either, left, right } from "fp-ts/lib/Either.js";
import { reasonOf } from "../../data/files/errors.js";
import type { TrainingError } from "./errors.js";

/** A file that is open for writing. */
export type RawFile = Pick<FileHandle, "write" | "sync" | "close"> &
  Partial<Pick<FileHandle, "read" | "stat">>;

/** What writing needs of the operating system; tests put a disk that fills up or a process that dies in its place. */
export interface RawDisk {
  open(path: string, flags: string): Promise<RawFile>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

export const realDisk: RawDisk = fs;

/** The ending of files that are not finished; one that is found later was left by a process that died. */
export const unfinished = ".unfinished";

/** Of names of temporary files: disks take 143 bytes at least. */
const mostTemporary = 100;

/**
 * Beside `path`, the place of what is to become it. Its name begins with the file's own, or where that is long with a
 * digest of it: a file may be called as long as the disk allows.
 */
export const temporaryFor = (path: string, ending = unfinished): string => {
  const name = basename(path);
  const isLong = Buffer.byteLength(name + ending) > mostTemporary;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 16);
  return join(dirname(path), `${isLong ? digest : name}${ending}`);
};

const codeOf = (thrown: unknown): string | undefined =>
  (thrown as NodeJS.ErrnoException | null | undefined)?.code;

/** Out of space, over quota, over the limit of a file's size: one cure for all. */
const noRoom: ReadonlySet<string | undefined> = new Set(["ENOSPC", "EDQUOT", "EFBIG"]);

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "this disk can only be read",
  ENOTDIR: "a part of this path is a file, not a folder",
  EISDIR: "this is a folder, not a file",
  EEXIST: "this exists already",
  ENAMETOOLONG: "the name is longer than this disk allows",
  ELOOP: "a link in this path leads back to itself",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open on this machine",
  EBUSY: "something else is using this",
  ESTALE: "the disk of another machine is gone or was changed there",
  ENOTEMPTY: "this folder is not empty",
  EINVAL: "this disk does not allow such a name",
  ENOSPC: "no room is left on the disk",
  EDQUOT: "no room is left in your quota",
  EFBIG: "the file would be larger than is allowed",
  EIO: "the disk reports an error",
};

/** What the operating system threw, in words. */
export const reasonOfDisk = (thrown: unknown): string =>
  reasons[codeOf(thrown) ?? ""] ?? reasonOf(thrown);

/** What the operating system threw for `path`, as a value. */
export const diskError = (path: string, thrown: unknown): TrainingError => {
  const code = codeOf(thrown);
  if (noRoom.has(code)) return { kind: "disk-full", path, saved: undefined };
  return { kind: "file", path, reason: reasonOfDisk(thrown) };
};

const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * Makes a folder and those above it, where they are missing. Node's own way of doing so says of a disk that can only be
 * read, and of others, that there is no such folder.
 * @throws what the operating system says of the first that cannot be made
 */
export const makeFolder = (path: string, mkdir: (path: string) => void = mkdirSync): void => {
  try {
    mkdir(path);
  } catch (thrown) {
    const above = dirname(path);
    if (codeOf(thrown) === "EEXIST") {
      if (!isFolder(path)) throw Object.assign(new Error("not a folder"), { code: "ENOTDIR" });
    } else if (codeOf(thrown) === "ENOENT" && above !== path) {
      makeFolder(above, mkdir);
      // Another process may have made it meanwhile.
      try {
        mkdir(path);
      } catch (again) {
        if (!isFolder(path)) throw again;
      }
    } else throw thrown;
  }
};

/**
 * Makes a folder where it is missing, and none above it: in the place of a run's folder that was moved away, nothing is to
 * appear.
 * @throws what the operating system says
 */
export const makeAlone = async (path: string): Promise<void> => {
  try {
    await fs.mkdir(path);
  } catch (thrown) {
    if (codeOf(thrown) !== "EEXIST" || !isFolder(path)) throw thrown;
  }
};

/** Runs one operation on `path`, with what it throws as a value. */
export const attempt = async <A>(
  path: string,
  operation: () => Promise<A>,
): Promise<Either<TrainingError, A>> => {
  try {
    return right(await operation());
  } catch (thrown) {
    return left(diskError(path, thrown));
  }
};

/** The operating system may take less at once than it is given. */
export const writeAll = async (
  handle: Pick<FileHandle, "write">,
  chunk: Uint8Array,
): Promise<void> => {
  // One write of more than 2 GiB is refused or cut short by the operating system.
  const most = 2 ** 28;
  let done = 0;
  while (done < chunk.byteLength) {
    const length = Math.min(most, chunk.byteLength - done);
    done += (await handle.write(chunk, done, length)).bytesWritten;
  }
};

/** Makes a rename outlast a power cut, where the system offers it: some cannot open or flush a folder. */
const syncFolder = async (raw: RawDisk, folder: string): Promise<void> => {
  const handle = await raw.open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
};

export interface Written {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/**
 * Writes a file beside its place, flushes it to the disk and renames it into its place. Whatever happens, `path` holds
 * either what it held before or all of the new contents. On a failure the unfinished file is removed.
 */
export const writeAtomically = async (
  raw: RawDisk,
  path: string,
  chunks: Iterable<Uint8Array>,
): Promise<Either<TrainingError, Written>> => {
  const beside = temporaryFor(path);
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    const handle = await raw.open(beside, "w");
    try {
      for (const chunk of chunks) {
        await writeAll(handle, chunk);
        hash.update(chunk);
        bytes += chunk.byteLength;
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await raw.rename(beside, path);
  } catch (thrown) {
    await raw.unlink(beside).catch(() => undefined);
    return left(diskError(path, thrown));
  }
  await syncFolder(raw, dirname(path));
  return right({ bytes, sha256: hash.digest("hex") });
};

export const textBytes = (text: string): readonly Uint8Array[] => [new TextEncoder().encode(text)];

/** Pretty-printed, with a final line break. */
export const jsonBytes = (value: unknown): readonly Uint8Array[] =>
  textBytes(`${JSON.stringify(value, null, 2)}\n`);

/** Bytes that this user can still write where `path` (which exists) lies. */
export const freeBytes = async (path: string): Promise<Either<TrainingError, number>> =>
  attempt(path, async () => {
    const { bavail, bsize } = await fs.statfs(path);
    return bavail * bsize;
  });
