/** Signatures of built-ins: layers, functions and words of the recipe. */
import { type Axis, along, type Pair, type Sides, sidesText } from "../base/sides.js";

export type OptionType = "Int" | "Real" | "Bool";

/** Values that people train with: others are allowed, and hardly ever meant. */
export interface Usual {
  readonly least?: number;
  readonly most?: number;
  /** The usual value. */
  readonly value: number;
  /** A whole sentence of what comes of other values. */
  readonly why: string;
}

export interface Option {
  readonly name: string;
  readonly type: OptionType;
  /** Absent: the argument must be given. */
  readonly defaultValue?: number | boolean | undefined;
  /** Another option whose value is the default: a second side equals the first. */
  readonly sameAs?: string;
  /** Least and greatest value allowed. */
  readonly least?: number;
  readonly most?: number;
  /** The value must be greater than `least`, not equal to it. */
  readonly open?: boolean;
  readonly usual?: Usual;
  /** Whether it may be given for each axis, `(3, 7)`: one of `SidesName`. */
  readonly perAxis?: true;
  readonly doc: string;
}

/** Options in the order in which positional arguments fill them. */
export type Signature = readonly Option[];

/** Options that windows and borders have along each axis, in some layers one number for both. */
export type SidesName = (typeof named)[number];

const named = ["after", "dilation", "factor", "kernel", "output_pad", "pad", "stride"] as const;

export const sidesNames: ReadonlySet<string> = new Set(named);

/** A value of an option; a pair only of those that may be given for each axis. */
export type OptionValue = number | boolean | Pair;

/** Values of all options, by name. */
export type Options = Readonly<Record<string, OptionValue>>;

export const int = (name: string, doc: string, rest: Partial<Option> = {}): Option => ({
  name,
  type: "Int",
  doc,
  ...rest,
});

export const real = (name: string, doc: string, rest: Partial<Option> = {}): Option => ({
  name,
  type: "Real",
  doc,
  ...rest,
});

export const bool = (name: string, doc: string, rest: Partial<Option> = {}): Option => ({
  name,
  type: "Bool",
  doc,
  ...rest,
});

/** An option of whole numbers that may differ between the axes. */
export const sides = (name: SidesName, doc: string, rest: Partial<Option> = {}): Option =>
  int(name, doc, { ...rest, perAxis: true });

/**
 * An option's value as a number; only for options that the table declares numeric. What may differ
 * between the axes is read by `side`, `sidesNamed` or `square`, which its type sees to.
 */
export const number = <Name extends string>(
  options: Options,
  name: Name extends SidesName ? never : Name,
): number => Number(options[name]);

/** An option that may differ between the axes. */
export const sidesNamed = (options: Options, name: SidesName): Sides => {
  const value = options[name];
  return typeof value === "object" ? value : Number(value);
};

/** The same along one axis. */
export const side = (options: Options, name: SidesName, axis: Axis): number =>
  along(sidesNamed(options, name), axis);

/** The same of a layer that is square: its table declares one number for both axes. */
export const square = (options: Options, name: SidesName): number => side(options, name, 0);

/** Whether two values of an option are the same. */
export const sameValue = (a: OptionValue | undefined, b: OptionValue | undefined): boolean =>
  typeof a === "object" && typeof b === "object" ? a[0] === b[0] && a[1] === b[1] : a === b;

/** A value of an option as a spec writes it: `true`, `3`, `(3, 7)`. */
export const optionText = (value: OptionValue | undefined): string =>
  typeof value === "object" ? sidesText(value) : String(value);
