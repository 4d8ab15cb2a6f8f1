/** `ganc ablate`: a family of specs on one data set, several seeds each, side by side. */
import { join } from "node:path";
import { type Command, Option } from "commander";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { HoldOut } from "../../data/hold-out.js";
import {
  type AblationRow,
  ablationMarkdown,
  ablationRows,
  type RunResult,
  renderAblation,
} from "../../report/ablation.js";
import {
  type Common,
  checkFamily,
  type Member,
  progressOf,
  type Wanted,
  wantedRuns,
} from "../../training/ablation.js";
import { absolute } from "../../training/begin.js";
import type { Cadence } from "../../training/cadence.js";
import { type Compiler, type EngineName, engineNames, type Sets } from "../../training/compiled.js";
import { openDataset } from "../../training/dataset.js";
import {
  attempt,
  jsonBytes,
  makeFolder,
  realDisk,
  textBytes,
  writeAtomically,
} from "../../training/disk.js";
import { describe, type TrainingError } from "../../training/errors.js";
import { evaluateRun } from "../../training/evaluate-run.js";
import type { EvaluationFile } from "../../training/evaluation.js";
import { shownPath } from "../../training/run-directory.js";
import type { Limits } from "../../training/schedule.js";
import { reportFailure } from "../terminal/failure.js";
import { counted } from "../terminal/format.js";
import { complain, note, say, type Terminal } from "../terminal/terminal.js";
import { whatSplit } from "./evaluate-words.js";
import {
  count,
  countCadence,
  folder,
  heldOut,
  originOf,
  positive,
  rootOption,
  setOption,
} from "./options.js";
import { runCommand } from "./run.js";
import { commandName, quote } from "./run-words.js";

export interface AblateOptions extends Limits {
  readonly data: readonly string[];
  readonly set: Sets;
  readonly root?: string;
  readonly seeds: number;
  readonly out: string;
  readonly holdOut?: HoldOut;
  readonly measureEvery?: Cadence;
  readonly engine: EngineName;
  readonly json?: boolean;
  /** The words that were typed, `ganc` first. */
  readonly command?: readonly string[];
}

type Attempt<A> = Promise<Either<TrainingError, A>>;

/**
 * Every spec compiled, and the images of each opened once: what is wrong is told before anything
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

/** One run from where it stands to its end. Gives the exit code of `ganc run`. */
const trainOne = async (
  compiler: Compiler,
  wanted: Wanted,
  options: AblateOptions,
  elapsed: number | undefined,
  terminal: Terminal,
): Promise<number> => {
  const { epochs, steps, minutes, engine, measureEvery, command } = options;
  const limits: Limits = {
    ...(epochs === undefined ? {} : { epochs }),
    ...(steps === undefined ? {} : { steps }),
    // Of a run that goes on, what is left of its time
    ...(minutes === undefined ? {} : { minutes: minutes - (elapsed ?? 0) / 60_000 }),
  };
  const every = measureEvery === undefined ? {} : { measureEvery };
  const words = command === undefined ? {} : { command };
  const shared = { ...limits, ...every, engine, isPart: true, ...words };
  if (elapsed !== undefined)
    return runCommand(compiler, wanted.folder, { ...shared, set: {}, resume: true }, terminal);
  const { set, root, data, holdOut } = options;
  return runCommand(
    compiler,
    wanted.member.spec,
    {
      ...shared,
      set,
      ...(root === undefined ? {} : { root }),
      data,
      out: wanted.folder,
      seed: wanted.seed,
      ...(holdOut === undefined ? {} : { holdOut }),
    },
    terminal,
  );
};

/** A run that is done, measured; or why it is not, and the exit code where all is to end. */
type Done =
  | { readonly kind: "measured"; readonly file: EvaluationFile }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "left"; readonly code: number };

/** By signal n the code is 128 + n. */
const isSignal = (code: number): boolean => code >= 128;

