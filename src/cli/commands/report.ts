/** `ganc report`: all that is known of a run, as one page. */
import { dirname } from "node:path";
import type { Command } from "commander";
import { isLeft } from "fp-ts/lib/Either.js";
import type { Compiler } from "../../training/compiled.js";
import { attempt, makeFolder } from "../../training/disk.js";
import { shownPath } from "../../training/run-directory.js";
import { lookAt } from "../look-at-run.js";
import { drawnBy, reportPath, writeReport } from "../report-file.js";
import { reportFailure } from "../terminal/failure.js";
import { opened } from "../terminal/opener.js";
import { say, type Terminal } from "../terminal/terminal.js";

export interface ReportOptions {
  readonly out?: string;
  /** False by `--no-open`. */
  readonly open: boolean;
}

/** Runs the command and gives its exit code. */
export const reportCommand = async (
  compiler: Compiler,
  run: string,
  { out, open }: ReportOptions,
  terminal: Terminal,
): Promise<number> => {
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
    .action(async (run: string, options: ReportOptions) => {
      process.exitCode = await reportCommand(compiler, run, options, terminal);
    });
};
