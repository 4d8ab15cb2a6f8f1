/** What a monitor is: a fold over a training that may speak, and what it is shown. */
import type * as t from "io-ts";
import type { Metrics } from "../../contracts/session.js";
import type { SpecProgram } from "../program/program.js";
import type { Position } from "../program/schedule.js";

/** What a monitor says, whole sentences each. */
export interface Word {
  /** What it saw, with the numbers. */
  readonly saw: string;
  /** What that mostly means. */
  readonly means: string;
  /** What to write in the spec. */
  readonly write: string;
}

/** What stays the same throughout a run. */
export interface Setting {
  readonly program: Pick<SpecProgram, "domains" | "networks" | "recipe" | "players" | "draws">;
  readonly stepsPerEpoch: number;
  /** Epochs that the run as a whole will have: fewer than the schedule's where it is stopped before. */
  readonly epochs: number;
}

/** A step that was made. */
export interface Step {
  /** Of the step itself. */
  readonly position: Pick<Position, "epoch" | "stepInEpoch" | "step">;
  readonly rate: number;
  readonly metrics: Metrics;
  /** Names of the images of its batch. */
  readonly files: readonly string[];
}

/** What is seen of one network's images, each number the same whatever the domain's range and size. */
export interface Picture {
  readonly network: string;
  /** Names of the domains. */
  readonly from: string;
  readonly to: string;
  /** Images that were looked at. */
  readonly count: number;
  /**
   * How far the images lie from each other, as a share of how far those do that they are made of, or are to look like,
   * whichever lie nearer together. Absent where these are alike too.
   */
  readonly diversity?: number | undefined;
  /** How far an image lies from its input, as a share of how far images of the two domains do. Of one domain none. */
  readonly distance?: number | undefined;
  /** Correlation of the brightness of an image with that of its input, in [-1, 1]. */
  readonly brightness?: number | undefined;
  /** Numbers here and there of the images, in [0, 1] of the domain's range, rounded. */
  readonly probe: readonly number[];
}

/** A look at what the networks make of a few images that stay the same. */
export interface Look {
  /** Steps that were made. */
  readonly step: number;
  /** Of the step before it. */
  readonly rate: number;
  readonly pictures: readonly Picture[];
}

/** What a monitor knows after what it was shown; a word where it speaks. It is asked no more then. */
export interface Seen<S> {
  readonly state: S;
  readonly word?: Word | undefined;
}

export interface Monitor<S> {
  readonly name: string;
  /** What it knows at the beginning. */
  readonly start: S;
  /** Its state stands in checkpoints: a run that goes on knows what it would have known. */
  readonly codec: t.Type<S>;
  /** Before the first step. */
  readonly begin?: (setting: Setting) => Word | undefined;
  readonly step?: (state: S, step: Step, setting: Setting) => Seen<S>;
  readonly look?: (state: S, look: Look, setting: Setting) => Seen<S>;
}

/** For example `0.0123`: three digits. */
export const number = (value: number): string => String(Number(value.toPrecision(3)));

/** For example `3 %`. */
export const percent = (share: number): string => `${number(100 * share)} %`;

/** A value that moves by a share of what is new: as if over the last `span` steps. */
export const towards = (mean: number, value: number, span: number): number =>
  mean + (value - mean) / span;
