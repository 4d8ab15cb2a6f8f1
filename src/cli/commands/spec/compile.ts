/**
 * `ganc compile`: compiles a spec to TypeScript or Python, or its training step to a graph or an
 * ONNX model.
 */
import { basename } from "node:path";
import { type Command, Option } from "commander";
import { compile } from "../../../compiler/index.js";
import { nodesOf } from "../../../graph/graph.js";
import type { Model } from "../../../program/model.js";
import { displayName, sourcesWithin } from "../../specs/spec-files.js";
import {
  analysed,
  deliver,
  delivered,
  fail,
  type SpecOptions,
  settings,
  show,
  toStandardOutput,
  withSets,
} from "../spec-command.js";

const emissions = ["tfjs", "torch", "program", "graph", "onnx"] as const;
/** Those that are code for people. */
const targets = ["tfjs", "torch"] as const;

interface CompileOptions extends SpecOptions {
  readonly out: string;
  readonly emit: (typeof emissions)[number];
  readonly target?: (typeof targets)[number];
  readonly printAfter?: string;
  readonly exact?: boolean;
  /** A folder for a package that runs on its own. */
  readonly project?: string;
}

const emitTypeScript = async (spec: string, options: CompileOptions): Promise<void> => {
  if (options.exact === true) {
    fail(
      "--exact leaves out passes of the graph, but TypeScript has none; add --emit graph or onnx",
    );
    return;
  }
  const entry = displayName(spec);
  const { diagnostics, output } = await compile(
    entry,
    sourcesWithin(options.root),
    settings(options),
  );
  show(diagnostics);
  if (output === undefined) {
    process.exitCode = 1;
    return;
  }
  const path = deliver(options.out, ".ts", basename(entry, ".gan"), output.text);
  if (path === undefined) return;
  const { networks, players } = output.model;
  const lines = output.text.split("\n").length - 1;
  delivered(path, `${lines} lines, ${networks.length} networks, ${players.length} players`);
};

/** Writes Python for PyTorch, under a name that Python can import. */
const emitPython = async (spec: string, options: CompileOptions): Promise<void> => {
  if (options.exact === true) {
    fail("--exact leaves out passes of the graph, but Python has none; add --emit graph or onnx");
    return;
  }
  const sound = analysed(spec, options);
  if (sound === undefined) return;
  const { emitTorch } = await import("../../../targets/torch/emit.js");
  const text = emitTorch(sound.program);
  const { name, networks, players } = sound.model;
  const path = deliver(options.out, ".py", name.replaceAll(/\W/g, "_"), text);
  const lines = text.split("\n").length - 1;
  if (path !== undefined)
    delivered(path, `${lines} lines, ${networks.length} networks, ${players.length} players`);
};

/** Writes what the checker hands on: the closed program, as text that reads back. */
const emitProgram = async (spec: string, options: CompileOptions): Promise<void> => {
  if (options.exact === true) {
    fail("--exact leaves out passes of the graph, and a program has none");
    return;
  }
  const sound = analysed(spec, options);
  if (sound === undefined) return;
  const { printProgram } = await import("../../../program/print.js");
  const text = printProgram(sound.program);
  const path = deliver(options.out, ".program", sound.model.name, text);
  const lines = text.split("\n").length - 1;
  if (path !== undefined) delivered(path, `${lines} lines`);
};

/** Prints each phase after the pass of `--print-after`, or reports that there is no such pass. */
const printAfter = async (model: Model, pass: string, exact: boolean): Promise<void> => {
  const { stepPrograms } = await import("../../../lowering/programs.js");
  const { print } = await import("../../../graph/print.js");
  const seen = new Set<string>();
  const asked: string[] = [];
  stepPrograms(model, {
    exact,
    observe: (name, after) => {
      seen.add(name);
      if (name === pass) asked.push(print(after));
    },
  });
  if (asked.length === 0) fail(`there is no pass ${pass}; there are ${[...seen].join(", ")}`);
  else process.stdout.write(asked.join("\n"));
};

