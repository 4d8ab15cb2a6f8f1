/**
 * Checkpoints: `step-00001000.safetensors` with the state, then `step-00001000.json` with the counters and the
 * fingerprint of the former, then `latest.json`, which points at them for readers from outside. Each is written
 * atomically, so a checkpoint is there as soon as its `.json` is, and a process that dies leaves the ones before it.
 * `saved.json`, beside the folder, remembers that there was one, whatever becomes of the folder.
 */
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Either, isLeft, isRight, left, right } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import type { State } from "../../contracts/tensor.js";
import { missing, readRegularText } from "../../data/files/regular-file.js";
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
  /** Which are kept: the others are removed after a new one is whole. */
  readonly keep: Keep;
  readonly raw: RawDisk;
}

/** What is written as one checkpoint. */
export interface Snapshot {
  readonly position: Position;
  /** With the images that are drawn from now. */
  readonly stepsPerEpoch: number;
  readonly state: State;
  readonly engine: string;
  /** Fingerprint of the log up to here. */
  readonly log?: string | undefined;
  /** What the state was measured at: the best of a run is kept as long as none is better. */
  readonly measured?: Measured | undefined;
  /** What the monitors know. */
  readonly monitors?: unknown;
}

type Place = Pick<CheckpointStore, "folder" | "belonging" | "raw">;

const removeQuietly = (raw: RawDisk, path: string): Promise<void> =>
  raw.unlink(path).catch(() => undefined);

/** The `.json` goes first: a tensors file without it counts for nothing. */
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

/** Removes tensors without their `.json`: a process died between the two, and a newer checkpoint is whole. */
const removeOrphans = async ({ folder, raw }: Pick<Place, "folder" | "raw">): Promise<void> => {
  const names = new Set(await readdir(folder).catch(() => []));
  for (const name of names) {
    const tensors = /^(step-\d{8,})\.safetensors$/.exec(name)?.[1];
    if (tensors !== undefined && !names.has(`${tensors}.json`))
      await removeQuietly(raw, join(folder, name));
  }
};

/** Removes what a process that died left unfinished. */
export const tidy = async (folder: string, raw: RawDisk = realDisk): Promise<void> => {
  const names = await readdir(folder).catch(() => []);
  for (const name of names)
    if (name.endsWith(unfinished)) await removeQuietly(raw, join(folder, name));
};

const Mark = t.type({ format: t.literal(1), run: t.string, step: Natural });

/** The step of the newest checkpoint that was ever written, where that is known; right(undefined): none was. */
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
  { position, stepsPerEpoch, state, engine, log, measured, monitors }: Snapshot,
): Promise<Either<TrainingError, string>> => {
  const name = nameOf(position.step);
  const file = `${name}.safetensors`;
  const { run, spec } = belonging;
  const about = { format: stateMark, run, spec, step: String(position.step) };
  const tensors = await writeAtomically(raw, join(folder, file), encode(state, about));
  if (isLeft(tensors)) return tensors;
  const written = { file, ...tensors.right };
  const counters = { position, stepsPerEpoch, tensors: written, engine, log, measured, monitors };
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
 * Writes a checkpoint and removes those that are kept no longer. When the disk is full, all of the old ones are given up for
 * its sake but the newest, the best, and those that are kept for good; if that does not help, the error names the step that
 * is still safe.
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
 * Moves checkpoints past `step` into the folder `set-aside`: a run that goes on from `step` has passed them over because
 * they are damaged or foreign, and they must not count as its newest.
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
