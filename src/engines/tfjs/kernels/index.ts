/**
 * The table of kernels: how tfjs computes each operator of a graph. A family of src/graph/operators
 * has its kernels in the file of its name here.
 */
import type { Family } from "../../../graph/operators/index.js";
import { arithmetic } from "./arithmetic.js";
import { convolutions } from "./convolution.js";
import { extremes } from "./extremes.js";
import { functions } from "./functions.js";
import { fused } from "./fused.js";
import { gathering } from "./gathering.js";
import { groupedConvolutions } from "./grouped.js";
import type { GraphKernel, GraphKernels } from "./kernel.js";
import { linear } from "./linear.js";
import { normalisation } from "./normalisation.js";
import { padding } from "./padding.js";
import { shaping } from "./shaping.js";
import { windows } from "./windows.js";

const families: Readonly<Record<Family, GraphKernels>> = {
  // Sources exist before anything is computed.
  sources: {},
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
  // The executor follows the order that it is given.
  order: {},
};

/**
 * Kernels by operator name. Sources have none, nor do operators that only rename their input's
 * memory.
 */
export const graphKernels: ReadonlyMap<string, GraphKernel> = new Map(
  [...Object.values(families), fused].flatMap((kernels) => Object.entries(kernels)),
);
