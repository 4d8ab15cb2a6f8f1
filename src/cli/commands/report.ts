/** `ganc report`: all that is known of a run, as one page. */
import { dirname } from "node:path";
import { type Command, Option } from "commander";
import { isLeft } from "fp-ts/lib/Either.js";
import type { Compiler } from "../../training/compiled.js";
import { attempt, makeFolder } from "../../training/disk.js";
import { openRun, shownPath } from "../../training/run-directory.js";
import { writeEvents } from "../../training/tensorboard.js";
import { lookAt } from "../look-at-run.js";
import { drawnBy, reportPath, writeReport } from "../report-file.js";
import { reportFailure } from "../terminal/failure.js";
import { opened } from "../terminal/opener.js";
import { say, type Terminal } from "../terminal/terminal.js";
import { quote } from "./run-words.js";

export interface ReportOptions {
  readonly out?: string;
  /** False by `--no-open`. */
  readonly open: boolean;
  readonly tensorboard?: boolean;
}

/** The curves for TensorBoard, in place of the page. */
const eventsCommand = async (path: string, terminal: Terminal): Promise<number> => {
  const run = await openRun(path);
  const written = isLeft(run) ? run : await writeEvents(run.right);
  if (isLeft(written)) {
    reportFailure(terminal, written.left);
    return 1;
  }
  const folder = shownPath(dirname(written.right));
  say(terminal, `${shownPath(written.right)}\nLook at it:  tensorboard --logdir ${quote(folder)}`);
  return 0;
};

/** Runs the command and gives its exit code. */
export const reportCommand = async (
  compiler: Compiler,
  run: string,
  { out, open, tensorboard }: ReportOptions,
  terminal: Terminal,
): Promise<number> => {
  if (tensorboard) return eventsCommand(run, terminal);
  const file = out ?? reportPath(run);
  if (out !== undefined) {
    const made = await attempt(out, async () => makeFolder(dirname(out)));
    if (isLeft(made)) {
      reportFailure(terminal, made.left);
      return 1;
    }
  }
  const looking = lookAt(compiler, run);
  const request = { path: run, drawings: drawnBy(compiler), sheets: new Map(), ...looking };
  const written = await writeReport(request, file);
  if (isLeft(written)) {
    reportFailure(terminal, written.left);
    return 1;
  }
  say(terminal, shownPath(file));
  if (open) opened(file, terminal);
  return 0;
};

/** Adds `report` to the command line. */
export const registerReport = (program: Command, compiler: Compiler, terminal: Terminal): void => {
  program
    .command("report")
    .description("Show a run as one page: curves, pictures, networks, spec. It needs no network.")
    .argument("<run>", "the folder of a run; it may be training")
    .option("-o, --out <file>", "where the page is written (default: report.html in the run)")
    .option("--no-open", "only write it, and open no browser")
    .addOption(
      new Option(
        "--tensorboard",
        "in place of the page, write the curves into the run as TensorBoard reads them",
      ).conflicts("out"),
    )
    .action(async (run: string, options: ReportOptions) => {
      process.exitCode = await reportCommand(compiler, run, options, terminal);
    });
};
