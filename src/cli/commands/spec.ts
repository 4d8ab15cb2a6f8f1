/** `ganc check`, `ganc compile`, `ganc summary`: what can be done with a spec without training it. */
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { type Command, Option } from "commander";
import pc from "picocolors";
import { analyse } from "../../compiler/frontend.js";
import { compile } from "../../compiler/index.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { renderDiagnostics } from "../../diagnostics/render.js";
import { nodesOf } from "../../graph/graph.js";
import { summary } from "../../report/summary.js";
import { diskSources, displayName } from "../spec-files.js";
import { addSet } from "./options.js";

const emissions = ["tfjs", "graph", "onnx"] as const;
type Emission = (typeof emissions)[number];

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
const writeWhole = (path: string, content: string | Uint8Array): void => {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, content);
  renameSync(temporary, path);
};

interface CompileOptions extends SpecOptions {
  readonly out: string;
  readonly emit: Emission;
  readonly printAfter?: string;
  readonly exact?: boolean;
}

const fail = (message: string): void => {
  process.stderr.write(`error: ${message}\n`);
  process.exitCode = 1;
};

/** Writes what was compiled where it was asked for: a file of that name, or a file in that folder. */
const deliver = (
  { out }: CompileOptions,
  ending: string,
  name: string,
  content: string | Uint8Array,
): string | undefined => {
  const isFile = out.endsWith(ending);
  const path = isFile ? out : join(out, `${name}${ending}`);
  try {
    if (!isFile) mkdirSync(out, { recursive: true });
    writeWhole(path, content);
    return path;
  } catch (error) {
    fail(`cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
};

const emitTypeScript = async (spec: string, options: CompileOptions): Promise<void> => {
  const entry = displayName(spec);
  const { diagnostics, output } = await compile(entry, diskSources, settings(options));
  show(diagnostics);
  if (output === undefined) {
    process.exitCode = 1;
    return;
  }
  const path = deliver(options, ".ts", basename(entry, ".gan"), output.text);
  if (path === undefined) return;
  const { networks, players } = output.model;
  const lines = output.text.split("\n").length - 1;
  process.stdout.write(
    `${path}: ${lines} lines, ${networks.length} networks, ${players.length} players\n`,
  );
};

/** The graph of a training step: as text, after one of its passes, or as a model for ONNX Runtime. */
const emitGraph = async (spec: string, options: CompileOptions): Promise<void> => {
  const entry = displayName(spec);
  const { diagnostics, result } = analyse(entry, diskSources, settings(options));
  show(diagnostics);
  if (result === undefined) {
    process.exitCode = 1;
    return;
  }
  const { stepProgram } = await import("../../lowering/programs.js");
  const { print } = await import("../../graph/print.js");
  const { printAfter, exact = false } = options;
  const seen: string[] = [];
  let asked: string | undefined;
  const graph = stepProgram(result.model, {
    exact,
    observe: (pass, after) => {
      seen.push(pass);
      if (pass === printAfter) asked = print(after);
    },
  });
  if (printAfter !== undefined) {
    if (asked === undefined) fail(`no pass is called ${printAfter}; there are ${seen.join(", ")}`);
    else process.stdout.write(asked);
    return;
  }
  const nodes = nodesOf(graph).length;
  const name = `${basename(entry, ".gan")}.step`;
  if (options.emit === "graph") {
    const path = deliver(options, ".graph", name, print(graph));
    if (path !== undefined) process.stdout.write(`${path}: ${nodes} nodes\n`);
    return;
  }
  const { onnxModel } = await import("../../targets/onnx/model-file.js");
  const bytes = onnxModel(graph, result.model);
  const path = deliver(options, ".onnx", name, bytes);
  if (path !== undefined)
    process.stdout.write(`${path}: ${nodes} nodes, ${Math.ceil(bytes.length / 1024)} KiB\n`);
};

const compileCommand = (spec: string, options: CompileOptions): Promise<void> =>
  options.emit === "tfjs" && options.printAfter === undefined
    ? emitTypeScript(spec, options)
    : emitGraph(spec, options);

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
    .description("Write what a spec compiles to: TypeScript with layers, losses and training step.")
    .addOption(
      new Option("--emit <what>", "TypeScript for tfjs, or the step as a graph or an ONNX model")
        .choices(emissions)
        .default("tfjs"),
    )
    .option("--exact", "leave out passes that round otherwise")
    .option("--print-after <pass>", "print the graph as that pass leaves it, and write nothing")
    .option(
      "-o, --out <path>",
      "a folder, or a file that ends in .ts, .graph or .onnx",
      "generated",
    )
    .action(compileCommand);
  withSets(program.command("summary"))
    .description("Show networks, players, and which term reaches which network.")
    .action(summaryCommand);
};
