/** A run to be used, not trained: its folder alone says all that is needed. */
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
  /** With the state of the checkpoint; it translates and does not train. */
  readonly session: Session;
  /** Steps that the checkpoint has behind it. */
  readonly step: number;
  /** Its epochs that are whole. */
  readonly epoch: number;
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

/** A session with a checkpoint, and the spec that trained it. */
interface Loaded {
  readonly compiled: CompiledSpec;
  readonly session: Session;
  readonly found: Found;
}

/** Loads a checkpoint, that of a step or the newest, into a session of a spec. */
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

/** Loads a checkpoint by the spec that trained it, which may be one that the run had before. */
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

/** What is said of the spec: that it is one of before, or what has become of its file. */
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
