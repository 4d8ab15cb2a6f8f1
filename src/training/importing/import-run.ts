/** Makes a run of imported weights: its folder appears whole, or not at all. */
import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { State } from "../../contracts/tensor.js";
import { writeCheckpoint } from "../checkpoints/checkpoint.js";
import {
  attempt,
  diskError,
  makeFolder,
  realDisk,
  textBytes,
  writeAtomically,
} from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";
import type { SpecProgram } from "../program/program.js";
import { checkpointBytes } from "../program/program.js";
import { beginning } from "../program/schedule.js";
import { importing, type Manifest, newManifest } from "../run-directory/manifest.js";
import {
  checkSpace,
  claimFresh,
  createRun,
  newRunName,
  store,
} from "../run-directory/run-directory.js";
import { encodeRecord, type Imported, recordName } from "./record.js";

export interface ImportRequest {
  readonly program: SpecProgram;
  readonly sets: Manifest["sets"];
  /** Place of the spec's files; the run's own folder for a spec that is written there. */
  readonly place?: Manifest["place"];
  /** A spec that was made for the run: its file's name and text. */
  readonly spec?: { readonly name: string; readonly text: string } | undefined;
  readonly state: State;
  readonly imported: readonly Imported[];
  readonly directory: string;
  /** Whether to append the next free number if the folder exists. */
  readonly isNumbered: boolean;
  readonly seed: number;
  /** ISO 8601. */
  readonly now: string;
  /** Aborted where the user ends the command: nothing is left then. */
  readonly signal: AbortSignal;
}

const describe = (imported: readonly Imported[]): string =>
  `no images yet: ${imported.map(({ network, source }) => `${network} was imported from ${source.file.path}`).join(", ")}`;

const manifestOf = (request: ImportRequest): Manifest => {
  const { program, sets, seed, now, spec, directory, imported } = request;
  return newManifest({
    run: newRunName(),
    program,
    seed,
    sets,
    place: spec === undefined ? request.place : { folder: resolve(directory), root: undefined },
    data: {
      origin: { kind: "folders", paths: {} },
      description: describe(imported),
      hash: "",
      stepsPerEpoch: 1,
      classes: undefined,
      images: undefined,
      holdOut: undefined,
    },
    engine: importing,
    weights: [],
    created: now,
  });
};

/** Writes all of a run into a folder that nobody knows. */
const fill = async (
  path: string,
  request: ImportRequest,
): Promise<Either<TrainingError, undefined>> => {
  const run = await createRun(path, manifestOf(request));
  if (isLeft(run)) return run;
  const saved = await writeCheckpoint(store(run.right), {
    position: beginning,
    stepsPerEpoch: 1,
    state: request.state,
    engine: importing,
  });
  if (isLeft(saved)) return saved;
  const record = await writeAtomically(
    realDisk,
    join(path, recordName),
    encodeRecord(request.imported),
  );
  if (isLeft(record)) return record;
  const { spec } = request;
  const written =
    spec === undefined
      ? right(undefined)
      : await writeAtomically(realDisk, join(path, spec.name), textBytes(spec.text));
  return isLeft(written) ? written : right(undefined);
};

/** Refuses a folder that holds something. */
const checkEmpty = async (path: string): Promise<Either<TrainingError, undefined>> => {
  const names = await readdir(path).catch((thrown: NodeJS.ErrnoException) =>
    thrown.code === "ENOENT" ? [] : thrown,
  );
  if (!Array.isArray(names)) return left(diskError(path, names));
  return names.length === 0
    ? right(undefined)
    : left({
        kind: "usage",
        reason: `${path} is not empty, and an import writes over nothing: choose another folder with --out.`,
      });
};

/** Undefined as a result: the user ended it, and nothing is left. */
export const importRun = async (
  asked: ImportRequest,
): Promise<Either<TrainingError, string | undefined>> => {
  const space = await checkSpace(asked.directory, checkpointBytes(asked.program), 1);
  if (isLeft(space)) return space;
  const empty = asked.isNumbered ? right(undefined) : await checkEmpty(asked.directory);
  if (isLeft(empty)) return empty;
  const above = dirname(resolve(asked.directory));
  const made = await attempt(above, async () => makeFolder(above));
  if (isLeft(made)) return made;
  const hidden = join(above, `.importing-${randomBytes(6).toString("hex")}`);
  const place = asked.isNumbered ? await claimFresh(asked.directory) : right(asked.directory);
  if (isLeft(place)) return place;
  try {
    const filled = await fill(hidden, { ...asked, directory: place.right });
    if (isLeft(filled)) return filled;
    if (asked.signal.aborted) return right(undefined);
    return await attempt(place.right, async () => {
      // An empty folder gives way; one that has been filled meanwhile does not.
      await mkdir(place.right, { recursive: true });
      await rename(hidden, place.right);
      return place.right;
    });
  } finally {
    await rm(hidden, { recursive: true, force: true }).catch(() => undefined);
    // What was claimed and is still empty is given back.
    if (asked.isNumbered) await rmdir(place.right).catch(() => undefined);
  }
};
