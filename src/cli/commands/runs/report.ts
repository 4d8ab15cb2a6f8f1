/** `ganc report`: shows everything known of a run in one page. */
import { dirname, join } from "node:path";
import { type Command, Option } from "commander";
import { isLeft, right } from "fp-ts/lib/Either.js";
import { quote } from "../../../base/shell.js";
import { missing, readRegularText } from "../../../data/files/regular-file.js";
import { cardMark } from "../../../report/runs/card.js";
import {
  attempt,
  makeFolder,
  realDisk,
  textBytes,
  writeAtomically,
} from "../../../training/files/disk.js";
import { writeEvents } from "../../../training/logs/tensorboard.js";
import { compileRun } from "../../../training/opening/resume-spec.js";
import type { Compiler } from "../../../training/program/compiled.js";
import { modelCard } from "../../../training/reports/model-card.js";
import type { Manifest } from "../../../training/run-directory/manifest.js";
import { openRun, shownPath } from "../../../training/run-directory/run-directory.js";
import { lookAt } from "../../reports/look-at-run.js";
import { drawnBy, reportPath, writeReport } from "../../reports/report-file.js";
import { reportFailure } from "../../terminal/failure.js";
import { opened } from "../../terminal/opener.js";
import { complain, say, type Terminal } from "../../terminal/terminal.js";

export interface ReportOptions {
  readonly out?: string;
  /** False by `--no-open`. */
  readonly open: boolean;
  readonly tensorboard?: boolean;
  readonly card?: boolean;
}

/** Says why a card may not be written to a file: it keeps what a person wrote. */
const taken = async (file: string): Promise<string | undefined> => {
  const text = await readRegularText(file, mostCard);
  if (isLeft(text)) return text.left === missing ? undefined : text.left;
  return text.right.includes(cardMark)
    ? undefined
    : "was not written by ganc, so it stays as it is";
};

const mostCard = 2 ** 24;

const cardCommand = async (
  compiler: Compiler,
  path: string,
  out: string | undefined,
  terminal: Terminal,
): Promise<number> => {
  const file = out ?? join(path, "README.md");
  const compile = async (manifest: Manifest) => {
    const compiled = await compileRun(compiler, manifest);
    return isLeft(compiled) ? compiled : right(compiled.right.program);
  };
  const card = await modelCard(path, compile, { isElsewhere: out !== undefined });
  const reason = isLeft(card) ? undefined : await taken(file);
  if (reason !== undefined) {
    complain(terminal, `${shownPath(file)} ${reason}: name another file with --out.`);
    return 1;
  }
  const written = isLeft(card) ? card : await writeFileAt(file, card.right);
  if (isLeft(written)) {
    reportFailure(terminal, written.left);
    return 1;
  }
  say(terminal, shownPath(file));
  return 0;
};

/** Writes a file atomically, and makes its folder if it is missing. */
const writeFileAt = async (file: string, text: string) => {
  const made = await attempt(file, async () => makeFolder(dirname(file)));
  return isLeft(made) ? made : writeAtomically(realDisk, file, textBytes(text));
};

/** Writes the curves for TensorBoard instead of the page. */
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

/** Runs the command and returns its exit code. */
export const reportCommand = async (
  compiler: Compiler,
  run: string,
  { out, open, tensorboard, card }: ReportOptions,
  terminal: Terminal,
): Promise<number> => {
  if (tensorboard) return eventsCommand(run, terminal);
  if (card) return cardCommand(compiler, run, out, terminal);
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
        "instead of the page, write the curves into the run for TensorBoard",
      ).conflicts("out"),
    )
    .addOption(
      new Option(
        "--card",
        "instead of the page, write a model card: data, figures, use and limits (README.md in the run)",
      ).conflicts("tensorboard"),
    )
    .action(async (run: string, options: ReportOptions) => {
      process.exitCode = await reportCommand(compiler, run, options, terminal);
    });
};
