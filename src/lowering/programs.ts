/** From a model to the programs that an engine runs, optimised. */
import type { Graph } from "../graph/graph.js";
import { removeDead } from "../graph/passes/dead.js";
import { type Held, holdAs, ordersToHold } from "../graph/passes/hold.js";
import {
  heldPasses,
  objectivePasses,
  type PassOptions,
  runPasses,
  stepPasses,
} from "../graph/passes/index.js";
import type { Model, Network } from "../model/model.js";
import { planStep } from "../model/plan.js";
import * as names from "./names.js";
import { lowerObjectives } from "./objectives.js";
import { lowerStep } from "./step.js";
import { lowerTranslate } from "./translate.js";

/** One training step: state and draws to new state and reported values. Names: lowering/names.ts. */
export const stepProgram = (model: Model, options: PassOptions = {}): Graph => {
  const objectives = lowerObjectives(model, planStep(model));
  options.observe?.("objectives", objectives);
  const step = lowerStep(model, runPasses(objectives, objectivePasses, options));
  options.observe?.("step", step);
  return removeDead(runPasses(step, stepPasses, options));
};

/** `param/G.conv.weight` of it, its moments and its average alike: they are held in one order. */
const parameterOf = (name: string): string | undefined =>
  /^(?:param|adam\.[mv]|average)\/(.*)$/.exec(name)?.[1];

export interface HeldProgram {
  readonly graph: Graph;
  readonly held: Held;
}

const inHeldOrder = (graph: Graph, held: Held, options: PassOptions): Graph =>
  runPasses(holdAs(graph, held, names.nextName), heldPasses, options);

/** A step program for an engine that holds weights as its kernels want them, and how it holds entries of the state. */
export const heldStepProgram = (model: Model, options: PassOptions = {}): HeldProgram => {
  const graph = stepProgram(model, options);
  const isParameter = (name: string): boolean => name.startsWith(names.parameterName(""));
  const held = ordersToHold(graph, parameterOf, isParameter);
  return { graph: inHeldOrder(graph, held, options), held };
};

/** One network on `count` images; weights come in the orders in which they are held. */
export const translateProgram = (
  network: Network,
  count: number,
  options: PassOptions = {},
  held: Held = new Map(),
): Graph => {
  const graph = lowerTranslate(network, count);
  options.observe?.("translate", graph);
  return inHeldOrder(runPasses(graph, objectivePasses, options), held, options);
};
