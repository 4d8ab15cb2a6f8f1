/** Prepares a new run for training from the user's request. */

import { resolve } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { recordOf } from "../../base/record.js";
import { precisionText, type Session } from "../../contracts/session.js";
import type { HoldOut } from "../../data/sets/hold-out.js";
import type { Dataset, Remembered } from "../../data/sets/source.js";
import type { Same } from "../../engines/torch/wire.js";
import { isWaiting, type Plateau } from "../../program/plateau.js";
import { keepOf, keptAtMost } from "../checkpoints/keep.js";
import { attempt, realDisk } from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";
import type {
  CompiledSpec,
  EngineName,
  MemoryWords,
  OnTorch,
  Purpose,
  Sharing,
} from "../program/compiled.js";
import type { TrainingData } from "../program/data.js";
import { checkpointBytes, specHash } from "../program/program.js";
import { beginning, type Position, totalEpochs, unmeasured } from "../program/schedule.js";
import { displacement } from "../run-directory/displaced.js";
import type { Lock } from "../run-directory/lock.js";
import { type DataOrigin, type Manifest, newManifest } from "../run-directory/manifest.js";
import {
  checkSpace,
  claimFresh,
  createRun,
  holdRun,
  newRunName,
  type RunDirectory,
} from "../run-directory/run-directory.js";
import { openDataset, trainingData } from "./dataset.js";
import { recordsOf } from "./image-records.js";
import { loadWeights } from "./weights.js";

/** Everything that training needs; `end` releases it. */
export interface Ready {
  readonly compiled: CompiledSpec;
  readonly run: RunDirectory;
  readonly dataset: Dataset;
  readonly data: TrainingData;
  readonly session: Session;
  readonly start: Position;
  /** Memory of a step on this machine. */
  readonly memory?: MemoryWords | undefined;
  /** Notices for the user, a line each. */
  readonly notices: readonly string[];
  /** State of the monitors in a resumed run. */
  readonly monitors?: unknown;
  /** What the schedule of a resumed run remembers of scores. */
  readonly plateau?: Plateau | undefined;
  /** Checks before each write that the folder still belongs to the run; usually undefined. */
  displaced(): Promise<TrainingError | undefined>;
  end(): Promise<void>;
}

export type Attempt<A> = Promise<Either<TrainingError, A>>;

export interface Material {
  readonly dataset: Dataset;
  readonly data: TrainingData;
  readonly session: Session;
  readonly memory: MemoryWords | undefined;
}

/** The engine, its purpose and its inputs. */
export interface Computing {
  readonly engine: EngineName;
  /** Default `train`. */
  readonly purpose?: Purpose | undefined;
  readonly torch?: OnTorch | undefined;
  readonly seed: number;
  /** Whether to try a step that needs clearly more memory than there is. */
  readonly forceMemory?: boolean | undefined;
  /** Images to hold out of training; none if missing. */
  readonly holdOut?: HoldOut | undefined;
}

/** What must be the same on all machines that share the steps of a run. */
export const sameOf = (
  { program }: CompiledSpec,
  { hash, stepsPerEpoch }: TrainingData,
  seed: number,
  holdOut: HoldOut | undefined,
  { sharing: { nproc, nnodes }, precision }: OnTorch & { readonly sharing: Sharing },
): Same => {
  const images = JSON.stringify([hash, stepsPerEpoch, holdOut ?? null]);
  const spec = specHash(program);
  return { spec, images, seed, nproc, nnodes, precision: precisionText(precision) };
};

/**
 * Opens the data, then the engine, so that a missing folder shows at once. Opens nothing for a step
 * that cannot fit.
 */
export const gather = async (
  compiled: CompiledSpec,
  origin: DataOrigin,
  { engine, purpose = "train", torch, seed, forceMemory = false, holdOut }: Computing,
  remembered?: Remembered,
): Attempt<Material> => {
  const memory = await compiled.memory?.(engine, purpose);
  if (memory?.refusal !== undefined && !forceMemory)
    return left({ kind: "engine", reason: memory.refusal });
  const dataset = await openDataset(origin, compiled.program, remembered, holdOut);
  if (isLeft(dataset)) return dataset;
  const isMeasured = dataset.right.held !== undefined || purpose !== "train";
  if (isWaiting(compiled.program.recipe.schedule) && !isMeasured) return left(unmeasured);
  const data = await trainingData(dataset.right, compiled.program, seed);
  if (isLeft(data)) return data;
  const sharing = torch?.sharing && {
    ...torch.sharing,
    same: sameOf(compiled, data.right, seed, holdOut, { ...torch, sharing: torch.sharing }),
  };
  const session = await compiled.open(engine, seed, purpose, { ...torch, sharing });
  return isLeft(session)
    ? left({ kind: "engine", reason: session.left })
    : right({ dataset: dataset.right, data: data.right, session: session.right, memory });
};

