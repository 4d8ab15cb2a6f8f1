/** Writes files atomically, never torn, and returns errors as values. */
import { createHash } from "node:crypto";
import { mkdirSync, statSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import * as fs from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Either, left, right } from "fp-ts/lib/Either.js";
import { reasonOf } from "../../data/files/errors.js";
import type { TrainingError } from "./errors.js";

/** A file open for writing. */
export type RawFile = Pick<FileHandle, "write" | "sync" | "close"> &
  Partial<Pick<FileHandle, "read" | "stat">>;

/**
 * The operations of the operating system that writing needs. Tests replace them with a disk that
 * fills up or a process that dies.
 */
export interface RawDisk {
  open(path: string, flags: string): Promise<RawFile>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

export const realDisk: RawDisk = fs;

/** Ending of unfinished files. A dead process leaves them behind. */
export const unfinished = ".unfinished";

/** Most bytes in the name of a temporary file; disks allow at least 143. */
const mostTemporary = 100;

/**
 * Returns the path, beside `path`, of its unfinished version. The name begins with the file's own,
 * or with a digest of it if that is long: a file's name may be as long as the disk allows.
 */
export const temporaryFor = (path: string, ending = unfinished): string => {
  const name = basename(path);
  const isLong = Buffer.byteLength(name + ending) > mostTemporary;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, 16);
  return join(dirname(path), `${isLong ? digest : name}${ending}`);
};

const codeOf = (thrown: unknown): string | undefined =>
  (thrown as NodeJS.ErrnoException | null | undefined)?.code;

/** Codes for no space, over quota, and over the file size limit. All have the same remedy. */
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
  ENOSPC: "no space is left on the disk",
  EDQUOT: "no space is left in your quota",
  EFBIG: "the file would be larger than is allowed",
  EIO: "the disk reports an error",
};

/** Words an error of the operating system. */
export const reasonOfDisk = (thrown: unknown): string =>
  reasons[codeOf(thrown) ?? ""] ?? reasonOf(thrown);

/** Makes an error value of what the operating system threw for `path`. */
export const diskError = (path: string, thrown: unknown): TrainingError => {
  const code = codeOf(thrown);
  if (noRoom.has(code)) return { kind: "disk-full", path, saved: undefined };
  return { kind: "file", path, reason: reasonOfDisk(thrown) };
};

const isFolder = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * Makes a folder and its missing parents. Node's own recursive mode reports a read-only disk, among
 * others, as a missing folder.
 * @throws the operating system's error for the first folder that cannot be made
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
      // Another process may have made it in the meantime.
      try {
        mkdir(path);
      } catch (again) {
        if (!isFolder(path)) throw again;
      }
    } else throw thrown;
  }
};

/**
 * Makes a folder without its parents: nothing may appear in the place of a run's folder that was
 * moved away.
 * @throws the operating system's error
 */
export const makeAlone = async (path: string): Promise<void> => {
  try {
    await fs.mkdir(path);
  } catch (thrown) {
    if (codeOf(thrown) !== "EEXIST" || !isFolder(path)) throw thrown;
  }
};

/** Runs one operation on `path` and returns what it throws as a value. */
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

/** Writes a whole chunk. The operating system may accept less at once. */
export const writeAll = async (
  handle: Pick<FileHandle, "write">,
  chunk: Uint8Array,
): Promise<void> => {
  // The operating system refuses or truncates a write of more than 2 GiB.
  const most = 2 ** 28;
  let done = 0;
  while (done < chunk.byteLength) {
    const length = Math.min(most, chunk.byteLength - done);
    done += (await handle.write(chunk, done, length)).bytesWritten;
  }
};

/** Makes a rename survive a power cut, if the system can: some cannot open or flush a folder. */
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
 * Writes a file beside its place, flushes it to disk and renames it. `path` always holds either its
 * old or its complete new contents. After a failure the unfinished file is removed.
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

/** Writes indented JSON with a final line break. */
export const jsonBytes = (value: unknown): readonly Uint8Array[] =>
  textBytes(`${JSON.stringify(value, null, 2)}\n`);

/** Returns the bytes that this user can still write where `path`, which exists, lies. */
export const freeBytes = async (path: string): Promise<Either<TrainingError, number>> =>
  attempt(path, async () => {
    const { bavail, bsize } = await fs.statfs(path);
    return bavail * bsize;
  });
