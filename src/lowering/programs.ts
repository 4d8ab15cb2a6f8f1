/** From a model to the programs that an engine runs, optimised. */
import type { Graph } from "../graph/graph.js";
import { removeDead } from "../graph/passes/dead.js";
import { objectivePasses, type PassOptions, runPasses, stepPasses } from "../graph/passes/index.js";
import type { Model, Network } from "../model/model.js";
import { planStep } from "../model/plan.js";
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

/** One network on `count` images. */
export const translateProgram = (
  network: Network,
  count: number,
  options: PassOptions = {},
): Graph => {
  const graph = lowerTranslate(network, count);
  options.observe?.("translate", graph);
  return runPasses(graph, objectivePasses, options);
};
