/** A run that goes on from its newest checkpoint, with the spec, the seed and the images that it began with. */

import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { few } from "../base/few.js";
import { recordOf } from "../base/record.js";
import type { Dataset } from "../data/source.js";
import { type Attempt, gather, type Ready, ready } from "./begin.js";
import type { CompiledSpec, Compiler, EngineName, Sets } from "./compiled.js";
import type { TrainingError } from "./errors.js";
import { changeNotices } from "./image-notices.js";
import { readImages, rememberedOf } from "./images.js";
import type { Lock } from "./lock.js";
import type { DataOrigin, Manifest } from "./manifest.js";
import { specHash } from "./program.js";
import { restore } from "./restore.js";
import { holdRun, openRun, type RunDirectory } from "./run-directory.js";
import type { Position } from "./schedule.js";
import { loadWeightsAgain } from "./weights.js";

/** Where images were is in the run; where they are now only its user knows. */
export const ifMoved = (error: TrainingError, origin: DataOrigin): TrainingError => {
  if (error.kind !== "data" || origin.kind === "emoji") return error;
  const domains = origin.kind === "folder" ? [] : Object.keys(origin.paths);
  const words = domains.length === 0 ? "FOLDER" : domains.map((name) => `${name}=FOLDER`).join(" ");
  return {
    ...error,
    reason: `${error.reason}\nIf the images were moved, name the images' new place with --data ${words}.`,
  };
};

/** What is said of a run that kept no account of its images. */
const otherImages = ({ hash }: Dataset, { data }: Manifest): readonly string[] =>
  hash === data.hash
    ? []
    : ["The images are not those that the run began with; it goes on with these."];

/** Where a run goes on with as many steps an epoch as its images make now: an epoch that has become too short is behind it. */
const placeIn = (
  start: Position,
  stepsPerEpoch: number,
): { readonly start: Position; readonly notices: readonly string[] } =>
  start.stepInEpoch < stepsPerEpoch
    ? { start, notices: [] }
    : {
        start: { ...start, epoch: start.epoch + 1, stepInEpoch: 0 },
        notices: [
          `An epoch of these images has ${stepsPerEpoch} steps, and ${start.stepInEpoch} are made of this one: it goes on with the next epoch.`,
        ],
      };

/** The params of a run as the compiler takes them. */
export const setsOf = ({ spec }: Manifest): Sets =>
  recordOf(Object.entries(spec.params).map(([name, value]) => [name, String(value)]));

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
  { sets, root }: Pick<ResumeRequest, "sets" | "root">,
): Attempt<CompiledSpec> => {
  const compiled = await compiler.fromFile(file, { ...setsOf(manifest), ...sets }, root);
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
  /** A folder that the file's imports may lie in, beyond its project. */
  readonly root?: string | undefined;
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
    ? await checkSpec(compiler, run, file, request)
    : await compileAsBegun(compiler, run, sets);
  if (isLeft(compiled)) return compiled;
  const origin = request.origin ?? manifest.data.origin;
  const images = await readImages(run.images, manifest);
  const noted = isLeft(images) ? undefined : images.right;
  const isSame = noted !== undefined && request.origin === undefined;
  const remembered = rememberedOf(manifest, noted, isSame);
  const material = await gather(compiled.right, origin, engine, manifest.seed, remembered);
  if (isLeft(material))
    return request.origin === undefined ? left(ifMoved(material.left, origin)) : material;
  const { session } = material.right;
  const restored = await restore(run, session);
  // Without a checkpoint nothing holds the first weights but their files.
  const isBeginning = !isLeft(restored) && restored.right.start.step === 0;
  const weights = isBeginning
    ? await loadWeightsAgain(compiled.right.program, manifest.weights ?? [], session)
    : restored;
  if (isLeft(restored) || isLeft(weights)) session.dispose();
  if (isLeft(restored)) return restored;
  if (isLeft(weights)) return weights;
  const { start, notices } = restored.right;
  const { dataset, data } = material.right;
  const lost = isLeft(images)
    ? [`images.json ${images.left}: what has become of the images cannot be told.`]
    : [];
  const changed =
    noted === undefined
      ? otherImages(dataset, manifest)
      : await changeNotices(noted, dataset, isSame);
  const place = placeIn(start, data.stepsPerEpoch);
  const all = [...notices, ...lost, ...changed, ...place.notices];
  return right(ready(compiled.right, run, material.right, lock, place.start, all));
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
