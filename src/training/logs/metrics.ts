/**
 * `metrics.jsonl`: one line of JSON for each step, in order, as an uninterrupted run would have
 * written it.
 */
import { createHash, type Hash } from "node:crypto";
import { open, truncate } from "node:fs/promises";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { missing } from "../../data/files/regular-file.js";
import { Duration, decodeJson, Natural } from "../files/decode.js";
import { attempt, type RawDisk, writeAtomically } from "../files/disk.js";
import type { TrainingError } from "../files/errors.js";
import { type Line, readLines } from "../files/lines.js";
import type { MetricsLine, MetricsLog } from "./metrics-log.js";
import { openLog } from "./open-log.js";

export const Logged = t.type({
  step: Natural,
  epoch: Natural,
  rate: t.number,
  elapsed: Duration,
  metrics: t.record(t.string, t.number),
});

export type Logged = t.TypeOf<typeof Logged>;

const decodeLine = (text: string): Logged | undefined => {
  const logged = decodeJson(Logged, text);
  return isLeft(logged) ? undefined : logged.right;
};

/** The contents of a log for the steps before some step. */
export interface Survey {
  readonly isThere: boolean;
  /** Number of steps logged, without later ones. */
  readonly steps: number;
  /** Missing steps, `to` excluded. */
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
  /** Number of lines that are invalid or out of place. */
  readonly strangers: number;
  /** Byte ranges to keep: the lines of earlier steps, in order. */
  readonly kept: readonly { readonly begin: number; readonly end: number }[];
  /** Size of the file in bytes. */
  readonly size: number;
  /** Hash over the ranges to keep. */
  readonly hash: Hash;
}

/** A line of the log with its place in the file. */
interface Placed extends Pick<Line, "text" | "begin" | "end"> {
  readonly step: number;
}

/** Surveys the lines of a log one by one. */
class Surveyor {
  private readonly kept: { begin: number; end: number }[] = [];
  private readonly gaps: { from: number; to: number }[] = [];
  private steps = 0;
  private strangers = 0;
  private expected = 0;
  /**
   * A line ahead of its place. The next one shows whether lines before it are lost or it is damaged
   * itself.
   */
  private ahead: Placed | undefined;
  private readonly hash = createHash("sha256");

  /**
   * Surveys the lines before a step.
   * @param before lines of that step and later ones are ignored
   */
  constructor(private readonly before: number) {}

  take({ text, begin, end, isWhole }: Line): void {
    const line = isWhole ? decodeLine(text) : undefined;
    // A line without an end was being written when a process died.
    if (line === undefined) this.strangers += isWhole ? 1 : 0;
    else if (line.step < this.before) this.place({ step: line.step, text, begin, end });
  }

  private place(line: Placed): void {
    const { ahead } = this;
    this.ahead = undefined;
    if (ahead !== undefined && line.step === ahead.step + 1) this.keep(ahead);
    else if (ahead !== undefined) this.strangers++;
    if (line.step === this.expected) this.keep(line);
    else if (line.step > this.expected) this.ahead = line;
    else this.strangers++;
  }

  private keep({ step, text, begin, end }: Placed): void {
    this.hash.update(`${text}\n`);
    if (step > this.expected) this.gaps.push({ from: this.expected, to: step });
    this.expected = step + 1;
    this.steps++;
    const last = this.kept.at(-1);
    if (last?.end === begin) last.end = end;
    else this.kept.push({ begin, end });
  }

  /**
   * Returns the survey.
   * @param size of the file in bytes; undefined if there is none
   */
  finish(size: number | undefined): Survey {
    if (this.ahead !== undefined) this.keep(this.ahead);
    const { steps, strangers, kept, gaps, expected, before, hash } = this;
    if (expected < before && before < Infinity) gaps.push({ from: expected, to: before });
    return { isThere: size !== undefined, steps, gaps, strangers, kept, size: size ?? 0, hash };
  }
}

/**
 * Surveys a log for a run that resumes at step `before`, or for all of its steps. The left side
 * completes a sentence that begins with the file's name.
 */
export const surveyMetrics = async (
  path: string,
  before = Infinity,
): Promise<Either<string, Survey>> => {
  const surveyor = new Surveyor(before);
  const size = await readLines(path, (line) => surveyor.take(line));
  if (isLeft(size) && size.left !== missing) return size;
  return right(surveyor.finish(isLeft(size) ? undefined : size.right));
};

const range = ({ from, to }: { readonly from: number; readonly to: number }): string =>
  to - from === 1 ? `${from}` : `${from} to ${to - 1}`;

