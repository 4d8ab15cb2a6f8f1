/** The entry of a layer in the table. */
import { type Either, right } from "fp-ts/lib/Either.js";
import type { Axis } from "../base/sides.js";
import type { Node } from "../graph/graph.js";
import type { Range } from "./range.js";
import { type Options, optionText, type Signature, sameValue } from "./signature.js";

/** `[height, width, channels]` of one sample. */
export type Shape = readonly [number, number, number];

export interface Parameter {
  /** `weight`, `bias`, or of normalisations `scale` and `shift`. */
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * Window that one output position sees along an axis: `kernel` inputs, every `stride`-th.
 * `upsampling` divides.
 */
export interface Window {
  readonly kernel: number;
  readonly stride: number;
  readonly upsampling: number;
}

/** Why a layer does not fit its input, where one of its options is wrong for it. */
export interface Misfit {
  /** Continues "does not fit its input of 8 x 8 x 3: ". */
  readonly reason: string;
  readonly option: string;
  /** A whole sentence of what would fit. */
  readonly hint: string;
}

export const reasonOf = (misfit: string | Misfit): string =>
  typeof misfit === "string" ? misfit : misfit.reason;

/** Places of one axis, `from <= i < to`. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** How PyTorch makes a layer: a call of a class, `nn.Conv2d(channels, filters, kernel)`. */
export interface TorchModule {
  /** A class of PyTorch, or one without a dot that the target's library writes. */
  readonly of: string;
  /**
   * Leading arguments: an option, `channels` or `features`, which count the channels and all
   * numbers of its input, the name of a value beside it, whose channels they count, or text of
   * Python that begins with `=`.
   */
  readonly takes?: readonly string[];
  /** Further options, by PyTorch's names; those at their defaults are left out. */
  readonly named?: Readonly<Record<string, string>>;
  /** Named options whose defaults are not PyTorch's: they are never left out. */
  readonly always?: readonly string[];
  /** Arguments that are always the same. */
  readonly fixed?: string;
  /**
   * Channels of what it gives: an option, text of Python that begins with `=`, the input's over the
   * square of an option, or so many more. Absent where they are the input's; null where they count
   * all its numbers.
   */
  readonly gives?: string | { readonly overSquareOf: string } | { readonly more: number } | null;
  /** Names of its parameters there, and of what it keeps, where they are others. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** The class called where a leading argument differs between the axes, if `of` takes no pair. */
  readonly ofPair?: string;
  /** A class that has an option which `of` has not: called where the option is given. */
  readonly variant?: { readonly option: string; readonly of: string };
}

/** Statistics that a layer keeps without learning them: averages of what it sees in training. */
export interface Keeps {
  /** Their names and shapes, by the layer's output; none where its options ask for none. */
  readonly buffers: (output: Shape, options: Options) => readonly Parameter[];
  /** Of what one application in training sees, by their names; `x` is its input [n, c, h, w]. */
  readonly seen: (x: Node) => Readonly<Record<string, Node>>;
  /** The share of what is seen in the average: kept <- (1 - share) kept + share seen. */
  readonly share: number;
}

export interface Layer {
  readonly name: string;
  readonly options: Signature;
  readonly doc: string;
  /**
   * For a layer of several values, `f(x, s)`, what messages call those beside its input. It is told
   * their shapes, and its graph is given them by these names, among its weights.
   */
  readonly beside?: readonly string[];
  /** The output's shape, or why the layer does not fit. */
  readonly shape: (
    input: Shape,
    options: Options,
    beside: readonly Shape[],
  ) => Either<string | Misfit, Shape>;
  readonly parameters: (
    input: Shape,
    options: Options,
    beside: readonly Shape[],
  ) => readonly Parameter[];
  readonly window: (options: Options, axis: Axis) => Window;
  /**
   * Inputs of one axis, of `size` pixels, that give the outputs `of`, at least: applied to these
   * alone the layer gives them, at its place less `from * upsampling / stride`. Absent where each
   * place sees itself alone, and of what sees all or normalises.
   */
  readonly reach?: (of: Stretch, size: number, options: Options, axis: Axis) => Stretch;
  /**
   * For a layer that normalises over all places, outside of training too: the number of groups of
   * neighbouring channels.
   */
  readonly normalises?: (channels: number, options: Options) => number | undefined;
  /**
   * Whether it draws: its graph is given uniform numbers of its input's shape as `chance`; where
   * nothing is drawn it is left out.
   */
  readonly isRandom?: true;
  /**
   * Whether each number it gives is a mean of its input's, by weights of at least 0 that add up to
   * 1 at most and that its options fix.
   */
  readonly averages?: true;
  /** Whether every value it gives sees its whole input. */
  readonly seesAll?: true;
  /** Whether it is linear in its input but for a bias, by learnt weights. */
  readonly linear?: true;
  /** Axis of its weight that counts its outputs, unless it is the last. */
  readonly outputAxis?: number;
  /** Whether it adds a border and keeps all else. */
  readonly pads?: true;
  /** Whether it moves or repeats the numbers of its input, and changes none. */
  readonly moves?: (options: Options) => boolean;
  /**
   * Whether each of its numbers is a function of one number of its input, which is the same for
   * all.
   */
  readonly elementwise?: true;
  /**
   * Whether what it gives for a sample depends on the others of its batch, at least in a step: all
   * of it is normalised by them, or something told of them stands beside it.
   */
  readonly mixesBatch?: "normalised" | "told";
  /** What it keeps of what passes in training, where its options ask for that. */
  readonly keeps?: Keeps;
  /** Whether everything below 0 gives one number, so that no gradient passes there. */
  readonly isFlatBelow0?: (options: Options) => boolean;
  /**
   * Whether it makes probabilities: of each number by itself, or of all channels of a place
   * together.
   */
  readonly probabilities?: "each" | "channels";
  /** Size in numbers of its largest intermediate value, where one is larger than its result. */
  readonly holds?: (output: Shape, options: Options, beside: readonly Shape[]) => number;
  /** Range of its values, given the range of its input, for any parameters. */
  readonly range: (input: Range, options: Options) => Range;
  readonly torch: TorchModule;
  /** Number of leading options that are written without their names. */
  readonly positional: number;
  /**
   * Its value for images [n, c, h, w], `side` being its output's; weights by name, as `parameters`
   * shapes them. Where what it keeps is among them it goes by that, else by the batch at hand.
   */
  readonly graph: (
    x: Node,
    weights: Readonly<Record<string, Node>>,
    options: Options,
    side: Shape,
  ) => Node;
}

/** How many values it is applied to. */
export const valuesOf = ({ beside = [] }: Pick<Layer, "beside">): number => 1 + beside.length;

/** Rules that many layers share. */
export const pointwise = (): Window => ({ kernel: 1, stride: 1, upsampling: 1 });
export const sameShape = (input: Shape): Either<string, Shape> => right(input);
export const noParameters = (): readonly Parameter[] => [];

/**
 * Writes the options of a layer as in a spec, without those that have their default:
 * `3, 64, stride: 2`. The first ones stand without their names, up to one that is left out.
 */
export const optionsText = (
  { options: signature, positional }: Pick<Layer, "options" | "positional">,
  options: Options,
): string => {
  const isShown = signature.map(({ name, defaultValue }) => {
    const value = options[name];
    return value !== undefined && !sameValue(value, defaultValue);
  });
  const bare = isShown.indexOf(false);
  const last = bare < 0 ? positional : Math.min(positional, bare);
  return signature
    .flatMap(({ name }, i) => {
      if (isShown[i] !== true) return [];
      const text = optionText(options[name]);
      return [i < last ? text : `${name}: ${text}`];
    })
    .join(", ");
};
