/** Expands the paths that users name: files, folders with all images below them, and patterns. */
import { readdir, realpath, stat } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { byName, listFolder, othersText } from "../../data/files/listing.js";
import { type Part, placed } from "../../data/images/part.js";
import { attempt } from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";

export interface FoundFile {
  readonly path: string;
  /** Its folder relative to the one that was named; empty if it lies directly in that. */
  readonly folder: string;
  /** Which part of the picture is meant. Default: all of it. */
  readonly part?: Part;
}

/** The files behind a path that a user names. */
export interface Expanded {
  readonly files: readonly FoundFile[];
  /** Files that cannot be used, with reasons. */
  readonly broken: readonly { readonly path: string; readonly reason: string }[];
  /** Phrases for people about other contents that are left out. */
  readonly beside: readonly string[];
}

const isBelow = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(`${folder}${sep}`);

/** Resolves links; returns the path itself, made absolute, if it does not exist. */
const reality = (path: string): Promise<string> => realpath(path).catch(() => resolve(path));

/** A walk that remembers real paths of folders, since a link may lead back. */
class Walk {
  readonly files: FoundFile[] = [];
  readonly broken: { readonly path: string; readonly reason: string }[] = [];
  readonly others: string[] = [];
  private readonly seen = new Set<string>();

  constructor(private readonly without: readonly string[]) {}

  async into(path: string, folder: string): Promise<void> {
    const real = await reality(path);
    if (this.seen.has(real) || this.without.some((one) => isBelow(real, one))) return;
    this.seen.add(real);
    const listed = await listFolder(path);
    if (isLeft(listed)) {
      this.broken.push({ path, reason: listed.left.reason });
      return;
    }
    const { images, folders, others, broken } = listed.right;
    for (const { name } of images) this.files.push({ path: join(path, name), folder });
    for (const { name, reason } of broken) this.broken.push({ path: join(path, name), reason });
    for (const name of others) this.others.push(name);
    for (const name of folders) await this.into(join(path, name), join(folder, name));
  }
}

/** Matches a part of a path that is a pattern. */
const magic = /[*?]|\[[^\]]+\]/;

/** Makes a regular expression from a part of a pattern. */
const partOf = (pattern: string): RegExp => {
  const text = pattern.replace(/\[[^\]]+\]|[^\w]/g, (found) => {
    if (found === "*") return "[^/]*";
    if (found === "?") return "[^/]";
    return found.length > 1 ? found.replace(/^\[!/, "[^").replace(/\\/g, "\\\\") : `\\${found}`;
  });
  return new RegExp(`^${text}$`, "u");
};

const entries = (folder: string): Promise<readonly string[]> =>
  readdir(folder === "" ? "." : folder).then(
    (names) => names.sort(byName),
    () => [],
  );

/**
 * Lists paths that a pattern matches, sorted: `*` and `?` within a name, `[a-z]`, and `**` for any
 * number of folders. Only a part that begins with a dot matches hidden files.
 */
const matching = async (base: string, parts: readonly string[]): Promise<readonly string[]> => {
  const [first, ...rest] = parts;
  if (first === undefined) return [base];
  if (first !== "**" && !magic.test(first)) return matching(join(base, first), rest);
  const found = first === "**" ? [...(await matching(base, rest))] : [];
  for (const name of await entries(base)) {
    if (name.startsWith(".") && !first.startsWith(".")) continue;
    const path = join(base, name);
    if (first === "**") {
      const isFolder = await stat(path).then(
        (stats) => stats.isDirectory(),
        () => false,
      );
      if (isFolder) for (const one of await matching(path, parts)) found.push(one);
    } else if (partOf(first).test(name)) {
      const exists = await stat(path).then(
        () => true,
        () => false,
      );
      if (exists) for (const one of await matching(path, rest)) found.push(one);
    }
  }
  return found;
};

/** Splits a pattern into the folder where it begins and its parts from there. */
const beginOf = (pattern: string): { readonly base: string; readonly parts: readonly string[] } => {
  const all = pattern.split(sep === "/" ? "/" : /[\\/]/);
  const at = all.findIndex((part) => magic.test(part));
  const base = all.slice(0, at).join("/");
  return { base: pattern.startsWith("/") && base === "" ? "/" : base, parts: all.slice(at) };
};

const ofPattern = async (
  pattern: string,
  without: readonly string[],
): Promise<Either<TrainingError, Expanded>> => {
  const { base, parts } = beginOf(pattern);
  const paths = [...new Set(await matching(base, parts))];
  const found: Expanded[] = [];
  for (const path of paths) {
    const one = await expandPath(path, without);
    if (isLeft(one)) continue;
    const above = dirname(path)
      .slice(base.length)
      .replace(/^[\\/]+/, "");
    const inside = (folder: string): string =>
      (base === "" && dirname(path) === "." ? "" : above) === "" ? folder : join(above, folder);
    found.push({
      ...one.right,
      files: one.right.files.map((file) => ({ ...file, folder: inside(file.folder) })),
    });
  }
  if (found.every(({ files, broken }) => files.length + broken.length === 0))
    return left({
      kind: "file",
      path: pattern,
      reason: "no file has that name or matches that pattern",
    });
  return right({
    files: found.flatMap(({ files }) => files),
    broken: found.flatMap(({ broken }) => broken),
    beside: [],
  });
};

/**
 * Lists the images below a folder, folder by folder, sorted by name. A file stands for itself,
 * whatever its name; a pattern for its matches, unless a file has that name. `without`: real paths
 * of folders to leave out, because the output folder may lie in the input folder.
 */
const expandPath = async (
  path: string,
  without: readonly string[] = [],
): Promise<Either<TrainingError, Expanded>> => {
  const isFolder = await attempt(path, async () => (await stat(path)).isDirectory());
  if (isLeft(isFolder)) return magic.test(path) ? ofPattern(path, without) : isFolder;
  if (!isFolder.right) return right({ files: [{ path, folder: "" }], broken: [], beside: [] });
  const listed = await listFolder(path);
  if (isLeft(listed)) return left({ kind: "file", path, reason: listed.left.reason });
  const walk = new Walk(without);
  await walk.into(path, "");
  const beside = othersText(walk.others);
  if (walk.files.length + walk.broken.length === 0)
    return left({ kind: "file", path, reason: ["it holds no image", ...beside].join("; ") });
  return right({ files: walk.files, broken: walk.broken, beside });
};

/** As `expandPath`; `photos:left` is the left half of each picture. */
export const expand = async (
  place: string,
  without: readonly string[] = [],
): Promise<Either<TrainingError, Expanded>> => {
  const { path, part } = placed(place);
  const found = await expandPath(path, without);
  if (part === undefined || isLeft(found)) return found;
  const files = found.right.files.map((file) => ({ ...file, part }));
  return right({ ...found.right, files });
};
