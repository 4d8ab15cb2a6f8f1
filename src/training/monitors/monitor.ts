/** Defines a monitor: a fold over a training that may speak, and its inputs. */
import type * as t from "io-ts";
import type { Metrics } from "../../contracts/session.js";
import type { SpecProgram } from "../program/program.js";
import type { Position } from "../program/schedule.js";

/** A monitor's message, in whole sentences. */
export interface Word {
  /** What it saw, with numbers. */
  readonly saw: string;
  /** What that usually means. */
  readonly means: string;
  /** What to change in the spec. */
  readonly write: string;
}

/** The constants of a run. */
export interface Setting {
  readonly program: Pick<SpecProgram, "domains" | "networks" | "recipe" | "players" | "draws">;
  readonly stepsPerEpoch: number;
  /** Epochs of the whole run: fewer than the schedule's if it is stopped earlier. */
  readonly epochs: number;
}

/** A completed step. */
export interface Step {
  /** Position of the step itself. */
  readonly position: Pick<Position, "epoch" | "stepInEpoch" | "step">;
  readonly rate: number;
  readonly metrics: Metrics;
  /** Names of the images in its batch. */
  readonly files: readonly string[];
}

/**
 * What is seen of one network's images. All numbers are independent of the domain's range and size.
 */
export interface Picture {
  readonly network: string;
  /** Names of the input domains. */
  readonly from: string;
  readonly to: string;
  /** Number of images looked at. */
  readonly count: number;
  /**
   * Distance between the images, as a share of the distance between their inputs or between target
   * images, whichever is smaller. Absent if these are alike too.
   */
  readonly diversity?: number | undefined;
  /**
   * Distance between an image and its input, as a share of the distance between images of the two
   * domains. Absent within one domain.
   */
  readonly distance?: number | undefined;
  /** Correlation of an image's brightness with its input's, in [-1, 1]. */
  readonly brightness?: number | undefined;
  /** Sampled numbers of the images, in [0, 1] of the domain's range, rounded. */
  readonly probe: readonly number[];
}

/** A look at the networks' results for a few fixed images. */
export interface Look {
  /** Steps made. */
  readonly step: number;
  /** Rate of the step before it. */
  readonly rate: number;
  readonly pictures: readonly Picture[];
}

/** A monitor's new state, with a message if it speaks. After that it is not asked again. */
export interface Seen<S> {
  readonly state: S;
  readonly word?: Word | undefined;
}

export interface Monitor<S> {
  readonly name: string;
  /** Initial state. */
  readonly start: S;
  /** Codec of the state, which checkpoints store, so that a resumed run continues with it. */
  readonly codec: t.Type<S>;
  /** Called before the first step. */
  readonly begin?: (setting: Setting) => Word | undefined;
  readonly step?: (state: S, step: Step, setting: Setting) => Seen<S>;
  readonly look?: (state: S, look: Look, setting: Setting) => Seen<S>;
}

/** Writes a number with three digits, for example `0.0123`. */
export const number = (value: number): string => String(Number(value.toPrecision(3)));

/** Writes a share, for example `3 %`. */
export const percent = (share: number): string => `${number(100 * share)} %`;

/** Updates an exponential mean, as if over the last `span` values. */
export const towards = (mean: number, value: number, span: number): number =>
  mean + (value - mean) / span;
