/** A run to be used, not trained: its folder alone says all that is needed. */
import { basename } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { Session } from "../engines/session.js";
import { findBest } from "./checkpoint-list.js";
import type { CompiledSpec, Compiler, EngineName } from "./compiled.js";
import type { TrainingError } from "./errors.js";
import { loadCheckpoint } from "./find-checkpoint.js";
import { compileRun } from "./resume.js";
import { belonging, openRun, type RunDirectory } from "./run-directory.js";

export interface OpenedRun {
  readonly run: RunDirectory;
  readonly compiled: CompiledSpec;
  /** With the state of the checkpoint; it translates and does not train. */
  readonly session: Session;
  /** Steps that the checkpoint has behind it. */
  readonly step: number;
  /** What the user should know, a line each. */
  readonly notices: readonly string[];
}

/** A checkpoint that is asked for: the newest, the one that was measured best, or that of a step. */
export type CheckpointChoice = "last" | "best" | number;

/** A checkpoint as users name it: `last`, `best`, `1000`, or one of its files. */
export const checkpointChoice = (text: string): CheckpointChoice | undefined => {
  if (text === "last" || text === "best") return text;
  const digits = /^(?:step-)?(\d+)(?:\.(?:safetensors|json))?$/.exec(basename(text))?.[1];
  return digits === undefined ? undefined : Number(digits);
};

/** The step that is asked for; undefined of the newest, which is looked for among those that are whole. */
const stepOf = async (
  run: RunDirectory,
  choice: CheckpointChoice,
): Promise<Either<TrainingError, number | undefined>> => {
  if (choice === "last") return right(undefined);
  if (choice !== "best") return right(choice);
  const best = await findBest(run.checkpoints, belonging(run));
  return best === undefined
    ? left({ kind: "no-best-checkpoint", directory: run.path })
    : right(best.step);
};

/**
 * Compiles the spec that the manifest holds and loads a checkpoint: the newest that is whole and fits, or the one that is
 * asked for.
 */
export const openTrained = async (
  compiler: Compiler,
  path: string,
  engine: EngineName,
  choice: CheckpointChoice = "last",
): Promise<Either<TrainingError, OpenedRun>> => {
  const run = await openRun(path);
  if (isLeft(run)) return run;
  const { manifest, checkpoints } = run.right;
  const only = await stepOf(run.right, choice);
  if (isLeft(only)) return only;
  const compiled = await compileRun(compiler, manifest);
  if (isLeft(compiled)) return compiled;
  const session = await compiled.right.open(engine, manifest.seed, "translate");
  if (isLeft(session)) return left({ kind: "engine", reason: session.left });
  const found = await loadCheckpoint(checkpoints, belonging(run.right), session.right, only.right);
  if (isLeft(found)) {
    session.right.dispose();
    return found;
  }
  const { checkpoint, passedOver } = found.right;
  return right({
    run: run.right,
    compiled: compiled.right,
    session: session.right,
    step: checkpoint.position.step,
    notices: passedOver.map((reason) => `Passed over a checkpoint: ${reason}.`),
  });
};
