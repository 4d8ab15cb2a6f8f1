/**
 * Writes checkpoints: `step-00001000.safetensors` with the state, then `step-00001000.json` with
 * the counters and the fingerprint of the former, then `latest.json`, which points external readers
 * to them. Each file is written atomically, so a checkpoint exists as soon as its `.json` does, and
 * a process that dies leaves the earlier ones. `saved.json`, outside the folder, records that there
 * was one, whatever happens to the folder.
 */

import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Either, isLeft, isRight, left, right } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import type { State } from "../../contracts/tensor.js";
import { missing, readRegularText } from "../../data/files/regular-file.js";
import type { Plateau } from "../../program/plateau.js";
import { decodeFormat, decodeSealed, Natural, seal } from "../files/decode.js";
import {
  attempt,
  jsonBytes,
  makeAlone,
  type RawDisk,
  realDisk,
  unfinished,
  writeAtomically,
} from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";
import { stateMark } from "../files/read-tensors.js";
import { encode } from "../files/safetensors.js";
import type { Position } from "../program/schedule.js";
import { candidatesIn, listCheckpoints, nameOf } from "./checkpoint-list.js";
import { type Belonging, encodeCounters } from "./counters.js";
import { type Keep, type Measured, surplus } from "./keep.js";

export interface CheckpointStore {
  readonly folder: string;
  /** Path of `saved.json`. */
  readonly mark: string;
  readonly belonging: Belonging;
  /** Which checkpoints to keep. The others are removed once a new one is complete. */
  readonly keep: Keep;
  readonly raw: RawDisk;
}

/** The contents of one checkpoint. */
export interface Snapshot {
  readonly position: Position;
  /** For the images used from now on. */
  readonly stepsPerEpoch: number;
  readonly state: State;
  readonly engine: string;
  /** Fingerprint of the log so far. */
  readonly log?: string | undefined;
  /**
   * Measurement of the state. The best checkpoint of a run is kept until a better one replaces it.
   */
  readonly measured?: Measured | undefined;
  /** State of the monitors. */
  readonly monitors?: unknown;
  /** Of a schedule that goes by scores: what it remembers of them. */
  readonly plateau?: Plateau | undefined;
}

type Place = Pick<CheckpointStore, "folder" | "belonging" | "raw">;

const removeQuietly = (raw: RawDisk, path: string): Promise<void> =>
  raw.unlink(path).catch(() => undefined);

/** Removes a checkpoint, the `.json` first: tensors without it do not count. */
const removeCheckpoint = async (
  { folder, raw }: Pick<Place, "folder" | "raw">,
  step: number,
): Promise<void> => {
  await removeQuietly(raw, join(folder, `${nameOf(step)}.json`));
  await removeQuietly(raw, join(folder, `${nameOf(step)}.safetensors`));
};

const prune = async (place: Place, keep: Keep): Promise<void> => {
  const all = await candidatesIn(place.folder, place.belonging);
  for (const step of surplus(keep, all)) await removeCheckpoint(place, step);
};

/**
 * Removes tensors without their `.json`: a process died between the two, and a newer checkpoint is
 * complete.
 */
const removeOrphans = async ({ folder, raw }: Pick<Place, "folder" | "raw">): Promise<void> => {
  const names = new Set(await readdir(folder).catch(() => []));
  for (const name of names) {
    const tensors = /^(step-\d{8,})\.safetensors$/.exec(name)?.[1];
    if (tensors !== undefined && !names.has(`${tensors}.json`))
      await removeQuietly(raw, join(folder, name));
  }
};

/** Removes files that a dead process left unfinished. */
export const tidy = async (folder: string, raw: RawDisk = realDisk): Promise<void> => {
  const names = await readdir(folder).catch(() => []);
  for (const name of names)
    if (name.endsWith(unfinished)) await removeQuietly(raw, join(folder, name));
};

const Mark = t.type({ format: t.literal(1), run: t.string, step: Natural });

/**
 * Reads the step of the newest checkpoint ever written; undefined if there was none. The left side
 * says why it is unknown.
 */
export const readMark = async (
  path: string,
  { run }: Pick<Belonging, "run">,
): Promise<Either<string, number | undefined>> => {
  const text = await readRegularText(path, 2 ** 16);
  if (isLeft(text)) return text.left === missing ? right(undefined) : text;
  const format = decodeFormat(text.right, [1]);
  const mark = isLeft(format) ? format : decodeSealed(Mark, text.right, false);
  if (isLeft(mark)) return mark;
  return mark.right.run === run ? right(mark.right.step) : left("belongs to another run");
};

const writeOnce = async (
  { folder, mark, belonging, raw }: CheckpointStore,
  { position, stepsPerEpoch, state, engine, log, measured, monitors, plateau }: Snapshot,
): Promise<Either<TrainingError, string>> => {
  const name = nameOf(position.step);
  const file = `${name}.safetensors`;
  const { run, spec } = belonging;
  const about = { format: stateMark, run, spec, step: String(position.step) };
  const tensors = await writeAtomically(raw, join(folder, file), encode(state, about));
  if (isLeft(tensors)) return tensors;
  const written = { file, ...tensors.right };
  const kept = { log, measured, monitors, plateau };
  const counters = { position, stepsPerEpoch, tensors: written, engine, ...kept };
  const pointer = { step: position.step, tensors: file, counters: `${name}.json` };
  const after = [
    [join(folder, `${name}.json`), encodeCounters(belonging, counters)],
    [join(folder, "latest.json"), jsonBytes(pointer)],
    [mark, jsonBytes(seal({ format: 1, run, step: position.step }))],
  ] as const;
  for (const [path, bytes] of after) {
    const done = await writeAtomically(raw, path, bytes);
    if (isLeft(done)) return done;
  }
  return right(join(folder, file));
};

/**
 * Writes a checkpoint and removes those that are not to be kept. If the disk is full, removes all
 * old ones except the newest, the best and the permanent ones, and tries again; if that fails, the
 * error names the step that is still safe.
 */
export const writeCheckpoint = async (
  store: CheckpointStore,
  snapshot: Snapshot,
): Promise<Either<TrainingError, string>> => {
  const created = await attempt(store.folder, () => makeAlone(store.folder));
  if (isLeft(created)) return created;
  let written = await writeOnce(store, snapshot);
  if (isLeft(written) && written.left.kind === "disk-full") {
    await prune(store, { ...store.keep, last: 1 });
    await removeOrphans(store);
    written = await writeOnce(store, snapshot);
  }
  if (isRight(written)) {
    await prune(store, store.keep);
    await removeOrphans(store);
  } else if (written.left.kind === "disk-full")
    return left({ ...written.left, saved: (await listCheckpoints(store.folder))[0] });
  return written;
};

/**
 * Moves checkpoints after `step` into the folder `set-aside`. A run that resumes from `step` passed
 * over them because they are damaged or foreign, so they must not count as its newest.
 */
export const setAside = async (
  folder: string,
  step: number,
  raw: RawDisk = realDisk,
): Promise<Either<TrainingError, undefined>> => {
  const newer = (await listCheckpoints(folder)).filter((other) => other > step);
  if (newer.length === 0) return right(undefined);
  const aside = join(folder, "set-aside");
  const made = await attempt(aside, () => mkdir(aside, { recursive: true }));
  if (isLeft(made)) return made;
  for (const name of newer.flatMap((n) => [`${nameOf(n)}.json`, `${nameOf(n)}.safetensors`]))
    await raw.rename(join(folder, name), join(aside, name)).catch(() => undefined);
  return right(undefined);
};
