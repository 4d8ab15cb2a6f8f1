/**
 * `ganc check --fix`: applies fixes in memory until none is left, then writes the changed files.
 */
import { lineStarts, positionAt } from "../../base/source.js";
import type { Settings, Sources } from "../../compiler/index.js";
import { type Mending, mendings } from "../../diagnostics/mend.js";
import { type Checked, checkAll, inputName } from "./checking.js";
import { unifiedDiff } from "./diff.js";
import { editRaw, isWhole, notStrict, rawText, replaceFile } from "./editing.js";
import { isLibrary, unixLines } from "./spec-files.js";

/** More rounds than any real chain of mistakes needs; also ends two fixes that undo each other. */
const mostRounds = 10;

export interface Mended {
  /** The remaining diagnostics. */
  readonly checked: Checked;
  /** The new texts of changed files, as on disk. */
  readonly texts: ReadonlyMap<string, string>;
  /** One line for each applied fix. */
  readonly changes: readonly string[];
  /** Reasons why files with fixes were left unchanged, a line each. */
  readonly refused: readonly string[];
  readonly textOf: Sources["read"];
}

/**
 * Tells whether a file belongs to the user and was read completely. It is asked for every fix, so
 * it remembers.
 */
const editable = () => {
  const whole = new Map<string, boolean>();
  return {
    mayEdit: (file: string): boolean => {
      if (isLibrary(file) || file === inputName) return false;
      const known = whole.get(file) ?? isWhole(file);
      whole.set(file, known);
      return known;
    },
    refused: (): readonly string[] =>
      [...whole].flatMap(([file, isAll]) => (isAll ? [] : [notStrict(file)])),
  };
};

const changeOf = (
  { diagnostic, fix }: Mending,
  startsOf: (file: string) => readonly number[],
): string => {
  const { file, start } = fix.edits[0]?.span ?? diagnostic.span;
  const { line, column } = positionAt(startsOf(file), start);
  const places = fix.edits.length > 1 ? ` (${fix.edits.length} places)` : "";
  return `${file}:${line}:${column}: ${diagnostic.code}: ${fix.title}${places}`;
};

export const mend = (specs: readonly string[], settings: Settings, disk: Sources): Mended => {
  const texts = new Map<string, string>();
  const changes: string[] = [];
  const { mayEdit, refused } = editable();
  const textOf = (name: string): string | undefined => {
    const text = texts.get(name);
    return text === undefined ? disk.read(name) : unixLines(text);
  };
  const sources: Sources = { ...disk, read: textOf };
  let checked = checkAll(specs, settings, sources);
  for (let round = 0; round < mostRounds; round++) {
    const chosen = mendings(checked.diagnostics, mayEdit);
    if (chosen.length === 0) break;
    const starts = new Map<string, readonly number[]>();
    const startsOf = (file: string): readonly number[] => {
      const known = starts.get(file) ?? lineStarts(textOf(file) ?? "");
      starts.set(file, known);
      return known;
    };
    for (const one of chosen) changes.push(changeOf(one, startsOf));
    const edits = chosen.flatMap(({ fix }) => fix.edits);
    for (const file of new Set(edits.map(({ span }) => span.file)))
      texts.set(file, editRaw(file, texts.get(file) ?? rawText(file), edits));
    checked = checkAll(specs, settings, sources);
  }
  return { checked, texts, changes, refused: refused(), textOf };
};

/** Writes the changes that `mend` would make as a diff. */
export const diffOf = ({ texts }: Mended): string =>
  [...texts].map(([name, text]) => unifiedDiff(name, rawText(name), text)).join("");

/** Writes the changed files. Returns the files that could not be written, with reasons. */
export const writeMended = ({ texts }: Mended): readonly string[] =>
  [...texts].flatMap(([name, text]) => {
    try {
      replaceFile(name, text);
      return [];
    } catch (error) {
      return [`cannot write ${name}: ${error instanceof Error ? error.message : String(error)}`];
    }
  });
