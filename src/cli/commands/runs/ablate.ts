/** `ganc ablate`: compares a family of specs on one data set, with several seeds each. */
import { join } from "node:path";
import { type Command, Option } from "commander";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { quote } from "../../../base/shell.js";
import {
  type AblationRow,
  ablationMarkdown,
  ablationRows,
  renderAblation,
} from "../../../report/runs/ablation.js";
import {
  type Common,
  checkFamily,
  type Member,
  progressOf,
  wantedRuns,
} from "../../../training/ablation/ablation.js";
import { holdBudget } from "../../../training/ablation/budget.js";
import { jsonBytes, realDisk, textBytes, writeAtomically } from "../../../training/files/disk.js";
import type { TrainingError } from "../../../training/files/errors.js";
import { absolute } from "../../../training/opening/begin.js";
import { openDataset } from "../../../training/opening/dataset.js";
import { type Compiler, engineNames } from "../../../training/program/compiled.js";
import type { Limits } from "../../../training/program/schedule.js";
import { shownPath } from "../../../training/run-directory/run-directory.js";
import { reportFailure } from "../../terminal/failure.js";
import { counted } from "../../terminal/progress-text.js";
import { commandName, complain, note, say, type Terminal } from "../../terminal/terminal.js";
import {
  count,
  countCadence,
  folder,
  heldOut,
  originOf,
  positive,
  rootOption,
  setOption,
} from "../options.js";
import { type Outcome, type RunsOptions, runAll } from "./ablating.js";
import { whatSplit } from "./evaluate-words.js";

export interface AblateOptions extends RunsOptions {
  readonly seeds: number;
  readonly out: string;
  readonly json?: boolean;
}

type Attempt<A> = Promise<Either<TrainingError, A>>;

/**
 * Compiles every spec and opens the images of each once, so that mistakes show before anything
 * trains.
 */
const gatherFamily = async (
  compiler: Compiler,
  specs: readonly string[],
  { set, root }: AblateOptions,
  { origin, holdOut }: Common,
): Attempt<readonly Member[]> => {
  const members: Member[] = [];
  for (const spec of specs) {
    const compiled = await compiler.fromFile(spec, set, root);
    if (isLeft(compiled)) return left({ kind: "spec", reason: compiled.left });
    members.push({ spec, name: compiled.right.program.name, compiled: compiled.right });
  }
  const family = checkFamily(members);
  if (isLeft(family)) return family;
  for (const { compiled } of members) {
    const dataset = await openDataset(origin, compiled.program, undefined, holdOut);
    if (isLeft(dataset)) return dataset;
  }
  return right(members);
};

const budgetText = ({ epochs, steps, minutes }: Limits): string => {
  const parts = [
    ...(epochs === undefined ? [] : [counted(epochs, "epoch")]),
    ...(steps === undefined ? [] : [counted(steps, "step")]),
    ...(minutes === undefined ? [] : [`${minutes} min`]),
  ];
  return parts.length === 0
    ? "each to the end of its schedule"
    : `${parts.join(", ")} for each run`;
};

const factsOf = (
  members: readonly Member[],
  { results }: Outcome,
  options: AblateOptions,
): readonly string[] => {
  const [first] = results;
  return [
    `specs: ${members.map(({ spec }) => spec).join(", ")}`,
    `data: ${options.data.join(" ")}`,
    ...(first === undefined ? [] : [`measured by ${whatSplit(first.file)}`]),
    `seeds: ${options.seeds} of each`,
    `budget: ${budgetText(options)}`,
    ...Object.entries(options.set).map(([name, value]) => `set: ${name}=${value}`),
  ];
};

/** Makes the machine-readable results. */
const fileOf = (
  members: readonly Member[],
  { results, failures }: Outcome,
  rows: readonly AblationRow[],
  options: AblateOptions,
) => ({
  format: 1,
  specs: members.map(({ name, spec }) => ({ name, file: spec })),
  seeds: options.seeds,
  split: results[0]?.file.split ?? null,
  images: results[0]?.file.images ?? {},
  rows,
  runs: results.map(({ spec, seed, checkpoints, wanted }) => ({
    spec,
    seed,
    folder: wanted.folder,
    checkpoints,
  })),
  failures,
});