const doOne = async (
  compiler: Compiler,
  wanted: Wanted,
  common: Common,
  options: AblateOptions,
  terminal: Terminal,
): Attempt<Done> => {
  const progress = await progressOf(wanted, common);
  if (isLeft(progress)) return progress;
  const { kind } = progress.right;
  if (kind !== "done") {
    const elapsed = progress.right.kind === "begun" ? progress.right.elapsed : undefined;
    const code = await trainOne(compiler, wanted, options, elapsed, terminal);
    if (isSignal(code)) return right({ kind: "left", code });
    if (code !== 0)
      return right({ kind: "failed", reason: "its training failed, as is said above" });
  }
  const file = await evaluateRun(compiler, wanted.folder, options.engine);
  return right(
    isLeft(file)
      ? { kind: "failed", reason: describe(file.left) }
      : { kind: "measured", file: file.right },
  );
};

interface Outcome {
  readonly results: readonly (RunResult & {
    readonly wanted: Wanted;
    readonly file: EvaluationFile;
  })[];
  readonly failures: readonly string[];
  /** Of a signal. */
  readonly code: number | undefined;
}

const doAll = async (
  compiler: Compiler,
  all: readonly Wanted[],
  common: Common,
  options: AblateOptions,
  terminal: Terminal,
): Attempt<Outcome> => {
  const results: Outcome["results"][number][] = [];
  const failures: string[] = [];
  // What runs say on the way is no result of this command
  const quiet: Terminal = { ...terminal, out: terminal.err };
  for (const [i, wanted] of all.entries()) {
    const { member, seed } = wanted;
    const who = `${member.name}, seed ${seed}`;
    terminal.err.write(`\n== run ${i + 1} of ${all.length}: ${who}\n`);
    const done = await doOne(compiler, wanted, common, options, quiet);
    if (isLeft(done)) return done;
    if (done.right.kind === "left") return right({ results, failures, code: done.right.code });
    if (done.right.kind === "failed") {
      failures.push(`${who}: ${done.right.reason}`);
      continue;
    }
    const { file } = done.right;
    results.push({ spec: member.name, seed, checkpoints: file.checkpoints, wanted, file });
  }
  return right({ results, failures, code: undefined });
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

/** The results as programs read them. */
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

/** Writes `ablation.json` and `report.md`, and prints one of them. Gives the exit code. */
const conclude = async (
  members: readonly Member[],
  outcome: Outcome,
  options: AblateOptions,
  terminal: Terminal,
): Attempt<number> => {
  const { out } = options;
  const rows = ablationRows(outcome.results);
  const made = await attempt(out, async () => makeFolder(out));
  if (isLeft(made)) return made;
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
      reason: "--seeds is how many runs there are of each spec: at least 1.",
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
  // Runs that began otherwise are told of before hours are spent on the others
  for (const wanted of all) {
    const progress = await progressOf(wanted, common);
    if (isLeft(progress)) return progress;
  }
  const outcome = await doAll(compiler, all, common, options, terminal);
  if (isLeft(outcome)) return outcome;
  if (outcome.right.code === undefined)
    return conclude(members.right, outcome.right, options, terminal);
  note(
    terminal,
    `${outcome.right.results.length} of ${all.length} runs are done. The same command goes on: ${commandName(terminal)} ablate …`,
  );
  return right(outcome.right.code);
};

/** Runs the command and gives its exit code. */
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
      "Train several specs on one data set, with several seeds each, and set them side by side; called again, it goes on.",
    )
    .argument("<specs...>", ".gan files")
    .requiredOption("--data <source...>", "as for `ganc run`")
    .requiredOption("--out <folder>", "where the runs and the report are kept", folder)
    .option("--seeds <n>", "how many seeds of each spec, from 0", count, 3)
    .addOption(setOption())
    .addOption(rootOption())
    .option("--epochs <n>", "each run at most so many epochs", positive)
    .option("--steps <n>", "each run at most so many steps", positive)
    .option("--minutes <n>", "each run at most so many minutes", positive)
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
