/**
 * Chooses the checkpoints of a run to keep: the newest few, one at regular intervals, and the best
 * by a measure.
 */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { recordOf } from "../../base/record.js";
import { nearest } from "../../base/suggest.js";
import { Positive } from "../files/decode.js";
import type { Position } from "../program/schedule.js";

const Every = t.partial({ steps: Positive, epochs: Positive });

/** The setting as given and stored. A missing part keeps its earlier value. */
export const KeepParts = t.partial({
  /** Number of newest checkpoints. */
  last: t.union([Positive, t.literal("all")]),
  /** Interval in steps or epochs of checkpoints to keep for good; empty for none. */
  every: Every,
  /** Whether to keep the best measured checkpoint. */
  best: t.boolean,
});

export type KeepParts = t.TypeOf<typeof KeepParts>;

export interface Keep {
  readonly last: number | "all";
  readonly every: t.TypeOf<typeof Every>;
  readonly best: boolean;
}

/** The newest, two to fall back to, and the best if the run is measured. */
export const defaultKeep: Keep = { last: 3, every: {}, best: true };

const said = (part: KeepParts): Partial<Keep> =>
  recordOf(Object.entries(part).filter(([, value]) => value !== undefined));

/**
 * Combines the setting part by part: the current one, else the one at the beginning of the run,
 * else the default.
 */
export const keepOf = (begun: KeepParts = {}, now: KeepParts = {}): Keep => ({
  ...defaultKeep,
  ...said(begun),
  ...said(now),
});

/** Measurement of a checkpoint. */
export const MeasuredCodec = t.type({
  /** For example `G: L1 to the partner`. Only values with the same description are compared. */
  measure: t.string,
  value: t.number,
  better: t.union([t.literal("lower"), t.literal("higher")]),
});

export type Measured = t.TypeOf<typeof MeasuredCodec>;

/** The facts of a checkpoint that decide whether it is kept. */
export interface Candidate {
  readonly step: number;
  readonly epoch: number;
  readonly stepInEpoch: number;
  readonly measured: Measured | undefined;
  /** First step with spoilt weights, if a loss has exploded by then. */
  readonly exploded?: number | undefined;
}

/**
 * Finds the newest checkpoint from before a loss exploded, which later ones would otherwise push
 * out.
 */
const lastGood = (newestFirst: readonly Candidate[]): number | undefined => {
  const exploded = newestFirst[0]?.exploded;
  return exploded === undefined ? undefined : newestFirst.find(({ step }) => step < exploded)?.step;
};

/** Tells whether a checkpoint at this position is kept for good. */
export const isMilestone = (
  { steps, epochs }: Keep["every"],
  { step, epoch, stepInEpoch }: Pick<Position, "step" | "epoch" | "stepInEpoch">,
): boolean =>
  (steps !== undefined && step > 0 && step % steps === 0) ||
  (epochs !== undefined && epoch > 0 && stepInEpoch === 0 && epoch % epochs === 0);

const isBetter = (a: Measured, b: Measured): boolean =>
  a.better === "lower" ? a.value < b.value : a.value > b.value;

/**
 * Finds the best checkpoint by the measure of the newest measured one; the earliest wins a tie.
 * Undefined if none was measured.
 */
export const bestOf = <C extends Pick<Candidate, "step" | "measured">>(
  all: readonly C[],
): (C & { readonly measured: Measured }) | undefined => {
  const measured = all
    .flatMap((one) => (one.measured === undefined ? [] : [{ ...one, measured: one.measured }]))
    .sort((a, b) => a.step - b.step);
  const name = measured.at(-1)?.measured.measure;
  return measured
    .filter(({ measured: { measure } }) => measure === name)
    .reduce<(C & { readonly measured: Measured }) | undefined>(
      (best, one) => (best === undefined || isBetter(one.measured, best.measured) ? one : best),
      undefined,
    );
};

/** Lists the steps of checkpoints to remove. */
export const surplus = (keep: Keep, all: readonly Candidate[]): readonly number[] => {
  if (keep.last === "all") return [];
  const newestFirst = [...all].sort((a, b) => b.step - a.step);
  const pinned = [keep.best ? bestOf(all)?.step : undefined, lastGood(newestFirst)];
  return newestFirst
    .slice(keep.last)
    .filter((one) => !pinned.includes(one.step) && !isMilestone(keep.every, one))
    .map(({ step }) => step);
};

/**
 * Bounds the number of checkpoints on disk at once over so many epochs. With `all`, or intervals in
 * steps, the number cannot be foreseen, and they are not counted.
 */
export const keptAtMost = ({ last, every, best }: Keep, epochs: number): number =>
  (last === "all" ? 1 : last) +
  (best ? 1 : 0) +
  (every.epochs === undefined ? 0 : Math.floor(epochs / every.epochs));

const words = ["last", "every", "best", "no-best", "all"] as const;

const example = 'write for example "last=3", "every=10 epochs", "best", "no-best" or "all"';

const everyOf = (text: string): Either<string, Keep["every"]> => {
  if (text === "never") return right({});
  const [, digits, unit] = /^(\d+)\s*([a-z]+)$/.exec(text) ?? [];
  const every = Number(digits);
  if (unit !== undefined && /^m(?:in(?:ute)?s?)?$|^h(?:ours?)?$/.test(unit))
    return left(
      `"every=${text}": checkpoints are kept by steps or epochs; --checkpoint-every takes minutes`,
    );
  const isEvery = Number.isSafeInteger(every) && every > 0;
  if (isEvery && /^steps?$/.test(unit ?? "")) return right({ steps: every });
  if (isEvery && /^epochs?$/.test(unit ?? "")) return right({ epochs: every });
  return left(`"every=${text}": write for example "every=10 epochs" or "every=5000 steps"`);
};

const partOf = (text: string): Either<string, KeepParts> => {
  const [, word = "", rest = ""] = /^([a-z-]+)\s*[=:]?\s*(.*)$/.exec(text) ?? [];
  if (word === "last" && /^\d+$/.test(rest)) {
    const last = Number(rest);
    return Number.isSafeInteger(last) && last > 0
      ? right({ last })
      : left(`"${text}": the newest is always kept, so 1 is the least`);
  }
  if (word === "last") return left(`"${text}": write for example "last=3"`);
  if (word === "every") {
    const every = everyOf(rest);
    return isLeft(every) ? every : right({ every: every.right });
  }
  if (rest === "" && word === "best") return right({ best: true });
  if (rest === "" && word === "no-best") return right({ best: false });
  if (rest === "" && word === "all") return right({ last: "all" });
  const meant = nearest(word, words)?.name;
  const guess = meant === undefined || meant === word ? "" : ` (is "${meant}" meant?)`;
  return left(`"${text}" does not say what to keep${guess}: ${example}`);
};

/** Reads `last=3, every=10 epochs, best`. The left side says what is allowed. */
export const parseKeep = (text: string): Either<string, KeepParts> => {
  let parts: KeepParts = {};
  for (const piece of text.split(",").map((one) => one.trim())) {
    const part = piece === "" ? left(`a part is empty: ${example}`) : partOf(piece);
    if (isLeft(part)) return part;
    const twice = Object.keys(part.right).find((key) => key in parts);
    if (twice !== undefined) return left(`"${piece}" repeats or contradicts an earlier part`);
    parts = { ...parts, ...part.right };
  }
  return right(parts);
};
