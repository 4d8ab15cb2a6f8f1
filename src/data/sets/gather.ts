/**
 * Gathers the image files that a place names: everything below a folder, the matches of a pattern,
 * a list of files, or a table of them.
 */
import { realpath, stat } from "node:fs/promises";
import { dirname, extname, isAbsolute, join, posix } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import picomatch from "picomatch";
import { someOf } from "../../base/printable.js";
import type { DataError, PassedOver } from "../files/errors.js";
import { type Row, readTable } from "../files/file-table.js";
import { byName, type Listing } from "../files/listing.js";
import { mapFew } from "../files/map-few.js";
import { isFolderIn, listTree, sizeIn } from "../files/tree.js";

export interface GatheredFile {
  /** Path below the set's, or as written in the list. */
  readonly id: string;
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** Class, if the place says it. */
  readonly label?: string | undefined;
}

export interface Gathered {
  /** Sorted by id, or in the order of the list. */
  readonly files: readonly GatheredFile[];
  /** Folder against which missing files are resolved. */
  readonly base: string;
  readonly kind: "folder" | "pattern" | "list";
  /** Sub-folders with images. */
  readonly followed: readonly string[];
  /** Files that a list names more than once. */
  readonly again: readonly string[];
  /** The other contents: sub-folders without images, files with other endings, unusable entries. */
  readonly rest: Pick<Listing, "folders" | "others" | "broken">;
}

type Attempt = Promise<Either<DataError, Gathered>>;

interface Walk {
  readonly files: GatheredFile[];
  readonly followed: string[];
  readonly folders: string[];
  readonly others: string[];
  readonly broken: PassedOver[];
}

/** Returns the real path, to detect links to a folder above. */
const identity = (path: string): Promise<string> => realpath(path).catch(() => path);

/** Adds everything in and below `folder`, a path below `root` (`""` is `root` itself). */
const walk = async (
  root: string,
  folder: string,
  above: readonly string[],
  found: Walk,
): Promise<Either<DataError, undefined>> => {
  const at = (name: string): string => (folder === "" ? name : `${folder}/${name}`);
  const path = folder === "" ? root : join(root, folder);
  const self = await identity(path);
  if (above.includes(self)) {
    found.broken.push({
      name: folder,
      reason: "it is a link that leads back to a folder above it",
    });
    return right(undefined);
  }
  const listed = await listTree(path);
  if (isLeft(listed)) {
    if (folder === "") return listed;
    found.broken.push({ name: folder, reason: listed.left.reason });
    return right(undefined);
  }
  const { images, folders, others, broken } = listed.right;
  for (const { name, size } of images) {
    const label = folder === "" ? undefined : folder.slice(folder.lastIndexOf("/") + 1);
    found.files.push({ id: at(name), path: join(root, at(name)), size, label });
  }
  if (folder !== "") (images.length > 0 ? found.followed : found.folders).push(folder);
  found.others.push(...others.map(at));
  found.broken.push(...broken.map(({ name, reason }) => ({ name: at(name), reason })));
  for (const name of folders) await walk(root, at(name), [...above, self], found);
  return right(undefined);
};

const walked = async (root: string): Promise<Either<DataError, Walk>> => {
  const found: Walk = { files: [], followed: [], folders: [], others: [], broken: [] };
  const done = await walk(root, "", [], found);
  found.files.sort((a, b) => byName(a.id, b.id));
  return isLeft(done) ? done : right(found);
};

const inFolder = async (path: string): Attempt => {
  const found = await walked(path);
  if (isLeft(found)) return found;
  const { files, followed, ...rest } = found.right;
  return right({ files, base: path, kind: "folder", followed, again: [], rest });
};

/**
 * Lists a folder as earlier versions of ganc did: without sub-folders, and by the endings known
 * then.
 */
const inOldFolder = async (path: string): Attempt => {
  const listed = await listTree(path, true);
  if (isLeft(listed)) return listed;
  const { images, ...rest } = listed.right;
  const files = images.map(({ name, size }) => ({ id: name, path: join(path, name), size }));
  return right({ files, base: path, kind: "folder", followed: [], again: [], rest });
};

