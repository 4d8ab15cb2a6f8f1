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
import { applyEdits, type Edit } from "../diagnostics/diagnostic.js";
import { pathOf } from "./spec-files.js";

/** Offsets of a text whose lines end in `\n`, as offsets of the same text as it stands in its file. */
const inFile = (raw: string, { span, text }: Edit): Edit => {
  const lines = raw.split("\n");
  const offset = (at: number): number => {
    let [rest, shift] = [at, 0];
    for (const line of lines) {
      const returns = line.endsWith("\r") ? 1 : 0;
      const length = line.length - returns + 1;
      if (rest < length) break;
      rest -= length;
      shift += returns;
    }
    return at + shift;
  };
  return { span: { ...span, start: offset(span.start), end: offset(span.end) }, text };
};

/** The text of a file as it stands there, line endings and all. */
export const rawText = (name: string): string => readFileSync(pathOf(name), "utf8");

export const editRaw = (name: string, raw: string, edits: readonly Edit[]): string =>
  applyEdits(
    name,
    raw,
    edits.filter(({ span }) => span.file === name).map((edit) => inFile(raw, edit)),
  );

/**
 * Puts `text` in the place of a file that exists: all of it or nothing. Its permissions stay, and a link goes on pointing.
 * @throws what the operating system says
 */
export const replaceFile = (name: string, text: string): void => {
  const path = realpathSync(pathOf(name));
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, text);
    chmodSync(temporary, statSync(path).mode);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
};
