/** Lists checkpoints and reads their counters. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { faultAt, missing, readRegularText } from "../../data/files/regular-file.js";
import { explodedAt } from "../monitors/watch.js";
import { type Belonging, type Counters, decodeCounters } from "./counters.js";
import { bestOf, type Candidate, type Measured } from "./keep.js";

/** Returns the common name of a checkpoint's files. */
export const nameOf = (step: number): string => `step-${String(step).padStart(8, "0")}`;

const pattern = /^step-(\d{8,})\.json$/;

const stepsIn = (names: readonly string[]): readonly number[] =>
  names
    .flatMap((name) => {
      const digits = pattern.exec(name)?.[1];
      return digits === undefined ? [] : [Number(digits)];
    })
    .sort((a, b) => b - a);

/** Lists the steps of checkpoints, newest first, without checking that they are intact. */
export const listCheckpoints = async (folder: string): Promise<readonly number[]> =>
  stepsIn(await readdir(folder).catch(() => []));

export interface Listed {
  /** Newest first. */
  readonly steps: readonly number[];
  /** Whether `latest.json` points at a checkpoint. */
  readonly hasPointer: boolean;
}

/**
 * Lists checkpoints as `listCheckpoints` does, if the folder can be read. The left side completes a
 * sentence that begins with its name.
 */
export const surveyCheckpoints = async (folder: string): Promise<Either<string, Listed>> => {
  try {
    const names = await readdir(folder);
    return right({ steps: stepsIn(names), hasPointer: names.includes("latest.json") });
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    return left(code === "ENOTDIR" ? "is a file, not a folder" : await faultAt(folder, thrown));
  }
};

/** Most bytes of a file of counters, which are a few lines of JSON. */
const mostCounters = 2 ** 20;

/**
 * Reads the counters of the checkpoint of step `step`. The left side completes a sentence that
 * begins with the file's name.
 */
export const readCounters = async (
  folder: string,
  belonging: Belonging,
  step: number,
): Promise<Either<string, Counters>> => {
  const text = await readRegularText(join(folder, `${nameOf(step)}.json`), mostCounters);
  return isLeft(text) ? text : decodeCounters(text.right, belonging, step);
};

/** Summarises one checkpoint. Undefined if its counters cannot be read now. */
const candidateOf = async (
  folder: string,
  belonging: Belonging,
  step: number,
): Promise<Candidate | undefined> => {
  const text = await readRegularText(join(folder, `${nameOf(step)}.json`), mostCounters);
  if (isLeft(text) && text.left !== missing) return undefined;
  const counters = isLeft(text) ? text : decodeCounters(text.right, belonging, step);
  // A damaged checkpoint is of no use, so it gets no position that counts and no measurement.
  if (isLeft(counters)) return { step, epoch: 0, stepInEpoch: 0, measured: undefined };
  const { position, measured, monitors } = counters.right;
  const { epoch, stepInEpoch } = position;
  return { step, epoch, stepInEpoch, measured, exploded: explodedAt(monitors) };
};

/**
 * Summarises the checkpoints in the folder, newest first, without those that cannot be read now.
 */
export const candidatesIn = async (
  folder: string,
  belonging: Belonging,
): Promise<readonly Candidate[]> => {
  const found: Candidate[] = [];
  for (const step of await listCheckpoints(folder)) {
    const candidate = await candidateOf(folder, belonging, step);
    if (candidate !== undefined) found.push(candidate);
  }
  return found;
};

/** The best measured checkpoint. */
export interface Best extends Measured {
  readonly step: number;
}

/**
 * Finds the best measured checkpoint in the folder, by the newest measure. Undefined if none was
 * measured.
 */
export const findBest = async (folder: string, belonging: Belonging): Promise<Best | undefined> => {
  const best = bestOf(await candidatesIn(folder, belonging));
  return best === undefined ? undefined : { step: best.step, ...best.measured };
};
