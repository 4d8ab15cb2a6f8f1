/**
 * The folder of a run:
 *
 *     manifest.json     description of the run
 *     metrics.jsonl     a line for each step
 *     checkpoints/      the states that are kept
 *     saved.json        step of the newest checkpoint
 *     samples/          grids of images, made during the run
 *     images.json       the images with which it began
 *     traits.json       traits of some of them
 *     sessions.jsonl    the processes that trained
 *     monitors.jsonl    messages of monitors
 *     lock              exists while a process runs it
 *     code/             generated code of `ganc run --code`
 */
import { randomBytes } from "node:crypto";
import { lstat, mkdir, readdir, stat } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { printable } from "../../base/printable.js";
import { missing, otherThanFile, readRegularText } from "../../data/files/regular-file.js";
import { type CheckpointStore, tidy } from "../checkpoints/checkpoint.js";
import type { Belonging } from "../checkpoints/counters.js";
import { type KeepParts, keepOf } from "../checkpoints/keep.js";
import {
  attempt,
  diskError,
  freeBytes,
  makeFolder,
  type RawDisk,
  realDisk,
  writeAtomically,
} from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";
import { type Lock, lockDirectory } from "./lock.js";
import { decodeManifest, encodeManifest, isSealed, type Manifest } from "./manifest.js";

export interface RunDirectory {
  readonly path: string;
  readonly manifest: Manifest;
  readonly metrics: string;
  readonly samples: string;
  readonly checkpoints: string;
  /** Path of `saved.json`, which records the newest checkpoint. */
  readonly mark: string;
  /** Path of `measures.jsonl`. */
  readonly measures: string;
  /** Path of `images.json`, the record of images. */
  readonly images: string;
  /** Path of `traits.json`, the traits of training images. */
  readonly traits: string;
  /** Path of `sessions.jsonl`, the processes that trained. */
  readonly sessions: string;
  /** Path of `monitors.jsonl`, the monitors' messages. */
  readonly monitors: string;
  /** Folder of the generated code that trains it, if any. */
  readonly code: string;
}

const layout = (path: string, manifest: Manifest): RunDirectory => ({
  path,
  manifest,
  metrics: join(path, "metrics.jsonl"),
  samples: join(path, "samples"),
  checkpoints: join(path, "checkpoints"),
  mark: join(path, "saved.json"),
  measures: join(path, "measures.jsonl"),
  images: join(path, "images.json"),
  traits: join(path, "traits.json"),
  sessions: join(path, "sessions.jsonl"),
  monitors: join(path, "monitors.jsonl"),
  code: join(path, "code"),
});

export const belonging = ({ manifest }: RunDirectory): Belonging => ({
  run: manifest.run,
  spec: manifest.spec.hash,
  past: (manifest.past ?? []).map(({ spec, from, to }) => ({ spec: spec.hash, from, to })),
  seed: manifest.seed,
  stepsPerEpoch: manifest.data.stepsPerEpoch,
  isSealed: isSealed(manifest),
});

export const store = (
  run: RunDirectory,
  /** Current setting; missing parts are as the run began. */
  keep: KeepParts = {},
  raw: RawDisk = realDisk,
): CheckpointStore => ({
  folder: run.checkpoints,
  mark: run.mark,
  belonging: belonging(run),
  keep: keepOf(run.manifest.keep, keep),
  raw,
});

/** Makes a unique name for a new run. */
export const newRunName = (): string => randomBytes(8).toString("hex");

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/**
 * Tells whether `path` is the folder of a run of any format. A dangling link for a manifest still
 * counts: it is a lost one.
 */
export const isRunDirectory = (path: string): Promise<boolean> =>
  lstat(join(path, "manifest.json")).then(
    () => true,
    () => false,
  );

/**
 * Writes a path for people, on one line: relative if it lies below the working folder, else
 * absolute.
 */
export const shownPath = (path: string): string => {
  const below = relative(process.cwd(), resolve(path));
  const isElsewhere = below === "" || below.startsWith("..") || isAbsolute(below);
  return printable(isElsewhere ? resolve(path) : below);
};

/** Returns the n-th place (from 1) of a spec's runs: `runs/cyclegan`, `runs/cyclegan-2`, … */
const place = (base: string, n: number): string => (n === 1 ? base : `${base}-${n}`);

/**
 * Makes the first of `base`, `base-2`, `base-3`, … that does not exist. Concurrent callers each get
 * their own.
 */
export const claimFresh = async (base: string): Promise<Either<TrainingError, string>> => {
  const above = await attempt(dirname(base), async () => makeFolder(dirname(base)));
  if (isLeft(above)) return above;
  for (let n = 1; ; n++) {
    const path = place(base, n);
    try {
      await mkdir(path);
      return right(path);
    } catch (thrown) {
      if (!(await isThere(path))) return left(diskError(path, thrown));
    }
  }
};

/** Finds the highest-numbered of `base`, `base-2`, … that holds a run, or undefined. */
export const newestDirectory = async (base: string): Promise<string | undefined> => {
  const name = basename(base);
  const siblings = await readdir(dirname(base)).catch(() => []);
  const numbers = siblings.flatMap((sibling) => {
    if (sibling === name) return [1];
    const digits = sibling.startsWith(`${name}-`) ? sibling.slice(name.length + 1) : "";
    return /^[1-9]\d*$/.test(digits) ? [Number(digits)] : [];
  });
  for (const n of numbers.sort((a, b) => b - a))
    if (await isThere(join(place(base, n), "manifest.json"))) return place(base, n);
  return undefined;
};

/** Matches what a run writes into its folder before the manifest. */
const beginnings = /^(?:samples|checkpoints|images\.json|traits\.json|.*\.unfinished)$/;

