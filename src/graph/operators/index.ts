/** The table of operators. */
import type { Node } from "../graph.js";
import type { Operator, View } from "../operator.js";
import { arithmetic } from "./arithmetic.js";
import { convolutions } from "./convolution.js";
import { extremes } from "./extremes.js";
import { functions } from "./functions.js";
import { gathering } from "./gathering.js";
import { groupedConvolutions } from "./grouped.js";
import { linear } from "./linear.js";
import { normalisation } from "./normalisation.js";
import { order } from "./order.js";
import { padding } from "./padding.js";
import { shaping } from "./shaping.js";
import { sources } from "./sources.js";
import { windows } from "./windows.js";

const families = {
  sources,
  arithmetic,
  extremes,
  functions,
  shaping,
  gathering,
  linear,
  convolutions,
  groupedConvolutions,
  padding,
  windows,
  normalisation,
  order,
} satisfies Readonly<Record<string, readonly Operator[]>>;

/** Operators of one file. */
export type Family = keyof typeof families;

/** Every operator, by name. */
export const operators: ReadonlyMap<string, Operator> = new Map(
  Object.values(families)
    .flat()
    .map((operator) => [operator.name, operator]),
);

/**
 * Whose memory holds the value of a node; of what is no operator of the table, as an engine's own,
 * memory of its own.
 */
export const viewOf = ({ operator }: Node): View | undefined => operators.get(operator)?.view;

/** Whether the value of a node is its first input's memory in any engine. */
export const isView = (node: Node): boolean => viewOf(node) === "always";

/**
 * The entry of a node's operator.
 * @throws Error where there is none: a defect of ganc, which `verify` names.
 */
export const operatorOf = ({ operator }: Node): Operator => {
  const entry = operators.get(operator);
  if (entry === undefined) throw new Error(`there is no operator ${operator}`);
  return entry;
};
