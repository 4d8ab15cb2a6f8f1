/**
 * Safe reading of files that others leave. A name may lead to a pipe, a socket, a device or a
 * folder, which would block or never end. All files that users name or hold are read through here.
 */
import { constants, type Stats } from "node:fs";
import { type FileHandle, lstat, open, stat } from "node:fs/promises";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { reasonOf } from "./errors.js";

/** Says what a name leads to if it is not a file; undefined if it is one. */
export const otherThanFile = (stats: Stats): string | undefined => {
  if (stats.isFile()) return undefined;
  if (stats.isDirectory()) return "is a folder, not a file";
  if (stats.isFIFO()) return "is a named pipe, not a file";
  if (stats.isSymbolicLink()) return "is a link, not a file";
  if (stats.isSocket()) return "is a socket, not a file";
  return "is a device, not a file";
};

/** The reason if nothing has that name. */
export const missing = "is missing";

const faults: Readonly<Record<string, string>> = {
  ENOENT: missing,
  ENOTDIR: "is missing: a part of its path is a file, not a folder",
  ELOOP: "is a link that leads back to itself",
  EACCES: "cannot be read: permission denied",
  EPERM: "cannot be read: permission denied",
  EIO: "cannot be read: the disk reports an error",
};

/**
 * Words an error thrown while a file was read, as the end of a sentence that begins with the file's
 * name.
 */
export const readingFault = (thrown: unknown): string => {
  const code = (thrown as NodeJS.ErrnoException | null | undefined)?.code ?? "";
  return faults[code] ?? `cannot be read: ${reasonOf(thrown)}`;
};

/**
 * Words an error as `readingFault` does, if `path` itself caused it: a dangling link is not
 * "missing".
 */
export const faultAt = async (path: string, thrown: unknown): Promise<string> => {
  const fault = readingFault(thrown);
  if (fault !== missing) return fault;
  const isLink = await lstat(path).then(
    (stats) => stats.isSymbolicLink(),
    () => false,
  );
  return isLink ? "is a link that leads nowhere" : missing;
};

/** A file open for reading. The caller closes it. */
export interface RegularFile {
  readonly handle: FileHandle;
  /** In bytes. */
  readonly size: number;
}

/**
 * Opens a file for reading, following links, and never blocks. The left side, here and below,
 * completes a sentence that begins with the file's name.
 */
export const openRegular = async (path: string): Promise<Either<string, RegularFile>> => {
  let handle: FileHandle | undefined;
  try {
    // Checked before opening: opening a device may already do something.
    const other = otherThanFile(await stat(path));
    if (other !== undefined) return left(other);
    // The name may have changed since. Opened like this, even a pipe does not wait for its writer.
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stats = await handle.stat();
    const since = otherThanFile(stats);
    if (since === undefined) return right({ handle, size: stats.size });
    await handle.close();
    return left(since);
  } catch (thrown) {
    await handle?.close().catch(() => undefined);
    return left(await faultAt(path, thrown));
  }
};

const mebibyte = 2 ** 20;

/** Writes a bound, for example `512 MiB`; in bytes if it is not a whole number of MiB. */
const bound = (bytes: number): string =>
  bytes % mebibyte === 0 ? `${bytes / mebibyte} MiB` : `${bytes} bytes`;

/**
 * Reads a whole file of at most `most` bytes. A larger one is refused before memory is allocated.
 */
export const readRegular = async (path: string, most: number): Promise<Either<string, Buffer>> => {
  const opened = await openRegular(path);
  if (isLeft(opened)) return opened;
  const { handle, size } = opened.right;
  try {
    if (size > most) return left(`is too large to be read: it has more than ${bound(most)}`);
    const bytes = Buffer.alloc(size);
    let done = 0;
    while (done < size) {
      const { bytesRead } = await handle.read(bytes, done, size - done, done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return right(bytes.subarray(0, done));
  } catch (thrown) {
    return left(readingFault(thrown));
  } finally {
    await handle.close().catch(() => undefined);
  }
};

/** Reads a whole text file (UTF-8) of at most `most` bytes. */
export const readRegularText = async (
  path: string,
  most: number,
): Promise<Either<string, string>> => {
  const bytes = await readRegular(path, most);
  return isLeft(bytes) ? bytes : right(bytes.right.toString("utf8"));
};