/** Writes `ablation.json` and `report.md`, and prints one of them. Returns the exit code. */
const conclude = async (
  members: readonly Member[],
  outcome: Outcome,
  options: AblateOptions,
  terminal: Terminal,
): Attempt<number> => {
  const { out } = options;
  const rows = ablationRows(outcome.results);
  const file = fileOf(members, outcome, rows, options);
  const command = ["ganc", ...(options.command ?? []).slice(1)].map(quote).join(" ");
  const markdown = ablationMarkdown(rows, {
    command,
    facts: factsOf(members, outcome, options),
    runs: outcome.results.map(({ spec, seed, wanted }) => ({ spec, seed, folder: wanted.folder })),
    failures: outcome.failures,
  });
  for (const [name, bytes] of [
    ["ablation.json", jsonBytes(file)],
    ["report.md", textBytes(markdown)],
  ] as const) {
    const written = await writeAtomically(realDisk, join(out, name), bytes);
    if (isLeft(written)) return written;
  }
  for (const failure of outcome.failures) complain(terminal, failure);
  if (options.json === true) say(terminal, JSON.stringify(file, null, 2));
  else if (rows.length > 0) {
    say(terminal, renderAblation(rows));
    say(terminal, `\nLook at:     ${shownPath(join(out, "report.md"))}`);
  } else complain(terminal, "There is nothing to compare: no run was measured.");
  return right(outcome.failures.length > 0 || rows.length === 0 ? 1 : 0);
};

const ablate = async (
  compiler: Compiler,
  specs: readonly string[],
  options: AblateOptions,
  terminal: Terminal,
): Attempt<number> => {
  if (options.seeds < 1)
    return left({
      kind: "usage",
      reason: "--seeds must be at least 1: it is the number of runs of each spec.",
    });
  const given = originOf(options.data);
  if (isLeft(given)) return left({ kind: "usage", reason: given.left });
  const { epochs, steps, minutes } = options;
  const limits: Limits = {
    ...(epochs === undefined ? {} : { epochs }),
    ...(steps === undefined ? {} : { steps }),
    ...(minutes === undefined ? {} : { minutes }),
  };
  const common: Common = { origin: absolute(given.right), holdOut: options.holdOut, limits };
  const members = await gatherFamily(compiler, specs, options, common);
  if (isLeft(members)) return members;
  const all = wantedRuns(options.out, members.right, options.seeds);
  // Report unsuitable runs before spending hours on the others.
  for (const wanted of all) {
    const progress = await progressOf(wanted, common);
    if (isLeft(progress)) return progress;
  }
  const held = await holdBudget(options.out, limits);
  if (isLeft(held)) return held;
  const outcome = await runAll(compiler, all, common, options, terminal);
  if (isLeft(outcome)) return outcome;
  if (outcome.right.code === undefined)
    return conclude(members.right, outcome.right, options, terminal);
  note(
    terminal,
    `${outcome.right.results.length} of ${all.length} runs are done. The same command goes on: ${commandName(terminal)} ablate …`,
  );
  return right(outcome.right.code);
};

/** Runs the command and returns its exit code. */
export const ablateCommand = async (
  compiler: Compiler,
  specs: readonly string[],
  options: AblateOptions,
  terminal: Terminal,
): Promise<number> => {
  const done = await ablate(compiler, specs, options, terminal);
  if (!isLeft(done)) return done.right;
  reportFailure(terminal, done.left);
  return done.left.kind === "usage" ? 2 : 1;
};

/** Adds `ablate` to the command line. */
export const registerAblate = (program: Command, compiler: Compiler, terminal: Terminal): void => {
  program
    .command("ablate")
    .description(
      "Train several specs on one data set, with several seeds each, and compare them; called again, it continues.",
    )
    .argument("<specs...>", ".gan files")
    .requiredOption("--data <source...>", "as for `ganc run`")
    .requiredOption("--out <folder>", "where the runs and the report are kept", folder)
    .option("--seeds <n>", "how many seeds for each spec, from 0", count, 3)
    .addOption(setOption())
    .addOption(rootOption())
    .option("--epochs <n>", "the most epochs of each run", positive)
    .option("--steps <n>", "the most steps of each run", positive)
    .option("--minutes <n>", "the most minutes of each run", positive)
    .addOption(
      new Option(
        "--hold-out <n>",
        "as for `ganc run`: keep 20 images of each domain, or 10%",
      ).argParser(heldOut),
    )
    .addOption(
      new Option("--measure-every <interval>", "as for `ganc run`").argParser(countCadence),
    )
    .option("--json", "print ablation.json instead of a table")
    .addOption(new Option("--engine <name>", "what computes").choices(engineNames).default("auto"))
    .action(async (specs: string[], options: AblateOptions) => {
      const command = ["ganc", ...process.argv.slice(2)];
      process.exitCode = await ablateCommand(compiler, specs, { ...options, command }, terminal);
    });
};
