/** Spec files that are edited: in memory first, with the line endings that they have, and then written whole. */
import {
  chmodSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { applyEdits, type Edit } from "../../diagnostics/diagnostic.js";
import { temporaryFor } from "../../training/files/disk.js";
import { pathOf } from "./spec-files.js";

/** From offsets of a text whose lines end in `\n` to those of the same text as it stands in its file. */
const offsetsIn = (raw: string): ((at: number) => number) => {
  // Where the lines that end in `\r\n` end, in the text without `\r`.
  const ends = [...raw.matchAll(/\r\n/g)].map(({ index }, i) => index - i);
  return (at) => {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((ends[middle] ?? 0) < at) low = middle + 1;
      else high = middle;
    }
    return at + low;
  };
};

/**
 * The text of a file as it stands there, line endings and all; nothing where a byte of it is none of UTF-8: to write what
 * is read in its stead would lose it.
 */
export const strictText = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

/** What is said of a file that `strictText` gives nothing of. */
export const notStrict = (name: string): string =>
  `${name} is not a text in UTF-8: it was left as it is. Save it as UTF-8`;

export const rawText = (name: string): string => readFileSync(pathOf(name), "utf8");

/** Whether the text that `rawText` gives is all of the file. */
export const isWhole = (name: string): boolean =>
  strictText(readFileSync(pathOf(name))) !== undefined;

export const editRaw = (name: string, raw: string, edits: readonly Edit[]): string => {
  const offset = offsetsIn(raw);
  const own = edits.filter(({ span }) => span.file === name);
  const moved = own.map(
    ({ span, text }): Edit => ({
      span: { ...span, start: offset(span.start), end: offset(span.end) },
      text,
    }),
  );
  return applyEdits(name, raw, moved);
};

/**
 * Puts `text` in the place of a file that exists: all of it or nothing. Its permissions stay, and a link goes on pointing.
 * @throws what the operating system says
 */
export const replaceFile = (name: string, text: string): void => {
  const path = realpathSync(pathOf(name));
  const temporary = temporaryFor(path, `.${process.pid}.tmp`);
  try {
    writeFileSync(temporary, text);
    chmodSync(temporary, statSync(path).mode);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
};
