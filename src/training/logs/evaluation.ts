/** `evaluation/evaluation.json`, and what it shares with `measures.jsonl`: measures as numbers. */
import { type Either, isLeft, left } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { readRegularText } from "../../data/files/regular-file.js";
import type { NetworkReadings } from "../../report/measures/index.js";
import { decodeFormat, decodeJson, Natural } from "../files/decode.js";

const MeasureCodec = t.type({
  /** `G`, or of several in a row `Dec(Enc(x))`. */
  network: t.string,
  /** As the table of measures has it. */
  name: t.string,
  value: t.number,
  /** Ends of the 95 % interval over images. */
  low: t.number,
  high: t.number,
  /** Images that it is of. */
  count: Natural,
  better: t.union([t.literal("lower"), t.literal("higher")]),
});

/** Of one state of a run: after `step` steps, `epoch` of its epochs whole. */
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
  /** Of the manifest. */
  run: t.string,
  /**
   * Which images it is of: those of the test folders, those that were held out, or those that were
   * trained on.
   */
  split: Split,
  /** By domain, how many. */
  images: t.record(t.string, Natural),
  /** How many of them are partners. */
  pairs: Natural,
  /**
   * `last` and `best`; `step` of one that was asked for by its step. Of one that is both, `last`
   * and `best` hold the same.
   */
  checkpoints: t.readonlyArray(Checkpoint),
  /** Why some of it tells little, a sentence each. */
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

/** Reads `evaluation.json`; the reason completes a sentence that begins with the file's name. */
export const readEvaluation = async (path: string): Promise<Either<string, EvaluationFile>> => {
  const text = await readRegularText(path, mostBytes);
  if (isLeft(text)) return text;
  const format = decodeFormat(text.right, [1]);
  return isLeft(format) ? left(format.left) : decodeJson(EvaluationCodec, text.right);
};
