/** The recipe of a training run, as the `train` block says it. */
import type { Options } from "../operators/signature.js";

/** A word of operators/augmentations.ts with its options; those that are false are left out. */
export type AugmentStage =
  /** To exactly height x width pixels, bicubic or by nearest pixels. */
  | {
      readonly kind: "resize";
      readonly height: number;
      readonly width: number;
      readonly nearest?: true;
    }
  /** A window drawn uniformly. */
  | { readonly kind: "random_crop"; readonly height: number; readonly width: number }
  /** Left-right, with probability one half. */
  | { readonly kind: "random_flip" }
  /** About the middle, by up to so many degrees to either side. */
  | {
      readonly kind: "random_rotation";
      readonly degrees: number;
      readonly fill?: true;
      readonly nearest?: true;
    }
  /** Factors from 1 - a to 1 + a, of hues a turn from -a to a; `shared` by partners. */
  | {
      readonly kind: "color_jitter";
      readonly brightness: number;
      readonly contrast: number;
      readonly saturation: number;
      readonly hue: number;
      readonly shared?: true;
    }
  /** A square made grey. */
  | { readonly kind: "cutout"; readonly size: number };

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

/** A word of operators/inits.ts with its options. */
export interface InitChoice {
  readonly kind: string;
  readonly options: Options;
}

/** A word of operators/clippings.ts with its options. */
export interface ClippingChoice {
  readonly kind: string;
  readonly options: Options;
}

export interface Recipe {
  /** Optimizer of the networks without their own; where all have their own, that of the first. */
  readonly optimizer: OptimizerChoice;
  /** Optimizers given by `optimizer[…]`, by network. */
  readonly optimizers: Readonly<Record<string, OptimizerChoice>>;
  /** Bounds by network: each update keeps its parameters in [-clip, clip]. */
  readonly clip: Readonly<Record<string, number>>;
  /** Bounds of gradients by network, before its optimizer sees them. */
  readonly clipGradient: Readonly<Record<string, ClippingChoice>>;
  readonly schedule: readonly ScheduleStage[];
  /** Images of each domain in one step. */
  readonly batch: number;
  /** How weights begin. Biases start at 0. */
  readonly init: InitChoice;
  /** How those of networks begin that `init[…]` names, by network. */
  readonly inits: Readonly<Record<string, InitChoice>>;
  /** Stages that bring images to a domain's size, by domain whose images come from folders. */
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
