/** What the pickle of a state can hold. Nothing of it is code. */
import type { NumberKind } from "./numbers.js";

export type Value =
  | null
  | boolean
  | number
  | string
  | Whole
  | Tuple
  | List
  | Dict
  | GlobalName
  | Storage
  | TensorView;

/** A whole number that float64 does not hold exactly. */
export interface Whole {
  readonly kind: "whole";
  readonly value: bigint;
}

export interface Tuple {
  readonly kind: "tuple";
  readonly items: readonly Value[];
}

export interface List {
  readonly kind: "list";
  readonly items: Value[];
}

/** A dictionary, in the order of its keys. A map, so that no key means anything to it. */
export interface Dict {
  readonly kind: "dict";
  /** Whether it is a `collections.OrderedDict`. */
  readonly isOrdered: boolean;
  readonly entries: Map<string | number, Value>;
}

/** A name in Python that this room knows: a word, and nothing that could be called. */
export interface GlobalName {
  readonly kind: "global";
  /** `torch.FloatStorage` */
  readonly name: string;
}

/** A row of numbers that tensors look into. */
export interface Storage {
  readonly kind: "storage";
  readonly key: string;
  readonly numbers: NumberKind;
  /** Count of its numbers. */
  readonly count: number;
}

/** A tensor: every place that its shape and strides reach lies in its storage. */
export interface TensorView {
  readonly kind: "tensor";
  readonly storage: Storage;
  /** Place of its first number in the storage. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

export const tuple = (items: readonly Value[]): Tuple => ({ kind: "tuple", items });

const isObject = (
  value: Value | undefined,
): value is Exclude<Value, null | boolean | number | string> =>
  typeof value === "object" && value !== null;

/** Tells whether a value is of a kind, as `tuple` and `tensor`. */
export const isKind = <
  K extends "tuple" | "list" | "dict" | "global" | "storage" | "tensor" | "whole",
>(
  value: Value | undefined,
  kind: K,
): value is Extract<Value, { readonly kind: K }> => isObject(value) && value.kind === kind;

/** Names a value in messages. */
export const kindOf = (value: Value | undefined): string => {
  if (value === undefined) return "nothing";
  if (value === null) return "None";
  if (!isObject(value)) return `a ${typeof value}`;
  if (value.kind === "global") return value.name;
  return value.kind === "whole" ? "a large number" : `a ${value.kind}`;
};
