/** `ganc evaluate`: how near a run's translations come to the hidden partners, beside simple baselines. */
import { join } from "node:path";
import { type Command, Option } from "commander";
import { isLeft } from "fp-ts/lib/Either.js";
import { renderQuality } from "../../report/quality.js";
import { type Compiler, type EngineName, engineNames } from "../../training/compiled.js";
import { openDataset } from "../../training/dataset.js";
import { evaluate } from "../../training/evaluate.js";
import { type OpenedRun, openTrained } from "../../training/open-run.js";
import { shownPath } from "../../training/run-directory.js";
import { reportFailure } from "../terminal/failure.js";
import { complain, note, say, type Terminal } from "../terminal/terminal.js";

const judge = async (
  { run, compiled, session, step, notices }: OpenedRun,
  terminal: Terminal,
): Promise<number> => {
  for (const notice of notices) note(terminal, notice);
  const dataset = await openDataset(run.manifest.data.origin, compiled.program);
  if (isLeft(dataset)) {
    reportFailure(terminal, dataset.left);
    return 1;
  }
  if (dataset.right.hash !== run.manifest.data.hash)
    note(terminal, "the images are not those that the run was trained on.");
  terminal.err.write(`After ${step} steps; engine: ${session.engine}\n`);
  const folder = join(run.path, "evaluation");
  const evaluated = await evaluate(session, compiled.program, dataset.right, folder);
  if (isLeft(evaluated)) {
    reportFailure(terminal, evaluated.left);
    return 1;
  }
  if (evaluated.right === undefined) {
    complain(
      terminal,
      "These images have no hidden pairing to judge by. Look at the run's samples instead.",
    );
    return 1;
  }
  say(terminal, renderQuality(evaluated.right.qualities));
  say(terminal, `\nLook at:     ${evaluated.right.files.map(shownPath).join("\n             ")}`);
  return 0;
};

/** Runs the command and gives its exit code. */
export const evaluateCommand = async (
  compiler: Compiler,
  path: string,
  engine: EngineName,
  terminal: Terminal,
): Promise<number> => {
  const opened = await openTrained(compiler, path, engine);
  if (isLeft(opened)) {
    reportFailure(terminal, opened.left);
    return 1;
  }
  try {
    return await judge(opened.right, terminal);
  } finally {
    opened.right.session.dispose();
  }
};

/** Adds `evaluate` to the command line. */
export const registerEvaluate = (
  program: Command,
  compiler: Compiler,
  terminal: Terminal,
): void => {
  program
    .command("evaluate")
    .description("Judge a run on test images whose partners it never saw.")
    .argument("<run>", "the folder of a run")
    .addOption(new Option("--engine <name>", "what computes").choices(engineNames).default("auto"))
    .action(async (run: string, { engine }: { readonly engine: EngineName }) => {
      process.exitCode = await evaluateCommand(compiler, run, engine, terminal);
    });
};
