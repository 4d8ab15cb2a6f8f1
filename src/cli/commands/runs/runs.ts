/** `ganc runs`: lists runs with their state and the next command. */
import { stat } from "node:fs/promises";
import type { Command } from "commander";
import { printable } from "../../../base/printable.js";
import { isUnreadable, runsBelow, summariseAll } from "../../../training/reports/run-summary.js";
import { colorsOf, commandName, complain, say, type Terminal } from "../../terminal/terminal.js";
import { nextOf, runsText } from "./runs-text.js";

/** Default folder of runs. */
const usualPlace = "runs";

/** Columns of a pipe, which reports none. */
const columnsOfPipe = 120;

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

export interface RunsOptions {
  readonly json?: boolean;
}

/** Runs the command. Exit code: 0, or 1 if a named folder does not exist. */
export const runsCommand = async (
  folders: readonly string[],
  { json }: RunsOptions,
  terminal: Terminal,
  now = Date.now(),
): Promise<number> => {
  const missing: string[] = [];
  for (const folder of folders) if (!(await isThere(folder))) missing.push(folder);
  for (const folder of missing) complain(terminal, `${printable(folder)}: there is no such folder`);
  const places = folders.length === 0 ? [usualPlace] : folders;
  const paths: string[] = [];
  for (const place of places) paths.push(...(await runsBelow(place)));
  const runs = await summariseAll(paths);
  const command = commandName(terminal);
  if (json === true) {
    const told = runs.map((run) =>
      isUnreadable(run) ? { ...run, state: "unreadable" } : { ...run, next: nextOf(run, command) },
    );
    say(terminal, JSON.stringify({ runs: told }, undefined, 2));
  } else if (runs.length > 0) {
    const { out, env } = terminal;
    const width = out.columns ?? columnsOfPipe;
    say(terminal, runsText(runs, { width, colors: colorsOf(out, env), command, now }));
  } else if (missing.length < places.length)
    say(
      terminal,
      `There is no run in ${places.map(printable).join(", ")}. Begin with:  ${command} run SPEC --data FOLDER`,
    );
  return missing.length === 0 ? 0 : 1;
};

/** Adds `runs` to the command line. */
export const registerRuns = (program: Command, terminal: Terminal): void => {
  program
    .command("runs")
    .description("List runs: how each stands, its last losses or measures, what to type next.")
    .argument("[folders...]", "runs, or folders of them (default: runs)")
    .option("--json", "for programs")
    .action(async (folders: readonly string[], options: RunsOptions) => {
      process.exitCode = await runsCommand(folders, options, terminal);
    });
};
