/** Which checkpoints of a run are kept: the newest few, one now and then, and the best by a measure. */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { recordOf } from "../../base/record.js";
import { nearest } from "../../base/suggest.js";
import { Positive } from "../files/decode.js";
import type { Position } from "../program/schedule.js";

const Every = t.partial({ steps: Positive, epochs: Positive });

/** As it is written down and given: what is not said is as before. */
export const KeepParts = t.partial({
  /** How many of the newest. */
  last: t.union([Positive, t.literal("all")]),
  /** One of each so many steps or epochs, for good; empty: none. */
  every: Every,
  /** The best by what a run is measured by. */
  best: t.boolean,
});

export type KeepParts = t.TypeOf<typeof KeepParts>;

export interface Keep {
  readonly last: number | "all";
  readonly every: t.TypeOf<typeof Every>;
  readonly best: boolean;
}

/** The newest, two to fall back to, and the best where the run is measured. */
export const defaultKeep: Keep = { last: 3, every: {}, best: true };

const said = (part: KeepParts): Partial<Keep> =>
  recordOf(Object.entries(part).filter(([, value]) => value !== undefined));

/** Part by part what is said now, else what the run began with, else the default. */
export const keepOf = (begun: KeepParts = {}, now: KeepParts = {}): Keep => ({
  ...defaultKeep,
  ...said(begun),
  ...said(now),
});

/** What a checkpoint was measured at. */
export const MeasuredCodec = t.type({
  /** For example `G: L1 to the partner`: values of one name are compared, and no others. */
  measure: t.string,
  value: t.number,
  better: t.union([t.literal("lower"), t.literal("higher")]),
});

export type Measured = t.TypeOf<typeof MeasuredCodec>;

/** A checkpoint as far as it matters for whether it stays. */
export interface Candidate {
  readonly step: number;
  readonly epoch: number;
  readonly stepInEpoch: number;
  readonly measured: Measured | undefined;
  /** The first step whose weights are spoilt, where a loss has exploded by then. */
  readonly exploded?: number | undefined;
}

/** The newest from before a loss exploded: what comes after pushes it out otherwise. */
const lastGood = (newestFirst: readonly Candidate[]): number | undefined => {
  const exploded = newestFirst[0]?.exploded;
  return exploded === undefined ? undefined : newestFirst.find(({ step }) => step < exploded)?.step;
};

/** Whether a checkpoint at this position is one of those that are kept for good. */
export const isMilestone = (
  { steps, epochs }: Keep["every"],
  { step, epoch, stepInEpoch }: Pick<Position, "step" | "epoch" | "stepInEpoch">,
): boolean =>
  (steps !== undefined && step > 0 && step % steps === 0) ||
  (epochs !== undefined && epoch > 0 && stepInEpoch === 0 && epoch % epochs === 0);

const isBetter = (a: Measured, b: Measured): boolean =>
  a.better === "lower" ? a.value < b.value : a.value > b.value;

/**
 * The best of some checkpoints: by the measure of the newest that has one, and the earliest of equals. Undefined where none
 * was measured.
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

/** The steps of those that are not kept beside the newest. */
export const surplus = (keep: Keep, all: readonly Candidate[]): readonly number[] => {
  if (keep.last === "all") return [];
  const newestFirst = [...all].sort((a, b) => b.step - a.step);
  const pinned = [keep.best ? bestOf(all)?.step : undefined, lastGood(newestFirst)];
  return newestFirst
    .slice(keep.last)
    .filter((one) => !pinned.includes(one.step) && !isMilestone(keep.every, one))
    .map(({ step }) => step);
};

/** Checkpoints that lie on the disk at once, at most, over so many epochs; of `all` and of steps that is not foreseen. */
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
  return left(`"${text}" says nothing of what to keep${guess}: ${example}`);
};

/** Reads `last=3, every=10 epochs, best`. The error says what is allowed. */
export const parseKeep = (text: string): Either<string, KeepParts> => {
  let parts: KeepParts = {};
  for (const piece of text.split(",").map((one) => one.trim())) {
    const part = piece === "" ? left(`a part is empty: ${example}`) : partOf(piece);
    if (isLeft(part)) return part;
    const twice = Object.keys(part.right).find((key) => key in parts);
    if (twice !== undefined)
      return left(`"${piece}" says again, or otherwise, what a part before it says`);
    parts = { ...parts, ...part.right };
  }
  return right(parts);
};

/** For example `last=3, every=10 epochs, best`. */
export const keepText = ({ last, every, best }: Keep): string =>
  [
    last === "all" ? "all" : `last=${last}`,
    ...(every.steps === undefined ? [] : [`every=${every.steps} steps`]),
    ...(every.epochs === undefined ? [] : [`every=${every.epochs} epochs`]),
    ...(best ? ["best"] : []),
  ].join(", ");
