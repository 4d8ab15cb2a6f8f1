/**
 * Specs on disk: what the compiler may read, under names that do not depend on the project's place.
 */
import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Instead, Sources } from "../../compiler/index.js";
import { otherThanFile } from "../../data/files/regular-file.js";
import { reasonOfDisk } from "../../training/files/disk.js";

const rootAbove = (folder: string): string => {
  const above = resolve(folder, "..");
  return existsSync(resolve(folder, "specs", "std")) || above === folder
    ? folder
    : rootAbove(above);
};

/**
 * The folder of ganc itself: the first above this file, built or not, that contains the standard
 * library.
 */
export const packageRoot = rootAbove(fileURLToPath(new URL(".", import.meta.url)));

/** Returns the version in ganc's package. A copy of the code without its package has none. */
export const packageVersion = (): string => {
  try {
    const text = readFileSync(join(packageRoot, "package.json"), "utf8");
    return (JSON.parse(text) as { version?: string }).version ?? "unknown";
  } catch {
    return "unknown";
  }
};

const standardFolder = resolve(packageRoot, "specs", "std");

const libraries = (): readonly string[] =>
  readdirSync(standardFolder)
    .filter((name) => name.endsWith(".gan"))
    .map((name) => `std.${name.slice(0, -4)}`)
    .sort();

/** Tells whether a name is a file of the standard library, which users never edit. */
export const isLibrary = (name: string): boolean => name.startsWith("std/");

/** Returns the path on disk of a file name. */
export const pathOf = (name: string): string =>
  isLibrary(name) ? resolve(standardFolder, name.slice(4)) : resolve(name);

/** Converts line endings to those that the compiler counts in. */
export const unixLines = (text: string): string => text.replaceAll("\r\n", "\n");

/**
 * Reads a text. Undefined also if the operating system forbids it; the compiler then reports a
 * missing file.
 */
const readText = (path: string): string | undefined => {
  try {
    return statSync(path).isFile() ? unixLines(readFileSync(path, "utf8")) : undefined;
  } catch {
    return undefined;
  }
};

/** Lists the specs below a folder by name, without hidden, installed or unreadable ones. */
const specsBelow = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter(({ name }) => !name.startsWith(".") && name !== "node_modules")
      .sort((a, b) => (a.name < b.name ? -1 : 1))
      .flatMap((entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return specsBelow(path);
        return entry.name.endsWith(".gan") ? [path] : [];
      });
  } catch {
    return [];
  }
};

/** Lists the specs behind the given names: a folder stands for all specs in it. */
export const specsIn = (names: readonly string[]): readonly string[] =>
  names.flatMap((name) =>
    existsSync(name) && statSync(name).isDirectory() ? specsBelow(name) : [name],
  );

/** The standard library alone, for specs whose other files are given as texts. */
export const standardSources: Sources = {
  get libraries() {
    return libraries();
  },
  read: (name) => (isLibrary(name) ? readText(pathOf(name)) : undefined),
};

/**
 * Names a file: relative to the working folder if it lies below it, else by its full path. Always
 * with `/`.
 */
export const displayName = (path: string): string => {
  const name = relative(process.cwd(), resolve(path));
  const inside = name !== "" && !name.startsWith("..");
  return (inside ? name : resolve(path)).split(sep).join("/");
};

const folderInstead = (name: string): Instead => {
  const message = `\`${name}\` is a folder, not a spec`;
  const specs = specsBelow(resolve(name));
  if (existsSync(resolve(name, "manifest.json")))
    return {
      message: `\`${name}\` is the folder of a run, not a spec`,
      notes: [
        `To go on with the run, add --resume: \`ganc run ${name} --resume\`. To use it: \`ganc translate ${name} IMAGE\`.`,
        "Its spec is in its manifest.json; this command needs the .gan file with which it began.",
      ],
    };
  const [first] = specs;
  return {
    message,
    notes: [
      first === undefined
        ? "It contains no .gan file."
        : `Name a .gan file in it, such as \`${displayName(first)}\`.`,
    ],
  };
};

/** Describes what is on disk where a spec was expected and none can be read. */
const instead = (name: string): Instead | undefined => {
  try {
    const path = pathOf(name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    if (found.isDirectory()) return folderInstead(name);
    const other = otherThanFile(found);
    if (other !== undefined) return { message: `\`${name}\` ${other}`, notes: [] };
    closeSync(openSync(path, "r"));
    return undefined;
  } catch (thrown) {
    return { message: `\`${name}\` cannot be read: ${reasonOfDisk(thrown)}`, notes: [] };
  }
};

/** Resolves links; for a path that does not exist, those of its folder. */
const realPath = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : join(realPath(folder), basename(path));
  }
};

/**
 * Finds the folder of a file's project: that of the nearest package or repository, or else the
 * file's own.
 */
const projectOf = (path: string): string => {
  const own = realPath(dirname(path));
  const above = (folder: string): string => {
    if (["package.json", ".git"].some((mark) => existsSync(join(folder, mark)))) return folder;
    return dirname(folder) === folder ? own : above(dirname(folder));
  };
  return above(own);
};

const isBelow = (path: string, folder: string): boolean => {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
};

/** Detects imports outside of the project, and of `root` if it is given. */
const outsideOf = (root: string | undefined): NonNullable<Sources["outside"]> => {
  const widened = root === undefined ? undefined : realPath(resolve(root));
  return (file, entry) => {
    const project = projectOf(resolve(entry));
    const path = realPath(resolve(file));
    const mayRead = isBelow(path, project) || (widened !== undefined && isBelow(path, widened));
    return mayRead ? undefined : project;
  };
};

/** Names a file relative to its project's folder, as it would be committed. */
const lastingName = (file: string): string => {
  if (isLibrary(file)) return file;
  const path = resolve(file);
  return relative(projectOf(path), join(realPath(dirname(path)), basename(path)))
    .split(sep)
    .join("/");
};

/**
 * Reads from disk; `std/…` is always the standard library. Imports stay in the spec's project, or
 * in the folder `root` of `--root`.
 */
export const sourcesWithin = (root: string | undefined): Sources => ({
  get libraries() {
    return standardSources.libraries;
  },
  read: (name) => standardSources.read(name) ?? readText(resolve(name)),
  outside: outsideOf(root),
  lastingName,
  instead,
});

export const diskSources: Sources = sourcesWithin(undefined);
