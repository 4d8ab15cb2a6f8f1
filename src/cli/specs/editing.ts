/** Edits spec files: in memory first, with their own line endings, then written atomically. */
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

/** Maps offsets in a text with `\n` line endings to offsets in the file's own text. */
const offsetsIn = (raw: string): ((at: number) => number) => {
  // Ends of the lines with `\r\n`, in the text without `\r`.
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
 * Decodes a file exactly, line endings included. Undefined if it is not UTF-8: writing back a
 * lenient reading would lose bytes.
 */
export const strictText = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

/** Words a file that `strictText` does not decode. */
export const notStrict = (name: string): string =>
  `${name} is not UTF-8 text, so it was left as it is. Save it as UTF-8`;

export const rawText = (name: string): string => readFileSync(pathOf(name), "utf8");

/** Tells whether `rawText` returns the complete file. */
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
 * Replaces an existing file atomically. Its permissions stay, and links remain links.
 * @throws the operating system's error
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
