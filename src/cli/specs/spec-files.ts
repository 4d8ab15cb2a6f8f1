/** Specs on disk: what the compiler may read, under names that do not depend on where the project lies. */
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

/** The folder of ganc itself: the first above this file, built or not, that the standard library lies in. */
export const packageRoot = rootAbove(fileURLToPath(new URL(".", import.meta.url)));

/** Of ganc itself, as its package says; a copy of its code without its package says nothing. */
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

/** Whether a name is that of a file of the standard library, which is never the user's to edit. */
export const isLibrary = (name: string): boolean => name.startsWith("std/");

/** Where the file of that name lies on disk. */
export const pathOf = (name: string): string =>
  isLibrary(name) ? resolve(standardFolder, name.slice(4)) : resolve(name);

/** Text with the line endings that the compiler counts in. */
export const unixLines = (text: string): string => text.replaceAll("\r\n", "\n");

/** Nothing too where the operating system does not let it be read: the compiler then says that there is no such file. */
const readText = (path: string): string | undefined => {
  try {
    return statSync(path).isFile() ? unixLines(readFileSync(path, "utf8")) : undefined;
  } catch {
    return undefined;
  }
};

/** The specs below a folder, in the order of their names; what cannot be read, is hidden or was installed is passed over. */
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

/** Specs by the names that somebody gave: a folder stands for all that lie in it. */
export const specsIn = (names: readonly string[]): readonly string[] =>
  names.flatMap((name) =>
    existsSync(name) && statSync(name).isDirectory() ? specsBelow(name) : [name],
  );

/** The standard library alone: for specs whose other files are given as texts. */
export const standardSources: Sources = {
  get libraries() {
    return libraries();
  },
  read: (name) => (isLibrary(name) ? readText(pathOf(name)) : undefined),
};

/** Files below the working folder are named from there; others by their full path. Always with `/`. */
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
        "Its spec is kept in its manifest.json; here the .gan file is wanted that it began with.",
      ],
    };
  const [first] = specs;
  return {
    message,
    notes: [
      first === undefined
        ? "No .gan file lies in it."
        : `Name a .gan file in it, such as \`${displayName(first)}\`.`,
    ],
  };
};

/** What is on disk where a spec was expected and none can be read. */
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

/** The path without links; of what does not exist, that of the folder where it would lie. */
const realPath = (path: string): string => {
  try {
    return realpathSync(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : join(realPath(folder), basename(path));
  }
};

/** The folder of the project that a file belongs to: of the nearest package or repository, or else the file's own. */
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

/** What lies outside of the project, and of `root` where that is given. */
const outsideOf = (root: string | undefined): NonNullable<Sources["outside"]> => {
  const widened = root === undefined ? undefined : realPath(resolve(root));
  return (file, entry) => {
    const project = projectOf(resolve(entry));
    const path = realPath(resolve(file));
    const mayRead = isBelow(path, project) || (widened !== undefined && isBelow(path, widened));
    return mayRead ? undefined : project;
  };
};

/** From the folder of the project, as it would be committed. */
const lastingName = (file: string): string => {
  if (isLibrary(file)) return file;
  const path = resolve(file);
  return relative(projectOf(path), join(realPath(dirname(path)), basename(path)))
    .split(sep)
    .join("/");
};

/**
 * What is on disk; `std/…` is always the standard library. Imports stay in the project of the spec, and with `root`, what
 * `--root` gave, in that folder.
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
