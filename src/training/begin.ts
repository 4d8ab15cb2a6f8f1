/** From what the user asks for to a run that is ready to train: new, or one that goes on. */
import { resolve } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { few } from "../base/few.js";
import type { Dataset } from "../data/source.js";
import type { Session } from "../engines/session.js";
import type { CompiledSpec, Compiler, EngineName, Sets } from "./compiled.js";
import type { TrainingData } from "./data.js";
import { openDataset, trainingData } from "./dataset.js";
import type { TrainingError } from "./errors.js";
import type { Lock } from "./lock.js";
import { type DataOrigin, type Manifest, newManifest } from "./manifest.js";
import { checkpointBytes, specHash } from "./program.js";
import { restore } from "./restore.js";
import {
  checkSpace,
  claimFresh,
  createRun,
  holdRun,
  newRunName,
  openRun,
  type RunDirectory,
} from "./run-directory.js";
import { beginning, type Position } from "./schedule.js";
import { loadWeights } from "./weights.js";

/** Everything that training needs; `end` gives it back. */
export interface Ready {
  readonly compiled: CompiledSpec;
  readonly run: RunDirectory;
  readonly dataset: Dataset;
  readonly data: TrainingData;
  readonly session: Session;
  readonly start: Position;
  /** What the user should know, a line each. */
  readonly notices: readonly string[];
  end(): Promise<void>;
}

type Attempt<A> = Promise<Either<TrainingError, A>>;

interface Material {
  readonly dataset: Dataset;
  readonly data: TrainingData;
  readonly session: Session;
}

/** Where images were is in the run; where they are now only its user knows. */
const ifMoved = (error: TrainingError, origin: DataOrigin): TrainingError => {
  if (error.kind !== "data" || origin.kind === "emoji") return error;
  const domains = origin.kind === "folder" ? [] : Object.keys(origin.paths);
  const words = domains.length === 0 ? "FOLDER" : domains.map((name) => `${name}=FOLDER`).join(" ");
  return {
    ...error,
    reason: `${error.reason}\nIf the images were moved, name the images' new place with --data ${words}.`,
  };
};

/** Data before engine: a missing folder shows at once. */
const gather = async (
  compiled: CompiledSpec,
  origin: DataOrigin,
  engine: EngineName,
  seed: number,
): Attempt<Material> => {
  const dataset = await openDataset(origin, compiled.program);
  if (isLeft(dataset)) return dataset;
  const data = await trainingData(dataset.right, compiled.program, seed);
  if (isLeft(data)) return data;
  const session = await compiled.open(engine, seed);
  return isLeft(session)
    ? left({ kind: "engine", reason: session.left })
    : right({ dataset: dataset.right, data: data.right, session: session.right });
};

const ready = (
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
  end: async () => {
    material.session.dispose();
    await lock.release();
  },
});

export interface NewRunRequest {
  readonly compiled: CompiledSpec;
  readonly origin: DataOrigin;
  readonly directory: string;
  /** Whether the next free number is put behind the folder where it is there already. */
  readonly isNumbered: boolean;
  readonly engine: EngineName;
  readonly seed: number;
  /** ISO 8601. */
  readonly now: string;
}

/** By domain, where images are filed by class. */
const classNames = ({ train }: Dataset): Manifest["data"]["classes"] => {
  const named = Object.entries(train).flatMap(([domain, { classes }]) =>
    classes === undefined ? [] : [[domain, classes] as const],
  );
  return named.length === 0 ? undefined : Object.fromEntries(named);
};

/** Nothing is written before data and engine are there and the space is enough. */
export const beginRun = async (request: NewRunRequest): Attempt<Ready> => {
  const { compiled, origin, directory, engine, seed } = request;
  const space = await checkSpace(directory, checkpointBytes(compiled.program));
  if (isLeft(space)) return space;
  const material = await gather(compiled, origin, engine, seed);
  if (isLeft(material)) return material;
  const { dataset, data, session } = material.right;
  const { hash } = dataset;
  const weights = await loadWeights(compiled.program, session);
  if (isLeft(weights)) {
    session.dispose();
    return weights;
  }
  const { description, stepsPerEpoch } = data;
  const manifest = newManifest({
    run: newRunName(),
    program: compiled.program,
    seed,
    data: { origin, description, hash, stepsPerEpoch, classes: classNames(dataset) },
    engine: session.engine,
    weights: weights.right,
    created: request.now,
  });
  const place = request.isNumbered ? await claimFresh(directory) : right(directory);
  const run = isLeft(place) ? place : await createRun(place.right, manifest);
  const lock = isLeft(run) ? run : await holdRun(run.right);
  if (isLeft(run) || isLeft(lock)) session.dispose();
  if (isLeft(run)) return run;
  if (isLeft(lock)) return lock;
  return right(ready(compiled, run.right, material.right, lock.right, beginning, []));
};

/** The params of a run as the compiler takes them. */
export const setsOf = ({ spec }: Manifest): Sets =>
  Object.fromEntries(Object.entries(spec.params).map(([name, value]) => [name, String(value)]));

