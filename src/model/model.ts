/**
 * The model form: what a checked spec says, with every size resolved and every parameter named. It keeps the
 * structure that people wrote, so that readable code can be made from it.
 */
import type { Span } from "../base/source.js";

/** A resolved `param`, at its default or as set from outside. */
export interface Param {
  readonly name: string;
  readonly type: "Int" | "Real" | "Bool";
  readonly value: number | boolean;
  readonly span: Span;
}

/** An image domain: shape `[height, width, channels]`, values in `range`. */
export interface Domain {
  readonly name: string;
  readonly shape: readonly [number, number, number];
  readonly range: readonly [number, number];
  readonly span: Span;
}

export type ScheduleStage =
  | { readonly kind: "constant"; readonly epochs: number }
  /** Epoch k (from 1) of the stage runs at 1 - k/(epochs + 1) of the rate. */
  | { readonly kind: "linear_to_zero"; readonly epochs: number };

export type AugmentStage =
  /** Bicubic, to exactly height x width pixels. */
  | { readonly kind: "resize"; readonly height: number; readonly width: number }
  /** A window drawn uniformly. */
  | { readonly kind: "random_crop"; readonly height: number; readonly width: number }
  /** Left-right, with probability one half. */
  | { readonly kind: "random_flip" };

export interface Recipe {
  readonly optimizer: {
    readonly kind: "adam";
    /** Learning rate before the schedule. */
    readonly rate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
  };
  readonly schedule: readonly ScheduleStage[];
  /** Images of each domain in one step. */
  readonly batch: number;
  /** Of weights; biases start at 0. */
  readonly init: { readonly kind: "normal"; readonly mean: number; readonly std: number };
  readonly augment: readonly AugmentStage[];
}