/** Most gaps that a notice lists. */
const shown = 3;

/** Writes, for example, `step 7`, `steps 7 to 9, 12`. */
const stepsIn = (gaps: Survey["gaps"]): string => {
  const [first] = gaps;
  const isOne = gaps.length === 1 && first !== undefined && first.to - first.from === 1;
  const more = gaps.length > shown ? `, and ${gaps.length - shown} more stretches` : "";
  return `${isOne ? "step" : "steps"} ${gaps.slice(0, shown).map(range).join(", ")}${more}`;
};

/**
 * Tells whether a complete and ordered log was changed since the checkpoint recorded its
 * fingerprint.
 */
const changeIn = ({ gaps, strangers, hash }: Survey, known: string | undefined): boolean =>
  known !== undefined &&
  gaps.length === 0 &&
  strangers === 0 &&
  hash.copy().digest("hex") !== known;

/**
 * Lists what the user should know of a log before a run resumes, a line each; usually nothing.
 * `known` is its fingerprint in the checkpoint.
 */
export const noticesOf = (survey: Survey, known?: string): readonly string[] => {
  const { isThere, gaps, strangers } = survey;
  const lost = `the losses of ${stepsIn(gaps)}`;
  const ofGaps = isThere
    ? `metrics.jsonl was damaged: it has lost ${lost}.`
    : `metrics.jsonl is missing: ${lost} are lost.`;
  const ofStrangers = `metrics.jsonl held ${strangers === 1 ? "a line" : `${strangers} lines`} that cannot be read or stood out of order: taken out.`;
  const ofChange =
    "metrics.jsonl was changed since the checkpoint was written: some of its numbers are not those that were logged.";
  return [
    ...(gaps.length > 0 ? [ofGaps] : []),
    ...(strangers > 0 ? [ofStrangers] : []),
    ...(changeIn(survey, known) ? [ofChange] : []),
  ];
};

/** Reads ranges of a file, one after the other. */
const copied = async (path: string, stretches: Survey["kept"]): Promise<readonly Uint8Array[]> => {
  const handle = await open(path, "r");
  try {
    const pieces: Uint8Array[] = [];
    for (const { begin, end } of stretches) {
      const piece = Buffer.alloc(end - begin);
      const { bytesRead } = await handle.read(piece, 0, piece.length, begin);
      pieces.push(piece.subarray(0, bytesRead));
    }
    return pieces;
  } finally {
    await handle.close();
  }
};

/** Cuts a log down to the ranges to keep. */
const cut = async (
  raw: RawDisk,
  path: string,
  { isThere, kept, size }: Survey,
): Promise<Either<TrainingError, unknown>> => {
  const [first = { begin: 0, end: 0 }] = kept;
  const isBeginning = kept.length <= 1 && first.begin === 0;
  if (!isThere || (isBeginning && first.end === size)) return right(undefined);
  // Usually only the end goes, so a long log need not be written again.
  if (isBeginning) return attempt(path, () => truncate(path, first.end));
  const pieces = await attempt(path, () => copied(path, kept));
  return isLeft(pieces) ? pieces : writeAtomically(raw, path, pieces.right);
};

/**
 * Opens the log for a run that resumes at `step`. Removes lines of that step and later ones, which
 * will be made again, and lines that do not belong. `surveyMetrics` and `noticesOf` report these
 * beforehand.
 */
export const openMetrics = async (
  raw: RawDisk,
  path: string,
  step: number,
): Promise<Either<TrainingError, MetricsLog>> => {
  const survey = await surveyMetrics(path, step);
  if (isLeft(survey)) return left({ kind: "file", path, reason: `it ${survey.left}` });
  const done = await cut(raw, path, survey.right);
  if (isLeft(done)) return done;
  return openLog(raw, path, survey.right.hash);
};

/**
 * Calls `each` with every complete line of the log at `path`. The left side completes a sentence
 * that begins with its name.
 */
export const eachMetrics = (
  path: string,
  each: (line: MetricsLine) => void,
): Promise<Either<string, number>> =>
  readLines(path, ({ text }) => {
    const line = decodeLine(text);
    if (line !== undefined) each(line);
  });

/** Reads the metrics of every complete line of the log at `path`; none if there is no log. */
export const readMetrics = async (
  path: string,
): Promise<readonly Pick<Logged, "step" | "metrics">[]> => {
  const lines: MetricsLine[] = [];
  await eachMetrics(path, (line) => void lines.push(line));
  return lines;
};
