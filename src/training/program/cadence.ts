/**
 * How often something happens during training: every so many steps, epochs or minutes, whichever
 * comes first.
 */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { Position } from "./schedule.js";

export interface Cadence {
  readonly steps?: number;
  readonly epochs?: number;
  readonly minutes?: number;
  /** Least minutes between two times, whatever the others say. Default 0. */
  readonly apart?: number;
}

/** Tells whether it ever happens. */
export const isEver = ({ steps, epochs, minutes }: Cadence): boolean =>
  steps !== undefined || epochs !== undefined || minutes !== undefined;

/**
 * Tells whether it is due after a step from `before` to `after`. `last` is the position of the last
 * time; only the minutes use it, and its `elapsed` may be later than that of `after`'s neighbours.
 */
export const isDue = (
  { steps, epochs, minutes, apart = 0 }: Cadence,
  before: Position,
  after: Position,
  last: Position,
): boolean =>
  after.elapsed - last.elapsed >= apart * 60_000 &&
  ((steps !== undefined && after.step % steps === 0) ||
    (epochs !== undefined && after.epoch > before.epoch && after.epoch % epochs === 0) ||
    (minutes !== undefined && after.elapsed - last.elapsed >= minutes * 60_000));

const units: Readonly<Record<string, keyof Cadence>> = {
  step: "steps",
  steps: "steps",
  epoch: "epochs",
  epochs: "epochs",
  m: "minutes",
  min: "minutes",
  minute: "minutes",
  minutes: "minutes",
};

const noInterval = (text: string, examples: string): Either<string, never> =>
  left(`"${text}" is not an interval: write for example ${examples} or "never"`);

/** Reads `100 steps`, `2epochs`, `5min` or `never`. The left side says what is allowed. */
export const parseCadence = (
  text: string,
  examples = '"100 steps", "1 epoch", "5 min"',
): Either<string, Cadence> => {
  if (text.trim() === "never") return right({});
  const [, digits, word] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/.exec(text) ?? [];
  const unit = units[word ?? ""];
  const every = Number(digits);
  const whole = unit === "minutes" || Number.isSafeInteger(every);
  return unit !== undefined && every > 0 && whole
    ? right({ [unit]: every })
    : noInterval(text, examples);
};

/** Reads a cadence without minutes, for what must happen at the same steps in a repeated run. */
export const parseCounts = (text: string): Either<string, Cadence> => {
  const examples = '"500 steps", "1 epoch"';
  const parsed = parseCadence(text, examples);
  if (isLeft(parsed) || parsed.right.minutes === undefined) return parsed;
  return left(
    `"${text}" is a time, but only counts are allowed here, so that a resumed run equals an uninterrupted one: write for example ${examples} or "never"`,
  );
};
