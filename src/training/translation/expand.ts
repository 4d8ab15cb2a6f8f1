/** What the paths that users name stand for: files, all images below a folder, and what patterns match. */
import { readdir, realpath, stat } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { byName, listFolder, othersText } from "../../data/files/listing.js";
import { attempt } from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";

export interface FoundFile {
  readonly path: string;
  /** The folder that it lies in, from the one that was named; empty where it lies in that itself. */
  readonly folder: string;
}

/** What a path that a user names stands for. */
export interface Expanded {
  readonly files: readonly FoundFile[];
  /** Files and what keeps each from being used. */
  readonly broken: readonly { readonly path: string; readonly reason: string }[];
  /** What else lies there and is left out, a phrase each, for people. */
  readonly beside: readonly string[];
}

const isBelow = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(`${folder}${sep}`);

/** Where a path really lies; itself where it does not exist. */
const reality = (path: string): Promise<string> => realpath(path).catch(() => resolve(path));

/** Folders that were walked already, really: a link may lead back. */
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

/** What makes a part of a path a pattern. */
const magic = /[*?]|\[[^\]]+\]/;

/** A part of a pattern as a regular expression of names. */
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
 * Paths that a pattern matches, sorted: `*` and `?` within a name, `[a-z]`, and `**` for any number of folders. Hidden files
 * are matched by what begins with a dot alone.
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

/** The folder that a pattern begins in, and its parts from there. */
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
    const one = await expand(path, without);
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
      reason: "nothing of that name or pattern is there",
    });
  return right({
    files: found.flatMap(({ files }) => files),
    broken: found.flatMap(({ broken }) => broken),
    beside: [],
  });
};

/**
 * All images below a folder, folder by folder, by name; a file is itself, whatever it is called; a pattern is what it matches,
 * unless a file is called so. `without`: folders that are left out, as they really lie: the one that is written to may lie
 * in the one that is read.
 */
export const expand = async (
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
