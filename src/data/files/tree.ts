/** Folders and files by path, on a disk or within a zip archive: `photos.zip/cats/1.jpg`. */
import { stat } from "node:fs/promises";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { insideOf, listArchive, readArchived, sizeArchived } from "./archive.js";
import type { DataError } from "./errors.js";
import { type Listing, listFolder } from "./listing.js";
import { faultAt, otherThanFile, readRegular } from "./regular-file.js";

/** Lists a folder on disk (by `listFolder`) or in an archive. */
export const listTree = async (
  path: string,
  before = false,
): Promise<Either<DataError, Listing>> => {
  const inside = await insideOf(path);
  if (inside === undefined) return listFolder(path, before);
  const listed = await listArchive(inside);
  if (isLeft(listed))
    return left({
      kind: "unreadable-folder",
      path: inside.archive,
      reason: `it ${listed.left}`,
      hint: "Check the archive, for example by unpacking it.",
    });
  return listed.right === undefined
    ? left({
        kind: "missing-folder",
        path,
        reason: "there is no such folder in the archive",
        hint: "Check the path.",
      })
    : right(listed.right);
};

/** Tells whether the path leads to a folder. A zip archive counts as one. */
export const isFolderIn = async (path: string): Promise<boolean> => {
  const inside = await insideOf(path);
  if (inside !== undefined) {
    const listed = await listArchive(inside);
    return isLeft(listed) ? inside.path === "" : listed.right !== undefined;
  }
  return stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
};

/** Most bytes of an encoded image. */
const mostBytes = 2 ** 30;

/** Reads a whole file. The left side completes a sentence that begins with its name. */
export const readIn = async (path: string): Promise<Either<string, Buffer>> => {
  const inside = await insideOf(path);
  return inside === undefined || inside.path === ""
    ? readRegular(path, mostBytes)
    : readArchived(inside);
};

/**
 * Returns the size of a file in bytes. The left side completes a sentence that begins with its
 * name.
 */
export const sizeIn = async (path: string): Promise<Either<string, number>> => {
  const inside = await insideOf(path);
  if (inside !== undefined && inside.path !== "") return sizeArchived(inside);
  try {
    const stats = await stat(path);
    const other = otherThanFile(stats);
    return other === undefined ? right(stats.size) : left(other);
  } catch (thrown) {
    return left(await faultAt(path, thrown));
  }
};
