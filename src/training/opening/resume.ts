/** Resumes a run from its newest checkpoint, with its original spec, seed and images. */

import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { Session } from "../../contracts/session.js";
import type { Dataset } from "../../data/sets/source.js";
import { realDisk } from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";
import { cursorChange } from "../program/carry.js";
import type { Position } from "../program/schedule.js";
import { changeNotices } from "../run-directory/image-notices.js";
import { readImages, rememberedOf } from "../run-directory/images.js";
import type { Lock } from "../run-directory/lock.js";
import {
  carriedOver,
  type DataOrigin,
  goneBack,
  isSealed,
  type Manifest,
  specBegan,
  withSettings,
} from "../run-directory/manifest.js";
import {
  holdRun,
  openRun,
  type RunDirectory,
  rewriteManifest,
  shownPath,
} from "../run-directory/run-directory.js";
import {
  type Attempt,
  gather,
  type Material,
  type Ready,
  ready,
  streamsOf,
  withCode,
} from "./begin.js";
import { isWithoutImages, lacksImages, nameImages, withFirstImages } from "./first-images.js";
import { type Restored, restore } from "./restore.js";
import { type Going, type ResumeRequest, specToGoOn } from "./resume-spec.js";
import { loadWeightsAgain } from "./weights.js";

/** Adds advice about moved images: the run knows only their old place. */
export const ifMoved = (error: TrainingError, origin: DataOrigin): TrainingError => {
  if (error.kind !== "data" || origin.kind === "emoji") return error;
  const domains = origin.kind === "folder" ? [] : Object.keys(origin.paths);
  const words = domains.length === 0 ? "FOLDER" : domains.map((name) => `${name}=FOLDER`).join(" ");
  return {
    ...error,
    reason: `${error.reason}\nIf the images were moved, name the images' new place with --data ${words}.`,
  };
};

/** Returns a notice for a run without a record of its images, if they have changed. */
const otherImages = ({ hash }: Dataset, { data }: Manifest): readonly string[] =>
  hash === data.hash || isWithoutImages(data)
    ? []
    : ["The images are not those that the run began with; it goes on with these."];

/**
 * Adapts a position to the current number of steps in an epoch. If the epoch has become too short,
 * it is over.
 */
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

/** Returns a notice if a run resumes from before its current spec trained it. */
const wentBack = (
  manifest: Manifest,
  { instead }: Going,
  { step }: Position,
): readonly string[] => {
  const begun = specBegan(manifest);
  return step >= begun || instead !== undefined
    ? []
    : [
        `The current spec trained from step ${begun} on: steps ${step} to ${begun - 1} are repeated with it, not with the earlier one.`,
      ];
};

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

/** Explains why another spec cannot continue from the run's position, and what to do. */
const carryFault = (
  { path, manifest }: RunDirectory,
  { compiled, instead }: Going,
  start: Position,
): string | undefined => {
  if (instead === undefined) return undefined;
  if (!isSealed(manifest))
    return "An earlier version of ganc began this run, and it cannot take another spec: train anew, leave out --resume.";
  if (start.step === 0)
    return `${path} has learnt nothing yet that could be carried over: train anew, leave out --resume.`;
  const cursor = cursorChange(instead.program, compiled.program, start);
  return cursor === undefined
    ? undefined
    : `It cannot be carried over now: ${cursor}.\nGo on to the end of the epoch as the run began, and then with the change: ganc run ${shownPath(path)} --resume --epochs ${start.epoch + 1}`;
};

/**
 * Records in the run's folder how it resumes: another spec, other intervals, other checkpoints to
 * keep.
 */
const remember = async (
  { intervals = {}, keep, now, origin }: ResumeRequest,
  run: RunDirectory,
  { compiled, instead, sets, place }: Going,
  material: Material,
  { step }: Position,
): Attempt<RunDirectory> => {
  const { data, session } = material;
  if (!isSealed(run.manifest)) return right(run);
  const known =
    origin !== undefined && isWithoutImages(run.manifest.data)
      ? await withFirstImages(run, origin, compiled.program, material)
      : right(run.manifest);
  if (isLeft(known)) return known;
  const manifest = known.right;
  const { program } = compiled;
  const streams = streamsOf(data, session);
  const change = { program, sets, place, streams, step, now };
  const ofSpec = instead === undefined ? goneBack(manifest, step) : carriedOver(manifest, change);
  const next = withSettings(ofSpec, intervals, keep);
  const written = next === run.manifest ? right(run) : await rewriteManifest(run, next);
  return isLeft(written) && written.left.kind === "disk-full"
    ? left({ ...written.left, saved: step > 0 ? step : undefined })
    : written;
};

/** Restores the state, and checks that the request can be met from there. */
const restoredTo = async (run: RunDirectory, going: Going, session: Session): Attempt<Restored> => {
  const restored = await restore(run, session, realDisk, going.instead !== undefined);
  if (isLeft(restored)) return restored;
  const { start } = restored.right;
  const fault = carryFault(run, going, start);
  if (fault !== undefined) return left({ kind: "usage", reason: fault });
  // Without a checkpoint the first weights are only in their files.
  const weights =
    start.step === 0
      ? await loadWeightsAgain(going.compiled.program, run.manifest.weights ?? [], session)
      : restored;
  return isLeft(weights) ? weights : restored;
};

/** Resumes a run whose folder is locked. */
const resumeHeld = async (
  request: ResumeRequest,
  run: RunDirectory,
  lock: Lock,
): Attempt<Ready> => {
  const { manifest } = run;
  const going = await specToGoOn(request, run);
  if (isLeft(going)) return going;
  const { compiled } = going.right;
  if (request.origin === undefined && lacksImages(manifest.data, compiled.program))
    return left({ kind: "usage", reason: nameImages(compiled.program) });
  const origin = request.origin ?? manifest.data.origin;
  const images = await readImages(run.images, manifest);
  const noted = isLeft(images) ? undefined : images.right;
  const isSame = noted !== undefined && request.origin === undefined;
  const remembered = rememberedOf(manifest, noted, isSame);
  const material = await gather(
    compiled,
    origin,
    {
      engine: request.engine,
      purpose: request.purpose,
      torch: request.torch,
      seed: manifest.seed,
      forceMemory: request.forceMemory,
      holdOut: manifest.data.holdOut,
    },
    remembered,
  );
  if (isLeft(material))
    return request.origin === undefined ? left(ifMoved(material.left, origin)) : material;
  const { dataset, data, session } = material.right;
  const restored = await restoredTo(run, going.right, session);
  const settled = isLeft(restored)
    ? restored
    : await remember(request, run, going.right, material.right, restored.right.start);
  const code = isLeft(settled) ? settled : await withCode(run, session);
  if (isLeft(restored) || isLeft(settled) || isLeft(code)) session.dispose();
  if (isLeft(restored)) return restored;
  if (isLeft(settled)) return settled;
  if (isLeft(code)) return code;
  const { start, notices, monitors, plateau } = restored.right;
  const lost = isLeft(images)
    ? [`images.json ${images.left}: changes to the images cannot be detected.`]
    : [];
  const changed =
    noted === undefined
      ? otherImages(dataset, manifest)
      : await changeNotices(noted, dataset, isSame);
  const place = placeIn(start, data.stepsPerEpoch);
  const back = wentBack(manifest, going.right, start);
  const all = [...going.right.notices, ...notices, ...back, ...lost, ...changed, ...place.notices];
  return right({
    ...ready(compiled, settled.right, material.right, lock, place.start, all),
    monitors,
    plateau,
  });
};

/** Resumes a run from its newest intact checkpoint. The notices say what was passed over. */
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