const nothing = { folders: [], others: [], broken: [] };

const byPattern = async (pattern: string): Attempt => {
  const { base, glob } = picomatch.scan(pattern);
  const root = base === "" ? "." : base;
  const found = await walked(root);
  if (isLeft(found)) return found;
  const isMatch = picomatch(glob);
  const files = found.right.files.filter(({ id }) => isMatch(id));
  const broken = found.right.broken.filter(({ name }) => isMatch(name));
  return right({
    files,
    base: root,
    kind: "pattern",
    followed: [],
    again: [],
    rest: { ...nothing, broken },
  });
};

/** Files examined at once. */
const atOnce = 16;

const byTable = async (path: string): Attempt => {
  const rows = await readTable(path);
  if (isLeft(rows)) return rows;
  const base = dirname(path);
  const known = new Set<string>();
  const twice = new Set<string>();
  const own = rows.right.flatMap(({ file, label }): readonly Row[] => {
    const id = isAbsolute(file) ? file : posix.normalize(file);
    if (known.has(id)) twice.add(id);
    else known.add(id);
    return [{ file: id, label }];
  });
  const seen = new Set<string>();
  const single = own.filter(({ file }) => !seen.has(file) && seen.add(file));
  const placed = single.map((row) => ({
    ...row,
    path: isAbsolute(row.file) ? row.file : join(base, row.file),
  }));
  const sizes = await mapFew(placed, atOnce, ({ path: at }) => sizeIn(at));
  const files: GatheredFile[] = [];
  const broken: PassedOver[] = [];
  for (const [i, { file, label, path: at }] of placed.entries()) {
    const size = sizes[i];
    if (size === undefined || isLeft(size))
      broken.push({ name: file, reason: `it ${size?.left ?? "is missing"}` });
    else files.push({ id: file, path: at, size: size.right, label });
  }
  const again = [...twice];
  const rest = { ...nothing, broken };
  return right({ files, base, kind: "list", followed: [], again, rest });
};

const tables: ReadonlySet<string> = new Set([".csv", ".tsv", ".txt", ".lst"]);

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (stats) => !stats.isDirectory(),
    () => false,
  );

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/**
 * Tells what kind of place a path names. An existing folder of that name counts before a pattern.
 */
export const kindOf = async (path: string, isOld: boolean): Promise<Gathered["kind"]> => {
  if (isOld) return "folder";
  if (tables.has(extname(path).toLowerCase()) && (await isFile(path))) return "list";
  const isThere = (await exists(path)) || (await isFolderIn(path));
  return !isThere && picomatch.scan(path).isGlob ? "pattern" : "folder";
};

/** Gathers the images of a place. `isOld`: as earlier versions of ganc did. */
export const gather = async (path: string, isOld: boolean): Attempt => {
  if (isOld) return inOldFolder(path);
  switch (await kindOf(path, isOld)) {
    case "list":
      return byTable(path);
    case "pattern":
      return byPattern(path);
    case "folder":
      return inFolder(path);
  }
};

const noLabel = (path: string, names: readonly string[]): Either<DataError, never> =>
  left({
    kind: "wrong-classes",
    path,
    reason: `its images are drawn with their classes, and nothing says the class of ${someOf(names)}`,
    hint: "Give the table a column `label`, or put the images of each class into a folder of its own.",
  });

/** Groups files by class. The left side names files without one. */
export const labelsOf = (
  path: string,
  { files }: Gathered,
): Either<DataError, ReadonlyMap<string, readonly GatheredFile[]>> => {
  const without = files.filter(({ label }) => label === undefined || label === "");
  if (without.length > 0)
    return noLabel(
      path,
      without.map(({ id }) => id),
    );
  const found = new Map<string, GatheredFile[]>();
  for (const file of files) {
    const there = found.get(file.label ?? "");
    if (there === undefined) found.set(file.label ?? "", [file]);
    else there.push(file);
  }
  return right(found);
};
