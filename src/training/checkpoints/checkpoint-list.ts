/** What checkpoints there are, and what each says of itself beside its tensors. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { faultAt, missing, readRegularText } from "../../data/files/regular-file.js";
import { explodedAt } from "../monitors/watch.js";
import { type Belonging, type Counters, decodeCounters } from "./counters.js";
import { bestOf, type Candidate, type Measured } from "./keep.js";

/** The common name of a checkpoint's files. */
export const nameOf = (step: number): string => `step-${String(step).padStart(8, "0")}`;

const pattern = /^step-(\d{8,})\.json$/;

const stepsIn = (names: readonly string[]): readonly number[] =>
  names
    .flatMap((name) => {
      const digits = pattern.exec(name)?.[1];
      return digits === undefined ? [] : [Number(digits)];
    })
    .sort((a, b) => b - a);

/** Steps of the checkpoints that are listed, newest first; nothing is said of whether they are whole. */
export const listCheckpoints = async (folder: string): Promise<readonly number[]> =>
  stepsIn(await readdir(folder).catch(() => []));

export interface Listed {
  /** Newest first. */
  readonly steps: readonly number[];
  /** Whether `latest.json` points at a checkpoint. */
  readonly hasPointer: boolean;
}

/** As `listCheckpoints`, where the folder can be read; the left side completes a sentence that begins with its name. */
export const surveyCheckpoints = async (folder: string): Promise<Either<string, Listed>> => {
  try {
    const names = await readdir(folder);
    return right({ steps: stepsIn(names), hasPointer: names.includes("latest.json") });
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    return left(code === "ENOTDIR" ? "is a file, not a folder" : await faultAt(folder, thrown));
  }
};

/** Counters are a few lines of JSON. */
const mostCounters = 2 ** 20;

/** Reads the counters of the checkpoint of step `step`; the reason completes a sentence that begins with the file's name. */
export const readCounters = async (
  folder: string,
  belonging: Belonging,
  step: number,
): Promise<Either<string, Counters>> => {
  const text = await readRegularText(join(folder, `${nameOf(step)}.json`), mostCounters);
  return isLeft(text) ? text : decodeCounters(text.right, belonging, step);
};

/** What is known of one checkpoint; undefined where its counters cannot be read now. */
const candidateOf = async (
  folder: string,
  belonging: Belonging,
  step: number,
): Promise<Candidate | undefined> => {
  const text = await readRegularText(join(folder, `${nameOf(step)}.json`), mostCounters);
  if (isLeft(text) && text.left !== missing) return undefined;
  const counters = isLeft(text) ? text : decodeCounters(text.right, belonging, step);
  // What is damaged is no use to anybody: it is at no place that counts, and nobody measured it.
  if (isLeft(counters)) return { step, epoch: 0, stepInEpoch: 0, measured: undefined };
  const { position, measured, monitors } = counters.right;
  const { epoch, stepInEpoch } = position;
  return { step, epoch, stepInEpoch, measured, exploded: explodedAt(monitors) };
};

/** What is known of the checkpoints in the folder, newest first; those that cannot be read now are left out. */
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

/** The checkpoint that was measured best. */
export interface Best extends Measured {
  readonly step: number;
}

/** The best of the checkpoints in the folder that were measured, by the newest measure; undefined where there is none. */
export const findBest = async (folder: string, belonging: Belonging): Promise<Best | undefined> => {
  const best = bestOf(await candidatesIn(folder, belonging));
  return best === undefined ? undefined : { step: best.step, ...best.measured };
};