/**
 * Writes the graph of a training step, one for each phase: as text, after a pass, or as a model for
 * ONNX Runtime.
 */
const emitGraph = async (spec: string, options: CompileOptions): Promise<void> => {
  const sound = analysed(spec, options);
  if (sound === undefined) return;
  const { model } = sound;
  const { exact = false, emit, out } = options;
  if (options.printAfter !== undefined) {
    await printAfter(model, options.printAfter, exact);
    return;
  }
  const { stepPrograms } = await import("../../../lowering/programs.js");
  const graphs = stepPrograms(model, { exact });
  if (graphs.length > 1 && (out.endsWith(`.${emit}`) || out === toStandardOutput)) {
    const what =
      model.recipe.accumulate > 1
        ? "the computation of a batch and the update of the weights are separate files"
        : `this game has ${model.phases.length} phases, one file each`;
    fail(`${what}: -o takes a folder`);
    return;
  }
  for (const graph of graphs) {
    const size = `${nodesOf(graph).length} nodes`;
    if (emit === "graph") {
      const { print } = await import("../../../graph/print.js");
      const path = deliver(out, ".graph", graph.name, print(graph));
      if (path !== undefined) delivered(path, size);
      continue;
    }
    const { onnxModel } = await import("../../../targets/onnx/model-file.js");
    const bytes = onnxModel(graph, model);
    const path = deliver(out, ".onnx", graph.name, bytes);
    if (path !== undefined) delivered(path, `${size}, ${Math.ceil(bytes.length / 1024)} KiB`);
  }
};

const compileCommand = async (
  spec: string,
  options: CompileOptions,
  command: Command,
): Promise<void> => {
  const { target, printAfter, project } = options;
  const isGiven = command.getOptionValueSource("emit") === "cli";
  if (target !== undefined && isGiven && options.emit !== target)
    command.error(`error: --target ${target} and --emit ${options.emit} are two things to write`, {
      exitCode: 2,
    });
  const emit = target ?? options.emit;
  if (project === undefined) {
    if (printAfter === undefined && emit === "torch") return emitPython(spec, options);
    if (printAfter === undefined && emit === "tfjs") return emitTypeScript(spec, options);
    if (printAfter === undefined && emit === "program") return emitProgram(spec, options);
    return emitGraph(spec, options);
  }
  const others = ["emit", "exact", "printAfter", "out"].filter(
    (name) => command.getOptionValueSource(name) === "cli",
  );
  if (others.length > 0)
    command.error(
      "error: --project writes a folder of its own: leave out --out, --emit, --exact and --print-after",
      {
        exitCode: 2,
      },
    );
  // An unset variable of a shell would name the folder that one stands in.
  if (project.trim() === "")
    command.error("error: --project wants the name of a folder", { exitCode: 2 });
  if (target === "torch") {
    const { emitTorchProject } = await import("./torch-project.js");
    await emitTorchProject(spec, project, options);
    return;
  }
  const { emitProject } = await import("./compile-project.js");
  await emitProject(spec, project, options);
};

export const registerCompile = (program: Command): void => {
  withSets(program.command("compile").argument("<spec>", "a .gan file"))
    .description("Compile a spec to TypeScript or Python, or its training step to a graph.")
    .addOption(
      new Option(
        "--emit <what>",
        "TypeScript for tfjs, Python for PyTorch, what the checker hands on, or the step as a graph or an ONNX model",
      )
        .choices(emissions)
        .default("tfjs"),
    )
    .addOption(
      new Option("--target <name>", "write code for tfjs or for PyTorch, as --emit does").choices(
        targets,
      ),
    )
    .option("--exact", "for a graph: leave out passes that change rounding")
    .option("--print-after <pass>", "print the graph as that pass leaves it, and write nothing")
    .option(
      "--project <folder>",
      "write a project that trains and translates on its own: for npm, or for pip with --target torch",
    )
    .option(
      "-o, --out <path>",
      "a folder, a file that ends in .ts, .py, .program, .graph or .onnx, or - for standard output",
      "generated",
    )
    .action(compileCommand);
};
