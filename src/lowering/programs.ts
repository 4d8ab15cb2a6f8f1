/** From a model to the programs that an engine runs, optimised. */
import { impossible } from "../base/impossible.js";
import { type Graph, inputName } from "../graph/graph.js";
import type { PassOptions } from "../graph/passes/index.js";
import { assignLayouts, chooseLayouts, type Held } from "../graph/passes/layout-assignment.js";
import { slotNames } from "../operators/optimizers.js";
import type { Model, Network } from "../program/model.js";
import { planStep } from "../program/plan.js";
import * as names from "./names.js";
import { lowerObjectives } from "./objectives.js";
import { type At, enter, runStage } from "./pipeline.js";
import { lowerGradients, lowerMoves, lowerStep } from "./step.js";
import { lowerTranslate } from "./translate.js";

/** Whether an input is what networks have, and not what is drawn. */
export const isWeight = (name: string): boolean =>
  [names.parameterName(""), names.bufferName("")].some((prefix) => name.startsWith(prefix));

const forwardOf = (model: Model, phase: number, options: PassOptions): At<"forward"> => {
  const objectives = lowerObjectives(model, planStep(model), phase);
  options.observe?.("objectives", objectives);
  return runStage("forward", objectives, options);
};

const stepOf = (model: Model, step: At<"step">, options: PassOptions): At<"step"> =>
  runStage("step", step, {
    ...options,
    checkpoints: model.recipe.checkpointActivations,
    isWeight,
  });

/** One run of one phase of the step: state and draws to new state and reported values. Names: lowering/names.ts. */
export const phaseProgram = (
  model: Model,
  phase: number,
  options: PassOptions = {},
): At<"step"> => {
  const step = lowerStep(model, forwardOf(model, phase, options), phase);
  options.observe?.("step", step);
  return stepOf(model, step, options);
};

/** The step of a game of one phase; of others, its first phase. */
export const stepProgram = (model: Model, options: PassOptions = {}): At<"step"> =>
  phaseProgram(model, 0, options);

/** Of a recipe that accumulates, one phase: what each batch runs, and what moves the weights then. */
const accumulating = (model: Model, phase: number, options: PassOptions): readonly At<"step">[] => {
  const objectives = forwardOf(model, phase, options);
  return [lowerGradients, lowerMoves].map((lower) =>
    stepOf(model, lower(model, objectives, phase), options),
  );
};

/**
 * The programs of all phases, in the order in which a step runs them: one for each phase or, of a recipe that accumulates, two,
 * what each batch runs and what moves the weights then.
 */
export const stepPrograms = (model: Model, options: PassOptions = {}): readonly At<"step">[] =>
  model.phases.flatMap((_, phase) =>
    model.recipe.accumulate > 1
      ? accumulating(model, phase, options)
      : [phaseProgram(model, phase, options)],
  );

const groups: ReadonlySet<string> = new Set(["param", "average", "gradient", ...slotNames]);

/** `G.conv.weight` of `param/G.conv.weight`, of what an optimizer keeps and of its average: they are held in one order. */
const parameterOf = (name: string): string | undefined => {
  const slash = name.indexOf("/");
  return groups.has(name.slice(0, slash)) ? name.slice(slash + 1) : undefined;
};

export interface HeldPrograms {
  /** Of all phases. */
  readonly graphs: readonly Graph[];
  readonly held: Held;
}

const inHeldOrder = (
  graph: At<"forward"> | At<"step">,
  held: Held,
  options: PassOptions,
): At<"held"> =>
  runStage("held", enter("held", assignLayouts(graph, held, names.nextName)), options);

/** How often a step runs a program: by its place among them. */
const timesOf = ({ phases, recipe: { accumulate } }: Model, program: number): number =>
  accumulate === 1
    ? (phases[program]?.times ?? 1)
    : (phases[Math.floor(program / 2)]?.times ?? 1) * (program % 2 === 0 ? accumulate : 1);

/** All phases hold a weight in one order: that of the most repeated one that has a wish. */
const heldBy = (model: Model, graphs: readonly Graph[]): Held => {
  const isParameter = (name: string): boolean => name.startsWith(names.parameterName(""));
  const orders = new Map<string, readonly number[]>();
  const byTimes = graphs
    .map((graph, i) => ({ graph, times: timesOf(model, i) }))
    .sort((a, b) => b.times - a.times);
  for (const { graph } of byTimes)
    for (const [name, order] of chooseLayouts(graph, parameterOf, isParameter)) {
      const group = parameterOf(name) ?? name;
      if (!orders.has(group)) orders.set(group, order);
    }
  return new Map(
    graphs
      .flatMap((graph) => graph.inputs.map(inputName))
      .flatMap((name) => {
        const order = orders.get(parameterOf(name) ?? "");
        return order === undefined ? [] : [[name, order] as const];
      }),
  );
};

/** Step programs for an engine that holds weights as its kernels want them, and how it holds entries of the state. */
export const heldStepPrograms = (model: Model, options: PassOptions = {}): HeldPrograms => {
  const graphs = stepPrograms(model, options);
  const held = heldBy(model, graphs);
  return { graphs: graphs.map((graph) => inHeldOrder(graph, held, options)), held };
};

/** That of a game of one phase; of others, its first phase. */
export const heldStepProgram = (
  model: Model,
  options: PassOptions = {},
): { readonly graph: Graph; readonly held: Held } => {
  const { graphs, held } = heldStepPrograms(model, options);
  return { graph: graphs[0] ?? impossible("a game without a phase"), held };
};

/** A program without a step: weights come in the orders of the model. */
export const optimised = (graph: Graph, options: PassOptions = {}): At<"held"> =>
  inHeldOrder(runStage("forward", enter("forward", graph), options), new Map(), options);

/** One network on `count` images; weights come in the orders in which they are held. */
export const translateProgram = (
  network: Network,
  count: number,
  options: PassOptions = {},
  held: Held = new Map(),
): Graph => {
  const graph = lowerTranslate(network, count);
  options.observe?.("translate", graph);
  return inHeldOrder(runStage("forward", graph, options), held, options);
};
