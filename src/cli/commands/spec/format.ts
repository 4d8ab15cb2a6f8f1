/** `ganc fmt`: formats specs. */
import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { otherThanFile } from "../../../data/files/regular-file.js";
import { hasErrors } from "../../../diagnostics/diagnostic.js";
import { format } from "../../../format/format.js";
import { reasonOfDisk } from "../../../training/files/disk.js";
import { notStrict, replaceFile, strictText } from "../../specs/editing.js";
import { displayName, unixLines } from "../../specs/spec-files.js";
import { fail, show, specsGiven } from "../spec-command.js";

interface FormatOptions {
  readonly check?: true;
}

/** Formats one text. If it has syntax errors, prints them and returns undefined. */
const formatted = (name: string, text: string): string | undefined => {
  const result = format({ name, text });
  if (result._tag === "Right") return result.right;
  show(result.left, () => text);
  if (hasErrors(result.left)) process.exitCode = 1;
  return undefined;
};

const readSpec = (path: string): string | undefined => {
  try {
    // Reading a pipe would wait for its writer, and some devices never end.
    const other = path === "-" ? undefined : otherThanFile(statSync(path));
    if (other !== undefined) {
      fail(`${path} ${other}`);
      return undefined;
    }
    const bytes = readFileSync(path === "-" ? 0 : path);
    const text = strictText(bytes);
    // Zero bytes are reported as a mistake in the text, by every command in the same words.
    if (text !== undefined || bytes.includes(0)) return text ?? bytes.toString("utf8");
    fail(notStrict(path === "-" ? "standard input" : path));
    return undefined;
  } catch (error) {
    fail(`cannot read ${path}: ${reasonOfDisk(error)}`);
    return undefined;
  }
};

const replace = (path: string, text: string): void => {
  try {
    replaceFile(resolve(path), text);
    process.stdout.write(`${displayName(path)}: formatted\n`);
  } catch (error) {
    fail(`cannot write ${path}: ${reasonOfDisk(error)}`);
  }
};

/** Restores Windows line endings if the file had them. */
const withEndings = (text: string, of: string): string =>
  of.includes("\r\n") ? text.replaceAll("\n", "\r\n") : text;

const formatOne = (path: string, { check }: FormatOptions): void => {
  const text = readSpec(path);
  if (text === undefined) return;
  const name = path === "-" ? "standard input" : displayName(path);
  const layout = formatted(name, unixLines(text));
  if (layout === undefined) return;
  const result = withEndings(layout, text);
  if (check === true) {
    if (result === text) return;
    process.stdout.write(`${name}: not formatted\n`);
    process.exitCode = 1;
  } else if (path === "-") process.stdout.write(result);
  else if (result !== text) replace(path, result);
};

export const registerFormat = (program: Command): void => {
  program
    .command("fmt")
    .argument(
      "<specs...>",
      ".gan files or folders of them, or - for standard input, which is written to standard output",
    )
    .description("Format specs; their meaning and their comments stay.")
    .option("--check", "write nothing, and list the files that are not formatted")
    .addHelpText(
      "after",
      "\nExit codes: 0 all is formatted, 1 a file cannot be read, parsed or written, or with --check is not formatted.",
    )
    .action((given: readonly string[], options: FormatOptions, command: Command) => {
      for (const spec of specsGiven(given, command)) formatOne(spec, options);
    });
};
