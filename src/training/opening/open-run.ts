/** Opens a run for use, not training, from its folder alone. */
import { basename } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { Session } from "../../contracts/session.js";
import { findBest, listCheckpoints } from "../checkpoints/checkpoint-list.js";
import { type Found, loadCheckpoint } from "../checkpoints/find-checkpoint.js";
import type { TrainingError } from "../files/errors.js";
import type { CompiledSpec, Compiler, EngineName } from "../program/compiled.js";
import { type Manifest, specAt } from "../run-directory/manifest.js";
import { belonging, openRun, type RunDirectory } from "../run-directory/run-directory.js";
import { specNotices } from "../run-directory/spec-change.js";
import { compileSpec } from "./resume-spec.js";

export interface OpenedRun {
  readonly run: RunDirectory;
  readonly compiled: CompiledSpec;
  /** Holds the state of the checkpoint. It translates and cannot train. */
  readonly session: Session;
  /** Steps trained up to the checkpoint. */
  readonly step: number;
  /** Complete epochs. */
  readonly epoch: number;
  /** Notices for the user, a line each. */
  readonly notices: readonly string[];
}

/** A requested checkpoint: the newest, the best measured, or that of a step. */
export type CheckpointChoice = "last" | "best" | number;

/**
 * Reads a user's name for a checkpoint: `last`, `best`, `1000`, or one of its files. Undefined if
 * it is none of these.
 */
export const checkpointChoice = (text: string): CheckpointChoice | undefined => {
  if (text === "last" || text === "best") return text;
  const digits = /^(?:step-)?(\d+)(?:\.(?:safetensors|json))?$/.exec(basename(text))?.[1];
  return digits === undefined ? undefined : Number(digits);
};

/**
 * Returns the requested step; undefined for the newest, which is searched among the intact ones.
 */
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

/** A session with a checkpoint loaded, and the spec that trained it. */
interface Loaded {
  readonly compiled: CompiledSpec;
  readonly session: Session;
  readonly found: Found;
}

/** Loads a checkpoint, of a step or the newest, into a session of a spec. */
const loadWith = async (
  compiler: Compiler,
  run: RunDirectory,
  spec: Manifest["spec"],
  engine: EngineName,
  only: number | undefined,
): Promise<Either<TrainingError, Loaded>> => {
  const compiled = await compileSpec(compiler, spec);
  if (isLeft(compiled)) return compiled;
  const session = await compiled.right.open(engine, run.manifest.seed, "translate");
  if (isLeft(session)) return left({ kind: "engine", reason: session.left });
  const found = await loadCheckpoint(run.checkpoints, belonging(run), session.right, { only });
  if (isLeft(found)) {
    session.right.dispose();
    return found;
  }
  return right({ compiled: compiled.right, session: session.right, found: found.right });
};

/** Loads a checkpoint with the spec that trained it, which may be an earlier one of the run. */
const loadOwn = async (
  compiler: Compiler,
  run: RunDirectory,
  engine: EngineName,
  only: number | undefined,
): Promise<Either<TrainingError, Loaded>> => {
  const { manifest, checkpoints } = run;
  const newest = only ?? (await listCheckpoints(checkpoints))[0] ?? 0;
  const spec = specAt(manifest, newest);
  const loaded = await loadWith(compiler, run, spec, engine, only);
  if (isLeft(loaded)) return loaded;
  const { found, session } = loaded.right;
  const { step } = found.checkpoint.position;
  const own = specAt(manifest, step);
  if (own.hash === spec.hash) return loaded;
  session.dispose();
  const again = await loadWith(compiler, run, own, engine, step);
  return isLeft(again)
    ? again
    : right({
        ...again.right,
        found: { ...again.right.found, passedOver: found.passedOver },
      });
};

/** Returns notices about the spec: that it is an earlier one, or how its file has changed. */
const specWords = async (
  compiler: Compiler,
  run: RunDirectory,
  { compiled, found }: Loaded,
): Promise<readonly string[]> => {
  const { step } = found.checkpoint.position;
  const { spec } = run.manifest;
  return specAt(run.manifest, step).hash === spec.hash
    ? specNotices(compiler, run, compiled)
    : [`Another spec has trained the run since: step ${step} is of the one before.`];
};

/**
 * Compiles the spec in the manifest and loads a checkpoint: the newest that is intact and fits, or
 * the requested one.
 */
export const openTrained = async (
  compiler: Compiler,
  path: string,
  engine: EngineName,
  choice: CheckpointChoice = "last",
): Promise<Either<TrainingError, OpenedRun>> => {
  const run = await openRun(path);
  if (isLeft(run)) return run;
  const only = await stepOf(run.right, choice);
  if (isLeft(only)) return only;
  const loaded = await loadOwn(compiler, run.right, engine, only.right);
  if (isLeft(loaded)) return loaded;
  const { compiled, session, found } = loaded.right;
  const passedOver = found.passedOver.map((reason) => `Passed over a checkpoint: ${reason}.`);
  return right({
    run: run.right,
    compiled,
    session,
    step: found.checkpoint.position.step,
    epoch: found.checkpoint.position.epoch,
    notices: [...(await specWords(compiler, run.right, loaded.right)), ...passedOver],
  });
};
