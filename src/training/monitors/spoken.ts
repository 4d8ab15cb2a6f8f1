/** `monitors.jsonl`: a line for each message of a monitor. Each monitor speaks once in a run. */
import { type Either, isLeft, right } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { Natural } from "../files/decode.js";
import { attempt, type RawDisk, realDisk, textBytes, writeAtomically } from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";
import { readJsonLines } from "../files/json-lines.js";

export const Spoken = t.type({
  /** Steps and whole epochs made when it spoke. */
  step: Natural,
  epoch: Natural,
  monitor: t.string,
  /** `stop` if it ended the run. */
  level: t.union([t.literal("warning"), t.literal("stop")]),
  /** Whole sentences. */
  saw: t.string,
  means: t.string,
  write: t.string,
});

export type Spoken = t.TypeOf<typeof Spoken>;

/**
 * Reads the monitors' messages of a run, in order. The left side completes a sentence that begins
 * with the file's name.
 */
export const readSpoken = ({
  monitors,
}: {
  readonly monitors: string;
}): Promise<Either<string, readonly Spoken[]>> => readJsonLines(monitors, Spoken);

/**
 * Writes the whole file anew: it has few lines, and is never torn. Without lines there is no file.
 */
export const writeSpoken = async (
  path: string,
  lines: readonly Spoken[],
  raw: RawDisk = realDisk,
): Promise<Either<TrainingError, unknown>> => {
  if (lines.length > 0)
    return writeAtomically(
      raw,
      path,
      textBytes(lines.map((one) => `${JSON.stringify(one)}\n`).join("")),
    );
  const gone = await attempt(path, () => raw.unlink(path));
  // A file that does not exist is as it should be.
  return isLeft(gone) ? right(undefined) : gone;
};
