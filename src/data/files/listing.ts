/**
 * The contents of a folder: images, sub-folders, and the rest. A bad entry does not spoil the
 * others.
 */
import { promises as fs } from "node:fs";
import { extname, join } from "node:path";
import { type Either, left, right } from "fp-ts/lib/Either.js";
import { printable, someOf } from "../../base/printable.js";
import type { DataError, PassedOver } from "./errors.js";
import { isImageName, isUnmeant } from "./formats.js";
import { otherThanFile, readingFault } from "./regular-file.js";

export interface Listing {
  /** Files with an image's name, sorted by name. Links count as their targets, here and below. */
  readonly images: readonly ListedImage[];
  /** Names, sorted. */
  readonly folders: readonly string[];
  /** Names of files with other endings. */
  readonly others: readonly string[];
  /** Entries that cannot be used. */
  readonly broken: readonly PassedOver[];
}

export interface ListedImage {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
}

/** Compares by code unit, so that the order is the same in every locale. */
export const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const chunks = (name: string): readonly string[] => name.match(/\d+|\D+/g) ?? [];

const isNumber = (chunk: string): boolean => /^\d/.test(chunk);

/** Compares two numbers of any length, given as digits. */
const byValue = (a: string, b: string): number => {
  const [x, y] = [a, b].map((digits) => digits.replace(/^0+/, ""));
  return (x?.length ?? 0) - (y?.length ?? 0) || byName(x ?? "", y ?? "");
};

/** Compares as people count: 2 before 10. */
export const byNumber = (a: string, b: string): number => {
  const [as, bs] = [chunks(a), chunks(b)];
  for (const [i, x] of as.entries()) {
    const y = bs[i];
    if (y === undefined) return 1;
    const order = isNumber(x) && isNumber(y) ? byValue(x, y) : byName(x, y);
    if (order !== 0) return order;
  }
  return as.length - bs.length || byName(a, b);
};

/** Returns the error for a folder that cannot be read, from what was thrown. */
export const folderFault = (path: string, thrown: unknown): Either<DataError, never> => {
  const code =
    typeof thrown === "object" && thrown !== null && "code" in thrown ? thrown.code : undefined;
  if (code === "ENOENT")
    return left({
      kind: "missing-folder",
      path,
      reason: "there is no such folder",
      hint: "Check the path.",
    });
  if (code === "ENOTDIR")
    return left({
      kind: "not-a-folder",
      path,
      reason: "this is a file, not a folder",
      hint: "Name the folder that holds the images.",
    });
  const hint = code === "ELOOP" ? "Check where the link leads." : "Check its permissions.";
  return left({ kind: "unreadable-folder", path, reason: `it ${readingFault(thrown)}`, hint });
};

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Decodes a name as UTF-8. If it is not, writes its bytes with all but ASCII escaped. */
const textOf = (bytes: Buffer): { readonly text: string; readonly isText: boolean } => {
  try {
    return { text: utf8.decode(bytes), isText: true };
  } catch {
    const text = [...bytes].map((byte) =>
      byte >= 0x20 && byte < 0x7f
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).padStart(2, "0")}`,
    );
    return { text: text.join(""), isText: false };
  }
};

/** Returns the reason why a listed entry is gone. */
const goneOf = async (path: string, thrown: unknown): Promise<string> => {
  const { code } = thrown as NodeJS.ErrnoException;
  if (code !== "ENOENT" && code !== "ENOTDIR") return `it ${readingFault(thrown)}`;
  const isLink = await fs.lstat(path).then(
    () => true,
    () => false,
  );
  return isLink ? "it is a link that leads nowhere" : "it was removed as the folder was read";
};

type Entry =
  | { readonly kind: "image"; readonly name: string; readonly size: number }
  | { readonly kind: "folder" | "other"; readonly name: string }
  | { readonly kind: "broken"; readonly name: string; readonly reason: string };

/** Classifies an entry without opening it: opening a pipe would wait for its writer. */
const entryOf = async (
  folder: string,
  bytes: Buffer,
  before: boolean,
): Promise<Entry | undefined> => {
  const { text: name, isText } = textOf(bytes);
  if (isUnmeant(name)) return undefined;
  if (!isText) return { kind: "broken", name, reason: "its name is not UTF-8: rename it" };
  const path = join(folder, name);
  try {
    const stats = await fs.stat(path);
    if (stats.isDirectory()) return { kind: "folder", name };
    if (!isImageName(name, before)) return { kind: "other", name };
    const other = otherThanFile(stats);
    return other === undefined
      ? { kind: "image", name, size: stats.size }
      : { kind: "broken", name, reason: `it ${other}` };
  } catch (thrown) {
    return { kind: "broken", name, reason: await goneOf(path, thrown) };
  }
};

/**
 * Lists a folder. Fails only if the folder itself cannot be read, never because of an entry.
 * `before`: by the endings that earlier versions of ganc knew.
 */
export const listFolder = async (
  path: string,
  before = false,
): Promise<Either<DataError, Listing>> => {
  let names: readonly Buffer[];
  try {
    names = await fs.readdir(path, { encoding: "buffer" });
  } catch (thrown) {
    return folderFault(path, thrown);
  }
  const found = await Promise.all(names.map((name) => entryOf(path, name, before)));
  const entries = found.flatMap((entry) => entry ?? []).sort((a, b) => byName(a.name, b.name));
  return right({
    images: entries.flatMap((e) => (e.kind === "image" ? [{ name: e.name, size: e.size }] : [])),
    folders: entries.flatMap((e) => (e.kind === "folder" ? [e.name] : [])),
    others: entries.flatMap((e) => (e.kind === "other" ? [e.name] : [])),
    broken: entries.flatMap((e) =>
      e.kind === "broken" ? [{ name: e.name, reason: e.reason }] : [],
    ),
  });
};

const countOf = (n: number, one: string, more: string): string => (n === 1 ? one : `${n} ${more}`);

/**
 * Writes `6 files with other endings passed over: .psd, .txt, README`, or nothing if there are
 * none.
 */
export const othersText = (others: readonly string[]): readonly string[] => {
  if (others.length === 0) return [];
  const endings = new Set(others.map((name) => extname(name).toLowerCase() || name));
  const files = countOf(others.length, "1 file with another ending", "files with other endings");
  return [`${files} passed over: ${someOf([...endings].sort(byName), 5)}`];
};

/** Writes `sub-folders not followed: a, b`, or nothing if there are none. */
export const foldersText = (folders: readonly string[]): readonly string[] =>
  folders.length === 0 ? [] : [`sub-folders not followed: ${someOf(folders, 5)}`];

/**
 * Writes `gone.png: it is a link that leads nowhere` for the first entry, or nothing if there are
 * none.
 */
export const brokenText = (broken: readonly PassedOver[]): readonly string[] => {
  const [first] = broken;
  if (first === undefined) return [];
  const more = broken.length > 1 ? ` (and ${broken.length - 1} more cannot be used)` : "";
  return [`${printable(first.name)}: ${first.reason}${more}`];
};
