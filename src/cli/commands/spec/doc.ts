/** `ganc doc`: writes pages from declarations and the comments above them. */
import { writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Command } from "commander";
import { isLeft } from "fp-ts/lib/Either.js";
import { format } from "../../../format/format.js";
import type { Model } from "../../../program/model.js";
import { documentation } from "../../../report/specs/documentation.js";
import { makeFolder, reasonOfDisk } from "../../../training/files/disk.js";
import { diskSources, displayName, standardSources } from "../../specs/spec-files.js";
import {
  analysed,
  fail,
  type SpecOptions,
  show,
  toStandardOutput,
  withSets,
} from "../spec-command.js";

interface DocOptions extends SpecOptions {
  readonly out?: string;
}

/** Writes one page. If the text has syntax errors, prints them and returns undefined. */
const page = (title: string, name: string, text: string, model?: Model): string | undefined => {
  const formatted = format({ name, text });
  if (isLeft(formatted)) {
    show(formatted.left);
    process.exitCode = 1;
    return undefined;
  }
  return documentation({ title, text: formatted.right, model });
};

/** Writes all libraries for `std`, or one, such as `std.losses`. */
const libraryPages = (what: string): string | undefined => {
  const { libraries, read } = standardSources;
  const chosen = libraries.filter((library) => what === "std" || library === what);
  if (chosen.length === 0) {
    fail(`there is no library ${what}: the standard library has ${libraries.join(", ")}`);
    return undefined;
  }
  const pages = chosen.map((library) => {
    const name = `${library.replaceAll(".", "/")}.gan`;
    return page(library, name, read(name) ?? "") ?? "";
  });
  return pages.join("\n");
};

const specPage = (spec: string, options: DocOptions): string | undefined => {
  const sound = analysed(spec, options);
  const name = displayName(spec);
  if (sound === undefined) return undefined;
  const title = diskSources.lastingName?.(name) ?? name;
  return page(title, name, diskSources.read(name) ?? "", sound.model);
};

const docCommand = (what: string, options: DocOptions): void => {
  const isLibrary = what === "std" || what.startsWith("std.");
  const text = isLibrary ? libraryPages(what) : specPage(what, options);
  if (text === undefined) return;
  if (options.out === undefined || options.out === toStandardOutput) {
    process.stdout.write(text);
    return;
  }
  try {
    makeFolder(dirname(options.out));
    writeFileSync(options.out, text);
  } catch (error) {
    fail(`cannot write ${options.out}: ${reasonOfDisk(error)}`);
  }
};

export const registerDoc = (program: Command): void => {
  withSets(
    program
      .command("doc")
      .argument("<what>", "a .gan file, a library as std.losses, or std: all of them"),
  )
    .description("Write pages in Markdown from declarations and the comments directly above them.")
    .option("-o, --out <file>", "write to this file instead of standard output")
    .action(docCommand);
};
