/** Trains the runs of an ablation one after the other. */
import { type Either, isLeft, right } from "fp-ts/lib/Either.js";
import type { HoldOut } from "../../../data/sets/hold-out.js";
import type { RunResult } from "../../../report/runs/ablation.js";
import { type Common, progressOf, type Wanted } from "../../../training/ablation/ablation.js";
import { describe, type TrainingError } from "../../../training/files/errors.js";
import type { EvaluationFile } from "../../../training/logs/evaluation.js";
import { evaluateRun } from "../../../training/measuring/evaluate-run.js";
import type { Cadence } from "../../../training/program/cadence.js";
import type { Compiler, EngineName, Sets } from "../../../training/program/compiled.js";
import type { Limits } from "../../../training/program/schedule.js";
import type { Terminal } from "../../terminal/terminal.js";
import { runCommand } from "./run.js";

type Attempt<A> = Promise<Either<TrainingError, A>>;

/** Options that are passed on to each run. */
export interface RunsOptions extends Limits {
  readonly data: readonly string[];
  readonly set: Sets;
  readonly root?: string;
  readonly holdOut?: HoldOut;
  readonly measureEvery?: Cadence;
  readonly engine: EngineName;
  /** The command as typed, `ganc` first. */
  readonly command?: readonly string[];
}

/** Trains one run from its current position to its end. Returns the exit code of `ganc run`. */
const trainOne = async (
  compiler: Compiler,
  wanted: Wanted,
  options: RunsOptions,
  elapsed: number | undefined,
  terminal: Terminal,
): Promise<number> => {
  const { epochs, steps, minutes, engine, measureEvery, command } = options;
  const limits: Limits = {
    ...(epochs === undefined ? {} : { epochs }),
    ...(steps === undefined ? {} : { steps }),
    // A resumed run gets the rest of its time.
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

/**
 * Result of a run: measured, failed with a reason, or left with the exit code that ends everything.
 */
type Done =
  | { readonly kind: "measured"; readonly file: EvaluationFile }
  | { readonly kind: "failed"; readonly reason: string }
  | { readonly kind: "left"; readonly code: number };

/** Tells whether the code means a signal: 128 + n. */
const isSignal = (code: number): boolean => code >= 128;

const doOne = async (
  compiler: Compiler,
  wanted: Wanted,
  common: Common,
  options: RunsOptions,
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
      return right({ kind: "failed", reason: "its training failed, as reported above" });
  }
  const file = await evaluateRun(compiler, wanted.folder, options.engine);
  return right(
    isLeft(file)
      ? { kind: "failed", reason: describe(file.left) }
      : { kind: "measured", file: file.right },
  );
};

export interface Outcome {
  readonly results: readonly (RunResult & {
    readonly wanted: Wanted;
    readonly file: EvaluationFile;
  })[];
  readonly failures: readonly string[];
  /** Exit code of a signal. */
  readonly code: number | undefined;
}

/**
 * Trains and measures what is missing until a signal comes. A run that fails is reported, and the
 * others go on.
 */
export const runAll = async (
  compiler: Compiler,
  all: readonly Wanted[],
  common: Common,
  options: RunsOptions,
  terminal: Terminal,
): Attempt<Outcome> => {
  const results: Outcome["results"][number][] = [];
  const failures: string[] = [];
  // The output of the runs is not the result of this command.
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
