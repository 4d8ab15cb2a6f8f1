/** `ganc fmt`: specs in one layout. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Command } from "commander";
import { hasErrors } from "../../diagnostics/diagnostic.js";
import { format } from "../../format/format.js";
import { displayName } from "../spec-files.js";
import { fail, show } from "./spec-command.js";

interface FormatOptions {
  readonly check?: true;
}

/** Of one text: what it is formatted, or nothing where mistakes of syntax were shown. */
const formatted = (name: string, text: string): string | undefined => {
  const result = format({ name, text });
  if (result._tag === "Right") return result.right;
  show(result.left, () => text);
  if (hasErrors(result.left)) process.exitCode = 1;
  return undefined;
};

const reasonOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

const readSpec = (path: string): string | undefined => {
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    fail(`cannot read ${path}: ${reasonOf(error)}`);
    return undefined;
  }
};

/** The old text stays until the new one is whole. */
const replace = (path: string, text: string): void => {
  try {
    const temporary = `${path}.${process.pid}.tmp`;
    writeFileSync(temporary, text);
    renameSync(temporary, path);
    process.stdout.write(`${displayName(path)}: formatted\n`);
  } catch (error) {
    fail(`cannot write ${path}: ${reasonOf(error)}`);
  }
};

const formatOne = (path: string, { check }: FormatOptions): void => {
  const text = readSpec(path);
  if (text === undefined) return;
  const name = path === "-" ? "standard input" : displayName(path);
  const result = formatted(name, text);
  if (result === undefined) return;
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
      ".gan files, or - for standard input, which is written to standard output",
    )
    .description("Bring specs into one layout; what they mean and their comments stay.")
    .option("--check", "write nothing, and name what is not formatted")
    .addHelpText(
      "after",
      "\nExit codes: 0 all is formatted, 1 a file cannot be read, parsed or written, or with --check is not formatted.",
    )
    .action((specs: readonly string[], options: FormatOptions) => {
      for (const spec of specs) formatOne(spec, options);
    });
};
