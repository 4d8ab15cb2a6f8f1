/** From what the user asks for to a run that is ready to train. */

import { resolve } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { recordOf } from "../../base/record.js";
import type { Session } from "../../contracts/session.js";
import type { HoldOut } from "../../data/sets/hold-out.js";
import type { Dataset, Remembered } from "../../data/sets/source.js";
import { keepOf, keptAtMost } from "../checkpoints/keep.js";
import { attempt, realDisk } from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";
import type { CompiledSpec, EngineName, MemoryWords, Purpose } from "../program/compiled.js";
import type { TrainingData } from "../program/data.js";
import { checkpointBytes, imageDomains } from "../program/program.js";
import { beginning, type Position, totalEpochs } from "../program/schedule.js";
import { displacement } from "../run-directory/displaced.js";
import { encodeImages, imagesOf } from "../run-directory/images.js";
import { encodeKnownImages, knownImagesOf } from "../run-directory/known-images.js";
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
import { loadWeights } from "./weights.js";

/** Everything that training needs; `end` gives it back. */
export interface Ready {
  readonly compiled: CompiledSpec;
  readonly run: RunDirectory;
  readonly dataset: Dataset;
  readonly data: TrainingData;
  readonly session: Session;
  readonly start: Position;
  /** What a step takes of this machine's memory. */
  readonly memory?: MemoryWords | undefined;
  /** What the user should know, a line each. */
  readonly notices: readonly string[];
  /** What the monitors knew where it goes on. */
  readonly monitors?: unknown;
  /** Why its folder is its own no more, before something is written into it; undefined as a rule. */
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

/** What computes, and from which numbers on. */
export interface Computing {
  readonly engine: EngineName;
  /** `train` unless said. */
  readonly purpose?: Purpose | undefined;
  readonly seed: number;
  /** Whether a step is tried that needs clearly more memory than there is. */
  readonly forceMemory?: boolean | undefined;
  /** What is held out of training; nothing unless said. */
  readonly holdOut?: HoldOut | undefined;
}

/** Data before engine: a missing folder shows at once. Nothing is opened for a step that cannot fit. */
export const gather = async (
  compiled: CompiledSpec,
  origin: DataOrigin,
  { engine, purpose = "train", seed, forceMemory = false, holdOut }: Computing,
  remembered?: Remembered,
): Attempt<Material> => {
  const memory = await compiled.memory?.(engine, purpose);
  if (memory?.refusal !== undefined && !forceMemory)
    return left({ kind: "engine", reason: memory.refusal });
  const dataset = await openDataset(origin, compiled.program, remembered, holdOut);
  if (isLeft(dataset)) return dataset;
  const data = await trainingData(dataset.right, compiled.program, seed);
  if (isLeft(data)) return data;
  const session = await compiled.open(engine, seed, purpose);
  return isLeft(session)
    ? left({ kind: "engine", reason: session.left })
    : right({ dataset: dataset.right, data: data.right, session: session.right, memory });
};

/** Names of the random streams that a run draws from: of its images, of its weights and steps. */
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

/** Puts what a session runs into the folder of its run, where that is code. */
export const withCode = async (
  { path, code }: RunDirectory,
  session: Session,
): Promise<Either<TrainingError, void>> =>
  session.writeCode === undefined
    ? right(undefined)
    : attempt(path, () => session.writeCode?.(code) ?? Promise.resolve());

export interface NewRunRequest extends Computing {
  readonly compiled: CompiledSpec;
  /** What `--set` gave. */
  readonly sets?: Manifest["sets"];
  /** Where the files of the spec are. */
  readonly place?: Manifest["place"];
  readonly origin: DataOrigin;
  readonly directory: string;
  /** Whether the next free number is put behind the folder where it is there already. */
  readonly isNumbered: boolean;
  /** Those that were given. */
  readonly intervals?: Manifest["intervals"];
  /** What was said. */
  readonly keep?: Manifest["keep"];
  /** ISO 8601. */
  readonly now: string;
}

/** By domain, where images are filed by class. */
const classNames = ({ train }: Dataset): Manifest["data"]["classes"] => {
  const named = Object.entries(train).flatMap(([domain, { classes }]) =>
    classes === undefined ? [] : [[domain, classes] as const],
  );
  return named.length === 0 ? undefined : recordOf(named);
};

/** Nothing is written before data and engine are there and the space is enough. */
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
  const noted = await imagesOf(name, dataset);
  const images = noted === undefined ? undefined : encodeImages(noted);
  const traits = encodeKnownImages(await knownImagesOf(name, dataset, imageDomains(program)));
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
      classes: classNames(dataset),
      images: images?.fingerprint,
      holdOut: request.holdOut,
    },
    engine: session.engine,
    weights: weights.right,
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
  return right(ready(compiled, run.right, material.right, lock.right, beginning, []));
};

/** Paths as a manifest holds them: a run may be resumed from another folder. */
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
