/**
 * `measures.jsonl`: a line for each measurement on held-out images during training. A run that
 * resumes from a checkpoint drops the lines of later steps and makes them again.
 */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { missing } from "../../data/files/regular-file.js";
import { MeasuredCodec } from "../checkpoints/keep.js";
import { type RawDisk, textBytes, writeAtomically } from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";
import { appendJsonLine, readJsonLines } from "../files/json-lines.js";
import { readLines } from "../files/lines.js";
import { MeasuredStateCodec } from "./evaluation.js";

const LineCodec = t.intersection([
  MeasuredStateCodec,
  /** Score that chooses the best checkpoint. */
  t.partial({ score: MeasuredCodec }),
]);

export type MeasuresLine = t.TypeOf<typeof LineCodec>;

/** Reads the whole file. The left side completes a sentence that begins with its name. */
export const readMeasures = (path: string): Promise<Either<string, readonly MeasuresLine[]>> =>
  readJsonLines(path, LineCodec);

const lineOf = (line: MeasuresLine): string => `${JSON.stringify(line)}\n`;

/** Keeps the lines up to step `step`, as an uninterrupted run would have written them. */
export const cutMeasures = async (
  raw: RawDisk,
  path: string,
  step: number,
): Promise<Either<TrainingError, void>> => {
  let lines = 0;
  const size = await readLines(path, () => lines++);
  if (isLeft(size)) {
    if (size.left === missing) return right(undefined);
    return left({ kind: "file", path, reason: `it ${size.left}` });
  }
  const read = await readMeasures(path);
  if (isLeft(read)) return left({ kind: "file", path, reason: `it ${read.left}` });
  const kept = read.right.filter((line) => line.step <= step);
  const bytes = textBytes(kept.map(lineOf).join(""));
  const whole = bytes.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (kept.length === lines && whole === size.right) return right(undefined);
  const written = await writeAtomically(raw, path, bytes);
  return isLeft(written) ? written : right(undefined);
};

export const appendMeasures = (
  raw: RawDisk,
  path: string,
  line: MeasuresLine,
): Promise<Either<TrainingError, void>> => appendJsonLine(path, line, raw);