/** Tells whether a folder holds only what a process wrote before it died without a manifest. */
export const hasBegun = async (path: string): Promise<boolean> => {
  const names = await readdir(path).catch(() => []);
  return names.length > 0 && names.every((name) => beginnings.test(name));
};

/** Says why a folder with contents takes no new run, and what to do. */
const takenBy = (path: string, names: readonly string[]): TrainingError => {
  const isRun = names.includes("manifest.json");
  const isBegun = !isRun && names.every((name) => beginnings.test(name));
  const found = isBegun
    ? `${path} holds the beginnings of a run, and no manifest: if no run is beginning in it now, remove it`
    : `${path} is not empty${isRun ? ". Add --resume to go on with the run in it" : ", and holds no run: empty it"}`;
  return { kind: "usage", reason: `${found}, or choose another folder with --out.` };
};

/** What a run records of its images before its manifest. */
export interface BesideManifest {
  readonly images?: readonly Uint8Array[] | undefined;
  readonly traits?: readonly Uint8Array[] | undefined;
}

/** Makes the folder of a new run. An existing folder must be empty: no run overwrites another. */
export const createRun = async (
  path: string,
  manifest: Manifest,
  raw: RawDisk = realDisk,
  /** Bytes of `images.json` and `traits.json`. */
  { images, traits }: BesideManifest = {},
): Promise<Either<TrainingError, RunDirectory>> => {
  const run = layout(path, manifest);
  const made = await attempt(path, async () => {
    makeFolder(path);
    return readdir(path);
  });
  if (isLeft(made)) return made;
  if (made.right.length > 0) return left(takenBy(path, made.right));
  for (const folder of [run.samples, run.checkpoints])
    try {
      await mkdir(folder);
    } catch (thrown) {
      // Another run began in it at the same moment.
      return left(
        (await isThere(folder)) ? takenBy(path, ["manifest.json"]) : diskError(folder, thrown),
      );
    }
  for (const [place, bytes] of [
    [run.images, images],
    [run.traits, traits],
  ] as const) {
    const noted = bytes === undefined ? right(undefined) : await writeAtomically(raw, place, bytes);
    if (isLeft(noted)) return noted;
  }
  const written = await writeAtomically(raw, join(path, "manifest.json"), encodeManifest(manifest));
  return isLeft(written) ? written : right(run);
};

/** Replaces a run's manifest. */
export const rewriteManifest = async (
  { path }: Pick<RunDirectory, "path">,
  manifest: Manifest,
  raw: RawDisk = realDisk,
): Promise<Either<TrainingError, RunDirectory>> => {
  const bytes = encodeManifest(manifest);
  const written = await writeAtomically(raw, join(path, "manifest.json"), bytes);
  return isLeft(written) ? written : right(layout(path, manifest));
};

/** Most bytes of a manifest, which holds the texts of a spec. */
const mostManifest = 2 ** 28;

/** Opens the folder of an existing run without changing it. */
export const openRun = async (path: string): Promise<Either<TrainingError, RunDirectory>> => {
  const file = join(path, "manifest.json");
  const text = await readRegularText(file, mostManifest);
  if (isLeft(text) && text.left === missing)
    return left({
      kind: "no-run",
      directory: path,
      reason: (await isThere(path)) ? "it has no manifest.json" : "it does not exist",
    });
  const manifest = isLeft(text) ? text : decodeManifest(text.right);
  return isLeft(manifest)
    ? left({ kind: "no-run", directory: path, reason: `manifest.json ${manifest.left}` })
    : right(layout(path, manifest.right));
};

/**
 * Finds something other than a file in the place of one, which is better reported now than when
 * there is something to save.
 */
const obstacle = async ({
  mark,
  checkpoints,
  images,
  sessions,
  monitors,
}: RunDirectory): Promise<TrainingError | undefined> => {
  for (const path of [mark, images, sessions, monitors, join(checkpoints, "latest.json")]) {
    const there = await lstat(path).catch(() => undefined);
    if (there === undefined) continue;
    const stats = await stat(path).catch(() => undefined);
    const other = stats === undefined ? "is a link that leads nowhere" : otherThanFile(stats);
    if (other !== undefined)
      return { kind: "file", path, reason: `it ${other}: if nobody needs it, remove it` };
  }
  return undefined;
};

/** Locks the folder for this process and removes what a dead process left unfinished. */
export const holdRun = async (
  run: RunDirectory,
  raw: RawDisk = realDisk,
): Promise<Either<TrainingError, Lock>> => {
  const lock = await lockDirectory(run.path);
  if (isLeft(lock)) return lock;
  const wrong = await obstacle(run);
  if (wrong !== undefined) {
    await lock.right.release();
    return left(wrong);
  }
  for (const folder of [run.path, run.checkpoints, run.samples]) await tidy(folder, raw);
  return lock;
};

const nearestExisting = async (path: string): Promise<string> =>
  (await isThere(path)) || dirname(path) === path ? path : nearestExisting(dirname(path));

/**
 * Fails with `too-little-space` if the kept checkpoints, and one more being written, would not fit.
 * `path` is a run's folder, which need not exist yet.
 */
export const checkSpace = async (
  path: string,
  checkpointBytes: number,
  kept = 3,
  free: (path: string) => Promise<Either<TrainingError, number>> = freeBytes,
): Promise<Either<TrainingError, void>> => {
  const available = await free(await nearestExisting(resolve(path)));
  if (isLeft(available)) return available;
  const needed = (kept + 1) * checkpointBytes;
  return available.right >= needed
    ? right(undefined)
    : left({ kind: "too-little-space", path, needed, free: available.right });
};
