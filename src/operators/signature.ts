/** Signatures of built-ins: layers, functions and words of the recipe. */

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
  readonly doc: string;
}

/** Options in the order in which positional arguments fill them. */
export type Signature = readonly Option[];

/** Values of all options, by name. */
export type Options = Readonly<Record<string, number | boolean>>;

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

/** An option's value as a number; only for options that the table declares numeric. */
export const number = (options: Options, name: string): number => Number(options[name]);
