/**
 * The lists of wheels in `requirements/`, as pip reads them: exact versions, and the hashes of the
 * files that may come.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** One package of a list. */
export interface Entry {
  /** In lower case, with `-`. */
  readonly name: string;
  readonly version: string;
  /** Its lines, as pip reads them. */
  readonly text: string;
  /** SHA-256 in hexadecimal, one of each file that is published for it. */
  readonly hashes: ReadonlySet<string>;
  /** Whether it is for some systems or versions of Python only. */
  readonly conditional: boolean;
}

export interface List {
  readonly entries: readonly Entry[];
  /** The lines of all entries. */
  readonly text: string;
  /** Of PyTorch, for example `2.15.0`. */
  readonly version: string;
  /** Differs as soon as anything in the list does. */
  readonly key: string;
}

const FOLDER = "requirements";

const folderAbove = (folder: string): string => {
  const found = join(folder, FOLDER);
  const above = resolve(folder, "..");
  return existsSync(join(found, "torch.txt")) || above === folder ? found : folderAbove(above);
};

/** The folder of the lists: above this file, built or not. */
const folder = folderAbove(fileURLToPath(new URL(".", import.meta.url)));

/** Returns a list's text with those that it names by `-r` in their places. */
const textOf = (path: string): string =>
  readFileSync(path, "utf8").replaceAll(/^-r (.*)$/gm, (_, name: string) =>
    textOf(join(dirname(path), name)),
  );

const entryOf = (text: string): Entry => {
  const [, name = "", version = ""] = /^([^=\s]+)==([^\s;]+)/.exec(text) ?? [];
  const hashes = new Set(
    [...text.matchAll(/--hash=sha256:([0-9a-f]{64})/g)].map(([, h]) => h ?? ""),
  );
  return { name, version, text, hashes, conditional: text.includes(" ; ") };
};

/** Parses a list's text: an entry begins at the margin, its hashes are indented below. */
export const parseList = (text: string): List => {
  const found = text.match(/^[^\s#].*\n(?:[ \t].*\n)*/gm) ?? [];
  const entries = found.map(entryOf);
  const lines = found.join("");
  return {
    entries,
    text: lines,
    version: entries.find(({ name }) => name === "torch")?.version ?? "",
    key: createHash("sha256").update(lines).digest("hex").slice(0, 12),
  };
};

/** Reads a list, for example `torch-cpu.txt`. */
export const readList = (name: string): List => parseList(textOf(join(folder, name)));

/** Reads the names of the libraries that an empty one stands in for. */
export const standIns = (): readonly string[] =>
  readFileSync(join(folder, "stand-ins.txt"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
