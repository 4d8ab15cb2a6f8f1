/**
 * Checkpoints: `step-00001000.safetensors` with the state, then `step-00001000.json` with the counters and the
 * fingerprint of the former, then `latest.json`, which points at them for readers from outside. Each is written
 * atomically, so a checkpoint is there as soon as its `.json` is, and a process that dies leaves the ones before it.
 */
import { mkdir, readdir, readFile, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { type Either, isLeft, isRight, left, right } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { reasonOf } from "../data/errors.js";
import type { State } from "../engines/session.js";
import { decodeJson } from "./decode.js";
import {
  attempt,
  jsonBytes,
  makeFolder,
  type RawDisk,
  unfinished,
  writeAtomically,
} from "./disk.js";
import type { TrainingError } from "./errors.js";
import { readTensors } from "./read-tensors.js";
import { encode } from "./safetensors.js";
import type { Position } from "./schedule.js";

const Counters = t.type({
  format: t.literal(1),
  /** The run's own name, from its manifest. */
  run: t.string,
  /** Fingerprint of the run's spec. */
  spec: t.string,
  epoch: t.number,
  stepInEpoch: t.number,
  step: t.number,
  elapsed: t.number,
  tensors: t.type({ file: t.string, bytes: t.number, sha256: t.string }),
  engine: t.string,
});

/** What ties a checkpoint to its run. */
export interface Belonging {
  readonly run: string;
  readonly spec: string;
}

export interface CheckpointStore {
  readonly folder: string;
  readonly belonging: Belonging;
  /** How many are kept: older ones are removed after a new one is whole. */
  readonly keep: number;
  readonly raw: RawDisk;
}

export interface Checkpoint {
  readonly position: Position;
  readonly state: State;
  /** Path of the file with the tensors. */
  readonly path: string;
}

const nameOf = (step: number): string => `step-${String(step).padStart(8, "0")}`;

const pattern = /^step-(\d{8,})\.json$/;

/** Steps of the checkpoints that are listed, newest first; nothing is said of whether they are whole. */
export const listCheckpoints = async (folder: string): Promise<readonly number[]> => {
  const names = await readdir(folder).catch(() => []);
  return names
    .flatMap((name) => {
      const digits = pattern.exec(name)?.[1];
      return digits === undefined ? [] : [Number(digits)];
    })
    .sort((a, b) => b - a);
};

const removeQuietly = (path: string): Promise<void> => unlink(path).catch(() => undefined);

/** The `.json` goes first: a tensors file without it counts for nothing. */
const removeCheckpoint = async (folder: string, step: number): Promise<void> => {
  await removeQuietly(join(folder, `${nameOf(step)}.json`));
  await removeQuietly(join(folder, `${nameOf(step)}.safetensors`));
};

/** Keeps the newest `keep`. */
const prune = async (folder: string, keep: number): Promise<void> => {
  for (const step of (await listCheckpoints(folder)).slice(keep))
    await removeCheckpoint(folder, step);
};

/** Removes what a process that died left unfinished, among it tensors that never got their `.json`. */
export const tidy = async (folder: string): Promise<void> => {
  const names = new Set(await readdir(folder).catch(() => []));
  for (const name of names) {
    const orphan =
      /^step-\d{8,}\.safetensors$/.test(name) &&
      !names.has(name.replace(/\.safetensors$/, ".json"));
    if (orphan || name.endsWith(unfinished)) await removeQuietly(join(folder, name));
  }
};

const writeOnce = async (
  { folder, belonging, raw }: CheckpointStore,
  position: Position,
  state: State,
  engine: string,
): Promise<Either<TrainingError, string>> => {
  const name = nameOf(position.step);
  const file = `${name}.safetensors`;
  const about = { format: "ganc state 1", ...belonging, step: String(position.step) };
  const tensors = await writeAtomically(raw, join(folder, file), encode(state, about));
  if (isLeft(tensors)) return tensors;
  const counters: t.TypeOf<typeof Counters> = {
    format: 1,
    ...belonging,
    ...position,
    tensors: { file, ...tensors.right },
    engine,
  };
  const json = await writeAtomically(raw, join(folder, `${name}.json`), jsonBytes(counters));
  if (isLeft(json)) return json;
  const pointer = jsonBytes({ step: position.step, tensors: file, counters: `${name}.json` });
  const latest = await writeAtomically(raw, join(folder, "latest.json"), pointer);
  return isLeft(latest) ? latest : right(join(folder, file));
};

/**
 * Writes a checkpoint and removes the oldest. When the disk is full, all but the newest of the old ones are given up for
 * its sake; if that does not help, the error names the step that is still safe.
 */
export const writeCheckpoint = async (
  store: CheckpointStore,
  position: Position,
  state: State,
  engine: string,
): Promise<Either<TrainingError, string>> => {
  const created = await attempt(store.folder, async () => makeFolder(store.folder));
  if (isLeft(created)) return created;
  let written = await writeOnce(store, position, state, engine);
  if (isLeft(written) && written.left.kind === "disk-full") {
    await prune(store.folder, 1);
    written = await writeOnce(store, position, state, engine);
  }
  if (isRight(written)) await prune(store.folder, store.keep);
  else if (written.left.kind === "disk-full")
    return left({ ...written.left, saved: (await listCheckpoints(store.folder))[0] });
  return written;
};

const readCounters = async (path: string): Promise<Either<string, t.TypeOf<typeof Counters>>> => {
  try {
    return decodeJson(Counters, await readFile(path, "utf8"));
  } catch (thrown) {
    return left(`cannot be read: ${reasonOf(thrown)}`);
  }
};

/** Reads one checkpoint and checks that it is whole and this run's own; the reason begins with the file's name. */
const readCheckpoint = async (
  folder: string,
  { run, spec }: Belonging,
  step: number,
): Promise<Either<string, Checkpoint>> => {
  const name = `${nameOf(step)}.json`;
  const counters = await readCounters(join(folder, name));
  if (isLeft(counters)) return left(`${name} ${counters.left}`);
  const { tensors, epoch, stepInEpoch, elapsed } = counters.right;
  if (counters.right.run !== run || counters.right.spec !== spec)
    return left(`${name} belongs to another run`);
  if (counters.right.step !== step) return left(`${name} was renamed`);
  const path = join(folder, `${nameOf(step)}.safetensors`);
  const contents = await readTensors(path);
  if (isLeft(contents)) return left(`${tensors.file} ${contents.left}`);
  if (contents.right.sha256 !== tensors.sha256)
    return left(`${tensors.file} was damaged: its contents do not fit its fingerprint`);
  const position = { epoch, stepInEpoch, step, elapsed };
  return right({ position, state: contents.right.tensors, path });
};

export interface Found {
  readonly checkpoint: Checkpoint;
  /** Why newer ones were passed over, newest first; empty as a rule. */
  readonly passedOver: readonly string[];
}

/** The newest checkpoint that is whole, or the one of step `only`; `no-checkpoint` carries a reason for each that is not. */
export const findCheckpoint = async (
  folder: string,
  belonging: Belonging,
  only?: number,
): Promise<Either<TrainingError, Found>> => {
  const listed = await listCheckpoints(folder);
  const steps = only === undefined ? listed : listed.filter((step) => step === only);
  const passedOver: string[] = [];
  for (const step of steps) {
    const checkpoint = await readCheckpoint(folder, belonging, step);
    if (isRight(checkpoint)) return right({ checkpoint: checkpoint.right, passedOver });
    passedOver.push(checkpoint.left);
  }
  if (only !== undefined && steps.length === 0)
    return left({ kind: "no-such-checkpoint", directory: folder, step: only, listed });
  return left({ kind: "no-checkpoint", directory: folder, reasons: passedOver });
};

/**
 * Moves checkpoints past `step` into the folder `set-aside`: a run that goes on from `step` has passed them over because
 * they are damaged or foreign, and they must not count as its newest.
 */
export const setAside = async (folder: string, step: number): Promise<void> => {
  const newer = (await listCheckpoints(folder)).filter((other) => other > step);
  if (newer.length === 0) return;
  const aside = join(folder, "set-aside");
  await mkdir(aside, { recursive: true });
  for (const name of newer.flatMap((n) => [`${nameOf(n)}.json`, `${nameOf(n)}.safetensors`]))
    await rename(join(folder, name), join(aside, name)).catch(() => undefined);
};
