/** The recipe of a training run, as the `train` block says it. */
import type { Options } from "../operators/signature.js";

export type AugmentStage =
  /** Bicubic, to exactly height x width pixels. */
  | { readonly kind: "resize"; readonly height: number; readonly width: number }
  /** A window drawn uniformly. */
  | { readonly kind: "random_crop"; readonly height: number; readonly width: number }
  /** Left-right, with probability one half. */
  | { readonly kind: "random_flip" };

/** A word of operators/schedules.ts with its options, `epochs` among them. */
export interface ScheduleStage {
  readonly kind: string;
  readonly epochs: number;
  readonly options: Options;
}

/** A word of operators/optimizers.ts with its options, `rate` among them. */
export interface OptimizerChoice {
  readonly kind: string;
  /** Learning rate before the schedule. */
  readonly rate: number;
  readonly options: Options;
}

export interface Recipe {
  /** Of the networks that have none of their own; where all have one, that of the first. */
  readonly optimizer: OptimizerChoice;
  /** By network: those that `optimizer[…]` gives it. */
  readonly optimizers: Readonly<Record<string, OptimizerChoice>>;
  /** By network: after each update its parameters are kept between -clip and clip. */
  readonly clip: Readonly<Record<string, number>>;
  readonly schedule: readonly ScheduleStage[];
  /** Images of each domain in one step. */
  readonly batch: number;
  /** Of weights; biases start at 0. */
  readonly init: { readonly kind: "normal"; readonly mean: number; readonly std: number };
  /** By domain whose images come from folders: what brings them to its size. */
  readonly augment: Readonly<Record<string, readonly AugmentStage[]>>;
  /**
   * Decay a step of the moving average of weights that translation uses, in [0, 1); 0: it uses the
   * weights themselves.
   */
  readonly average: number;
  /** Batches whose gradients are averaged for each update. */
  readonly accumulate: number;
  /** Whether values for the way back are computed again rather than kept. */
  readonly checkpointActivations: boolean;
  /** Monitors that end a run; none where nothing is said. */
  readonly stop?: readonly string[] | undefined;
}
