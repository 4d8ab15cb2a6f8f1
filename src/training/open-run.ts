/** A run to be used, not trained: its folder alone says all that is needed. */
import { basename } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { Session } from "../engines/session.js";
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

/** The step of a checkpoint as users name it: `1000`, or one of its files. */
export const checkpointStep = (text: string): number | undefined => {
  const digits = /^(?:step-)?(\d+)(?:\.(?:safetensors|json))?$/.exec(basename(text))?.[1];
  return digits === undefined ? undefined : Number(digits);
};

/** Compiles the spec that the manifest holds and loads the newest checkpoint that is whole and fits, or that of step `only`. */
export const openTrained = async (
  compiler: Compiler,
  path: string,
  engine: EngineName,
  only?: number,
): Promise<Either<TrainingError, OpenedRun>> => {
  const run = await openRun(path);
  if (isLeft(run)) return run;
  const { manifest, checkpoints } = run.right;
  const compiled = await compileRun(compiler, manifest);
  if (isLeft(compiled)) return compiled;
  const session = await compiled.right.open(engine, manifest.seed, "translate");
  if (isLeft(session)) return left({ kind: "engine", reason: session.left });
  const found = await loadCheckpoint(checkpoints, belonging(run.right), session.right, only);
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
