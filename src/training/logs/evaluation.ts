/**
 * `evaluation/evaluation.json`, and the records that it shares with `measures.jsonl`: measures as
 * numbers.
 */
import { type Either, isLeft, left } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { readRegularText } from "../../data/files/regular-file.js";
import type { NetworkReadings } from "../../report/measures/index.js";
import { decodeFormat, decodeJson, Natural } from "../files/decode.js";

const MeasureCodec = t.type({
  /** `G`, or several networks in turn: `Dec(Enc(x))`. */
  network: t.string,
  /** Name in the table of measures. */
  name: t.string,
  value: t.number,
  /** Ends of the 95 % interval over images. */
  low: t.number,
  high: t.number,
  /** Number of images measured. */
  count: Natural,
  better: t.union([t.literal("lower"), t.literal("higher")]),
});

/** The measurements of one state of a run, after `step` steps and `epoch` complete epochs. */
export const MeasuredStateCodec = t.type({
  step: Natural,
  epoch: Natural,
  measures: t.readonlyArray(MeasureCodec),
});

export type MeasuredState = t.TypeOf<typeof MeasuredStateCodec>;

const Checkpoint = t.intersection([t.type({ checkpoint: t.string }), MeasuredStateCodec]);

const Split = t.union([t.literal("test"), t.literal("held"), t.literal("train")]);

export type Split = t.TypeOf<typeof Split>;

const EvaluationCodec = t.type({
  format: t.literal(1),
  /** The run's name, from its manifest. */
  run: t.string,
  /** Which images were used: test images, held-out images, or training images. */
  split: Split,
  /** Number of images, by domain. */
  images: t.record(t.string, Natural),
  /** Number of pairs of partners. */
  pairs: Natural,
  /** `last` and `best`, which may be the same state, or `step` for one requested by its step. */
  checkpoints: t.readonlyArray(Checkpoint),
  /** Reasons to doubt some of it, a sentence each. */
  doubts: t.readonlyArray(t.string),
});

export type EvaluationFile = t.TypeOf<typeof EvaluationCodec>;

export const measuresOf = (networks: readonly NetworkReadings[]): MeasuredState["measures"] =>
  networks.flatMap(({ name: network, readings }) =>
    readings.map(({ measure: { name, better }, measured: { mean, low, high, count } }) => ({
      network,
      name,
      value: mean,
      low,
      high,
      count,
      better,
    })),
  );

const mostBytes = 2 ** 24;

/** Reads `evaluation.json`. The left side completes a sentence that begins with the file's name. */
export const readEvaluation = async (path: string): Promise<Either<string, EvaluationFile>> => {
  const text = await readRegularText(path, mostBytes);
  if (isLeft(text)) return text;
  const format = decodeFormat(text.right, [1]);
  return isLeft(format) ? left(format.left) : decodeJson(EvaluationCodec, text.right);
};
