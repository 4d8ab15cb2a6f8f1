/** `ganc check`, `ganc compile`, `ganc summary`: what can be done with a spec without training it. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Command } from "commander";
import pc from "picocolors";
import { analyse } from "../../compiler/frontend.js";
import { compile } from "../../compiler/index.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { renderDiagnostics } from "../../diagnostics/render.js";
import { summary } from "../../report/summary.js";
import { diskSources, displayName } from "../spec-files.js";
import { addSet } from "./options.js";

interface SpecOptions {
  readonly set: Readonly<Record<string, string>>;
}

const withSets = (command: Command): Command =>
  command
    .argument("<spec>", "a .gan file")
    .option("--set <name=value>", "give a param another value; may be repeated", addSet, {});

/** Diagnostics on standard error, as a person reads them; coloured on a terminal. */
const show = (diagnostics: readonly Diagnostic[]): void => {
  const colour = process.stderr.isTTY === true && pc.isColorSupported;
  const width = Math.min(process.stderr.columns ?? 80, 100);
  process.stderr.write(renderDiagnostics(diagnostics, { colour, width, textOf: diskSources.read }));
};

const settings = ({ set }: SpecOptions): ReadonlyMap<string, string> =>
  new Map(Object.entries(set));

/** Replaces a file whole, or leaves the old one. */
const writeWhole = (path: string, text: string): void => {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, text);
  renameSync(temporary, path);
};

const compileCommand = async (
  spec: string,
  options: SpecOptions & { readonly out: string },
): Promise<void> => {
  const entry = displayName(spec);
  const { diagnostics, output } = await compile(entry, diskSources, settings(options));
  show(diagnostics);
  if (output === undefined) {
    process.exitCode = 1;
    return;
  }
  const path = options.out.endsWith(".ts")
    ? options.out
    : join(options.out, `${basename(entry, ".gan")}.ts`);
  try {
    if (!options.out.endsWith(".ts")) mkdirSync(options.out, { recursive: true });
    writeWhole(path, output.text);
  } catch (error) {
    process.stderr.write(
      `error: cannot write ${path}: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exitCode = 1;
    return;
  }
  const { networks, players } = output.model;
  const lines = readFileSync(path, "utf8").split("\n").length - 1;
  process.stdout.write(
    `${path}: ${lines} lines, ${networks.length} networks, ${players.length} players\n`,
  );
};

const checkCommand = (specs: readonly string[], options: SpecOptions): void => {
  for (const spec of specs) {
    const { diagnostics, result } = analyse(displayName(spec), diskSources, settings(options));
    show(diagnostics);
    if (result === undefined) process.exitCode = 1;
    else process.stdout.write(`${displayName(spec)}: sound\n`);
  }
};

const summaryCommand = (spec: string, options: SpecOptions): void => {
  const { diagnostics, result } = analyse(displayName(spec), diskSources, settings(options));
  show(diagnostics);
  if (result === undefined) process.exitCode = 1;
  else process.stdout.write(summary(result.model));
};

export const registerSpec = (program: Command): void => {
  program
    .command("check")
    .description("Say what is wrong with a spec, and how to mend it.")
    .argument("<specs...>", ".gan files")
    .option("--set <name=value>", "give a param another value; may be repeated", addSet, {})
    .action(checkCommand);
  withSets(program.command("compile"))
    .description("Write the TypeScript of a spec: layers, losses, training step.")
    .option("-o, --out <path>", "a folder, or a file that ends in .ts", "generated")
    .action(compileCommand);
  withSets(program.command("summary"))
    .description("Show networks, players, and which term reaches which network.")
    .action(summaryCommand);
};