/** Lists the random streams of a run: for its images, its weights and its steps. */
export const streamsOf = (
  { streams = [] }: Pick<TrainingData, "streams">,
  session: Pick<Session, "streams">,
): readonly string[] => [...streams, ...(session.streams ?? [])];

export const ready = (
  compiled: CompiledSpec,
  run: RunDirectory,
  material: Material,
  lock: Lock,
  start: Position,
  notices: readonly string[],
): Ready => ({
  compiled,
  run,
  ...material,
  start,
  notices,
  displaced: () => displacement(run.path, lock),
  end: async () => {
    material.session.dispose();
    await lock.release();
  },
});

/** Writes a session's generated code into the run's folder, if it has any. */
export const withCode = async (
  { path, code }: RunDirectory,
  session: Session,
): Promise<Either<TrainingError, void>> =>
  session.writeCode === undefined
    ? right(undefined)
    : attempt(path, () => session.writeCode?.(code) ?? Promise.resolve());

export interface NewRunRequest extends Computing {
  readonly compiled: CompiledSpec;
  /** Values given by `--set`. */
  readonly sets?: Manifest["sets"];
  /** Folder of the spec's files. */
  readonly place?: Manifest["place"];
  readonly origin: DataOrigin;
  readonly directory: string;
  /** Whether to append the next free number if the folder exists. */
  readonly isNumbered: boolean;
  /** Intervals, if given. */
  readonly intervals?: Manifest["intervals"];
  /** Checkpoints to keep, if given. */
  readonly keep?: Manifest["keep"];
  /** ISO 8601. */
  readonly now: string;
}

/** Begins a run. Writes nothing before data and engine are ready and the space is sufficient. */
export const beginRun = async (request: NewRunRequest): Attempt<Ready> => {
  const { compiled, origin, directory, seed } = request;
  const { program } = compiled;
  const kept = keptAtMost(keepOf(request.keep), totalEpochs(program.recipe.schedule));
  const space = await checkSpace(directory, checkpointBytes(program), kept);
  if (isLeft(space)) return space;
  const material = await gather(compiled, origin, request);
  if (isLeft(material)) return material;
  const { dataset, data, session } = material.right;
  const { hash } = dataset;
  const weights = await loadWeights(compiled.program, session);
  if (isLeft(weights)) {
    session.dispose();
    return weights;
  }
  const { description, stepsPerEpoch } = data;
  const name = newRunName();
  const { images, traits, classes } = await recordsOf(name, dataset, program);
  const manifest = newManifest({
    run: name,
    program: compiled.program,
    seed,
    sets: request.sets,
    place: request.place,
    streams: streamsOf(data, session),
    data: {
      origin,
      description,
      hash,
      stepsPerEpoch,
      classes,
      images: images?.fingerprint,
      holdOut: request.holdOut,
    },
    engine: session.engine,
    weights: weights.right.map(({ network, path, sha256 }) => ({ network, path, sha256 })),
    intervals: request.intervals,
    keep: request.keep,
    created: request.now,
  });
  const place = request.isNumbered ? await claimFresh(directory) : right(directory);
  const run = isLeft(place)
    ? place
    : await createRun(place.right, manifest, realDisk, { images: images?.bytes, traits });
  const lock = isLeft(run) ? run : await holdRun(run.right);
  if (isLeft(run) || isLeft(lock)) session.dispose();
  if (isLeft(run)) return run;
  if (isLeft(lock)) return lock;
  const code = await withCode(run.right, session);
  if (isLeft(code)) {
    session.dispose();
    await lock.right.release();
    return code;
  }
  const notices = weights.right.flatMap(({ notice }) => notice ?? []);
  return right(ready(compiled, run.right, material.right, lock.right, beginning, notices));
};

/** Makes paths absolute for the manifest, since a run may be resumed from another folder. */
export const absolute = (origin: DataOrigin): DataOrigin => {
  switch (origin.kind) {
    case "emoji":
      return origin;
    case "folder":
      return { kind: "folder", path: resolve(origin.path) };
    case "folders":
      return {
        kind: "folders",
        paths: recordOf(
          Object.entries(origin.paths).map(([domain, path]) => [domain, resolve(path)]),
        ),
      };
  }
};
