/**
 * The folder of a project. Which of its files are ganc's own it knows by `.ganc-project.json`,
 * where each stands with its digest: a folder with anything else of their names in it is left
 * alone, and so is a file that was changed since.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { recordOf } from "../base/record.js";

/** Of what was written. */
export const listName = ".ganc-project.json";

const List = t.type({ format: t.literal(1), files: t.record(t.string, t.string) });

const digest = (content: string | Uint8Array): string =>
  createHash("sha256").update(content).digest("hex");

/** What was written before, with its digests; nothing where ganc wrote nothing. */
const listed = (folder: string): Readonly<Record<string, string>> | undefined => {
  const path = join(folder, listName);
  if (!existsSync(path)) return undefined;
  try {
    const decoded = List.decode(JSON.parse(readFileSync(path, "utf8")));
    return isLeft(decoded) ? undefined : decoded.right.files;
  } catch {
    return undefined;
  }
};

/** Why nothing may be written into the folder; undefined where it may. */
const refusalOf = (folder: string, names: readonly string[]): string | undefined => {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return undefined;
  const before = listed(folder);
  if (before === undefined)
    return (
      `${folder} is not empty, and has no ${listName}, by which ganc knows a project of its own: ` +
      "choose another folder."
    );
  const isOther = (name: string): boolean => {
    const path = join(folder, name);
    return existsSync(path) && before[name] !== digest(readFileSync(path));
  };
  const changed = [...new Set([...names, ...Object.keys(before)])].filter(isOther);
  if (changed.length === 0) return undefined;
  const them = changed.length === 1 ? "it" : "them";
  return (
    `${folder} has what ganc did not write: ${changed.join(", ")} ` +
    `(${listName} holds the digests). Move ${them} away, or choose another folder.`
  );
};

/**
 * Makes a folder and those it stands in. Node's own way never ends where a device refuses it, as
 * /proc.
 */
const makeFolder = (path: string): void => {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
};

/**
 * Writes a project; files of an earlier one that it has no more are removed. The left side is why
 * not.
 * @throws Error of the file system
 */
export const writeProject = (
  folder: string,
  files: ReadonlyMap<string, string | Uint8Array>,
): Either<string, readonly string[]> => {
  const refusal = refusalOf(folder, [...files.keys()]);
  if (refusal !== undefined) return left(refusal);
  for (const name of Object.keys(listed(folder) ?? {}))
    if (!files.has(name)) rmSync(join(folder, name), { force: true });
  for (const [name, content] of files) {
    const path = join(folder, name);
    makeFolder(dirname(path));
    writeFileSync(path, content);
  }
  const digests = [...files].map(([name, content]) => [name, digest(content)] as const);
  const list = { format: 1, files: recordOf(digests) };
  writeFileSync(join(folder, listName), `${JSON.stringify(list, null, 2)}\n`);
  return right([...files.keys()]);
};
