/** The files for `ganc translate`: expands folders, and joins files that belong together. */
import { basename, join } from "node:path";
import { InvalidArgumentError } from "commander";
import { isLeft } from "fp-ts/lib/Either.js";
import { printable } from "../../../base/printable.js";
import { stemOf } from "../../../data/sets/pairing.js";
import { expand, type FoundFile } from "../../../training/translation/expand.js";
import { reportFailure } from "../../terminal/failure.js";
import { complain, note, type Terminal } from "../../terminal/terminal.js";

/**
 * Lists the files that the user named. Reports and counts what does not exist, and goes on with the
 * rest.
 */
const filesOf = async (paths: readonly string[], terminal: Terminal, list: List) => {
  const files: (readonly FoundFile[])[] = [];
  let lost = 0;
  for (const path of paths) {
    const found = await list(path);
    if (isLeft(found)) {
      reportFailure(terminal, found.left);
      lost++;
      continue;
    }
    files.push(found.right.files);
    lost += found.right.broken.length;
    for (const text of found.right.beside) note(terminal, `${printable(path)}: ${text}.`);
    for (const entry of found.right.broken)
      complain(terminal, `${printable(entry.path)}: ${entry.reason}`);
  }
  return { files: files.flat(), lost };
};

type List = (path: string) => ReturnType<typeof expand>;

/**
 * Returns the key that files of one result share: their folder and their name without its ending.
 */
const keyOf = ({ path, folder }: FoundFile): string => join(folder, stemOf(basename(path)));

/**
 * Makes a row for each result: one image for all, or those of one name. `alone`: images of the
 * first input without partners.
 */
const joined = (
  files: readonly (readonly FoundFile[])[],
): {
  readonly rows: readonly (readonly FoundFile[])[];
  readonly alone: readonly FoundFile[];
} => {
  const most = Math.max(...files.map((each) => each.length));
  // One image and a folder of styles: one result for each style.
  const longest = files.find((each) => each.length === most) ?? [];
  const several = files.map((each) => new Map(each.map((file) => [keyOf(file), file])));
  const rows = longest.map((file) =>
    files.flatMap((each, k) => (each.length === 1 ? each : (several[k]?.get(keyOf(file)) ?? []))),
  );
  const isWhole = (_: unknown, i: number): boolean => rows[i]?.length === files.length;
  if (files.length === 1) return { rows: longest.map((file) => [file]), alone: [] };
  return {
    rows: rows.filter((row) => row.length === files.length),
    alone: longest.filter((file, i) => !isWhole(file, i)),
  };
};

export interface Gathered {
  /** The files of each result. */
  readonly rows: readonly (readonly FoundFile[])[];
  /** Number of named files that cannot be used; each is reported. */
  readonly lost: number;
}

/** Lists and joins the files of all inputs. Undefined if an input has none. */
export const gather = async (
  inputs: readonly (readonly string[])[],
  terminal: Terminal,
  list: List = expand,
): Promise<Gathered | undefined> => {
  const all: (readonly FoundFile[])[] = [];
  let lost = 0;
  for (const paths of inputs) {
    const found = await filesOf(paths, terminal, list);
    lost += found.lost;
    if (found.files.length === 0) return undefined;
    all.push(found.files);
  }
  const { rows, alone } = joined(all);
  for (const file of alone)
    complain(terminal, `${printable(file.path)}: it has no partner of the same name.`);
  return { rows, lost: lost + alone.length };
};

/** Adds `name=path`. */
export const addInput = (
  text: string,
  inputs: readonly (readonly [string, string])[] = [],
): readonly (readonly [string, string])[] => {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1)
    throw new InvalidArgumentError("Write it as name=IMAGE or name=FOLDER.");
  return [...inputs, [text.slice(0, at), text.slice(at + 1)]];
};
