/**
 * The model form: what a checked spec says, with every size resolved and every parameter named. It
 * keeps the structure that people wrote, so that readable code can be made from it.
 */
import type { Span } from "../base/source.js";
import type { Shape } from "../operators/layer.js";
import type { DomainKind } from "../operators/recipe.js";
import type { Network } from "./network.js";
import type { InitChoice, OptimizerChoice, Recipe, ScheduleStage } from "./recipe.js";
import type { Term } from "./term.js";

export type { DomainKind } from "../operators/recipe.js";
export type { LayerNode, Network, NetworkParameter } from "./network.js";
export type {
  AugmentStage,
  ClippingChoice,
  InitChoice,
  OptimizerChoice,
  Recipe,
  ScheduleStage,
} from "./recipe.js";

/** A resolved `param`, at its default or as set from outside. */
export interface Param {
  readonly name: string;
  readonly type: "Int" | "Real" | "Bool";
  readonly value: number | boolean;
  readonly span: Span;
}

/**
 * A domain: samples of `[height, width, channels]`, values in `range`, which may be all real
 * numbers.
 */
export interface Domain {
  readonly name: string;
  readonly kind: DomainKind;
  readonly shape: Shape;
  readonly range: readonly [number, number];
  /** Of shares that a param goes through, its name: every sample is the share of the epoch. */
  readonly param?: string;
  readonly schedule?: readonly ScheduleStage[];
  /** Whether whole images are resized by nearest pixels, as label maps are; else bicubically. */
  readonly nearest?: true;
  readonly span: Span;
}

/** One summand of a player's objective, such as `lambda * cycle(G, F)`. */
export interface Summand {
  /** The text as written, on one line. */
  readonly text: string;
  readonly term: Term;
  /** Networks that its gradient reaches. */
  readonly reaches: readonly string[];
}

/** A part of a player's objective that has a name of its own, beside the losses that it calls. */
export interface NamedTerm {
  /**
   * Name of an `objective`, or the text of an expectation written in place, as `ganc fmt` lays it
   * out.
   */
  readonly name: string;
  readonly term: Term;
  /** The summands that it is made of: `[from, to)`. */
  readonly from: number;
  readonly to: number;
}

export interface Player {
  /** `minGF`: its sense and its networks; `minGF_2` where an earlier phase has such a player. */
  readonly name: string;
  readonly sense: "min" | "max";
  readonly networks: readonly string[];
  readonly summands: readonly Summand[];
  readonly named: readonly NamedTerm[];
  /**
   * For a player that trains judges which others play against: the best value that its objective
   * could reach.
   */
  readonly aim?: number;
  /** File and line, the same wherever ganc was called. */
  readonly place: string;
  readonly span: Span;
}

/** Players that are differentiated together, at the weights held when the phase begins. */
export interface Phase {
  /** Runs in one step, at least 1. The k-th run uses the k-th draws of the step. */
  readonly times: number;
  /** It runs in every n-th step, the first among them; in all where absent. */
  readonly every?: number;
  readonly players: readonly Player[];
}

export interface Model {
  /** The entry file's name without folder and ending. */
  readonly name: string;
  readonly file: string;
  readonly params: readonly Param[];
  readonly domains: readonly Domain[];
  readonly networks: readonly Network[];
  /** Phases in the order of a step. Each sees the weights that the phase before has left. */
  readonly phases: readonly Phase[];
  /** Those of all phases. */
  readonly players: readonly Player[];
  readonly recipe: Recipe;
}

/** Whether a phase runs in a step, counted from 0. */
export const runsIn = ({ every = 1 }: Pick<Phase, "every">, step: number): boolean =>
  step % every === 0;

/** Whether some phase runs in some steps only. */
export const isSparse = ({ phases }: Pick<Model, "phases">): boolean =>
  phases.some(({ every = 1 }) => every > 1);

/**
 * Counts the draws of a step: the runs of its most repeated phase, times the batches of an update.
 */
export const repetitionsOf = ({ phases, recipe }: Pick<Model, "phases" | "recipe">): number =>
  recipe.accumulate * Math.max(1, ...phases.map(({ times }) => times));

/** Returns the optimizer of a network. */
export const optimizerOf = (recipe: Recipe, network: string): OptimizerChoice =>
  recipe.optimizers[network] ?? recipe.optimizer;

/** Returns how the weights of a network begin. */
export const initOf = (recipe: Recipe, network: string): InitChoice =>
  recipe.inits[network] ?? recipe.init;

/**
 * A network's learning rate where that of the recipe's `optimizer` is `rate`: the same share of its
 * own.
 */
export const rateOf = (recipe: Recipe, network: string, rate: number): number => {
  const own = recipe.optimizers[network];
  return own === undefined ? rate : own.rate * (rate / recipe.optimizer.rate);
};