/** Compiles a run's own spec from its manifest. */
export const compileRun = async (compiler: Compiler, manifest: Manifest): Attempt<CompiledSpec> => {
  const { sources, entry, hash } = manifest.spec;
  const compiled = await compiler.fromSources(sources, entry, setsOf(manifest));
  if (isLeft(compiled)) return left({ kind: "spec", reason: compiled.left });
  return specHash(compiled.right.program) === hash
    ? compiled
    : left({
        kind: "spec",
        reason: "This version of ganc reads the run's spec differently than the one that began it.",
      });
};

/** A run's own spec; values that are given again must be those it began with. */
const compileAsBegun = async (
  compiler: Compiler,
  { path, manifest }: RunDirectory,
  sets: Sets,
): Attempt<CompiledSpec> => {
  const own = setsOf(manifest);
  const unknown = Object.keys(sets).find((name) => !Object.hasOwn(own, name));
  if (unknown !== undefined)
    return left({
      kind: "usage",
      reason: `\`${unknown}=${sets[unknown]}\` names no param of ${path}, which has ${few(Object.keys(own)) || "none"}.`,
    });
  for (const [name, value] of Object.entries(sets)) {
    if (value === own[name]) continue;
    const { sources, entry, hash } = manifest.spec;
    const compiled = await compiler.fromSources(sources, entry, { ...own, [name]: value });
    if (isLeft(compiled)) return left({ kind: "spec", reason: compiled.left });
    // The same number may be written in other ways.
    if (specHash(compiled.right.program) !== hash)
      return left({
        kind: "usage",
        reason: `${name} has changed since ${path} began: it was ${own[name]}, and --set makes it ${value}.\nGo on with it: leave out --set. Or train anew: name the spec, and leave out --resume.`,
      });
  }
  return compileRun(compiler, manifest);
};

/** Whether the spec in the user's file is still the one that the run began with. */
const checkSpec = async (
  compiler: Compiler,
  { path, manifest }: RunDirectory,
  file: string,
  sets: Sets,
): Attempt<CompiledSpec> => {
  const compiled = await compiler.fromFile(file, { ...setsOf(manifest), ...sets });
  if (isLeft(compiled)) return left({ kind: "spec", reason: compiled.left });
  return specHash(compiled.right.program) === manifest.spec.hash
    ? compiled
    : left({
        kind: "usage",
        reason: `${file}, or a param of it, has changed since ${path} began.\nGo on with the run as it began: ganc run ${path} --resume\nOr train anew: leave out --resume.`,
      });
};

export interface ResumeRequest {
  readonly compiler: Compiler;
  readonly directory: string;
  /** The spec's file, which must not have changed; without it the run's own copy is compiled. */
  readonly file: string | undefined;
  readonly sets: Sets;
  /** Where the images are now, if they were moved. */
  readonly origin: DataOrigin | undefined;
  readonly engine: EngineName;
  readonly seed: number | undefined;
}

const checkSeed = (
  { path, manifest }: RunDirectory,
  seed: number | undefined,
): Either<TrainingError, true> =>
  seed === undefined || seed === manifest.seed
    ? right(true)
    : left({
        kind: "usage",
        reason: `${path} began with seed ${manifest.seed}, and goes on with it: leave out --seed.`,
      });

/** Resumes while the folder is held. */
const resumeHeld = async (
  request: ResumeRequest,
  run: RunDirectory,
  lock: Lock,
): Attempt<Ready> => {
  const { compiler, file, sets, engine } = request;
  const { manifest } = run;
  const compiled = file
    ? await checkSpec(compiler, run, file, sets)
    : await compileAsBegun(compiler, run, sets);
  if (isLeft(compiled)) return compiled;
  const origin = request.origin ?? manifest.data.origin;
  const material = await gather(compiled.right, origin, engine, manifest.seed);
  if (isLeft(material))
    return request.origin === undefined ? left(ifMoved(material.left, origin)) : material;
  const restored = await restore(run, material.right.session);
  if (isLeft(restored)) {
    material.right.session.dispose();
    return restored;
  }
  const { start, notices } = restored.right;
  const changed =
    material.right.dataset.hash === manifest.data.hash
      ? []
      : ["The images are not those that the run began with; it goes on with these."];
  const all = [...notices, ...changed];
  return right(ready(compiled.right, run, material.right, lock, start, all));
};

/** Reads the newest whole checkpoint of a run; what was passed over is in the notices. */
export const resumeRun = async (request: ResumeRequest): Attempt<Ready> => {
  const run = await openRun(request.directory);
  if (isLeft(run)) return run;
  const seed = checkSeed(run.right, request.seed);
  if (isLeft(seed)) return seed;
  const lock = await holdRun(run.right);
  if (isLeft(lock)) return lock;
  const resumed = await resumeHeld(request, run.right, lock.right);
  if (isLeft(resumed)) await lock.right.release();
  return resumed;
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
        paths: Object.fromEntries(
          Object.entries(origin.paths).map(([domain, path]) => [domain, resolve(path)]),
        ),
      };
  }
};
