/**
 * How tfjs computes each operator of a graph: the table that the executor is driven by. A family of src/graph/operators has
 * its kernels in the file of its name here.
 */
import type { Family } from "../../../graph/operators/index.js";
import { arithmetic } from "./arithmetic.js";
import { convolutions } from "./convolution.js";
import { extremes } from "./extremes.js";
import { functions } from "./functions.js";
import { fused } from "./fused.js";
import { gathering } from "./gathering.js";
import type { GraphKernel, GraphKernels } from "./kernel.js";
import { linear } from "./linear.js";
import { normalisation } from "./normalisation.js";
import { padding } from "./padding.js";
import { shaping } from "./shaping.js";
import { windows } from "./windows.js";

const families: Readonly<Record<Family, GraphKernels>> = {
  // Sources are there before anything is computed.
  sources: {},
  arithmetic,
  extremes,
  functions,
  shaping,
  gathering,
  linear,
  convolutions,
  padding,
  windows,
  normalisation,
  // The executor keeps to the order that it is told.
  order: {},
};

/** By the operator's name. Neither sources have a kernel nor what gives the memory of its input another name. */
export const graphKernels: ReadonlyMap<string, GraphKernel> = new Map(
  [...Object.values(families), fused].flatMap((kernels) => Object.entries(kernels)),
);
