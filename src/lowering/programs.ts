/** Makes the optimised programs that an engine runs. */
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

const forwardOf = (model: Model, phase: number, options: PassOptions): At<"forward"> => {
  const objectives = lowerObjectives(model, planStep(model), phase);
  options.observe?.("objectives", objectives);
  return runStage("forward", objectives, options);
};

const stepOf = (model: Model, step: At<"step">, options: PassOptions): At<"step"> =>
  runStage("step", step, {
    ...options,
    checkpoints: model.recipe.checkpointActivations,
    isWeight: names.isWeight,
  });

/**
 * Lowers one run of one phase: state and draws in, new state and reported values out, named by
 * lowering/names.ts.
 */
export const phaseProgram = (
  model: Model,
  phase: number,
  options: PassOptions = {},
): At<"step"> => {
  const step = lowerStep(model, forwardOf(model, phase, options), phase);
  options.observe?.("step", step);
  return stepOf(model, step, options);
};

/** Lowers the step of a game of one phase, or the first phase of a game of several. */
export const stepProgram = (model: Model, options: PassOptions = {}): At<"step"> =>
  phaseProgram(model, 0, options);

/**
 * Lowers one phase of a recipe that accumulates: the program that each batch runs, and the one that
 * then moves the weights.
 */
const accumulating = (model: Model, phase: number, options: PassOptions): readonly At<"step">[] => {
  const objectives = forwardOf(model, phase, options);
  return [lowerGradients, lowerMoves].map((lower) =>
    stepOf(model, lower(model, objectives, phase), options),
  );
};

/**
 * Lowers all phases, in the order in which a step runs them: one program for each, or two where the
 * recipe accumulates.
 */
export const stepPrograms = (model: Model, options: PassOptions = {}): readonly At<"step">[] =>
  model.phases.flatMap((_, phase) =>
    model.recipe.accumulate > 1
      ? accumulating(model, phase, options)
      : [phaseProgram(model, phase, options)],
  );

const groups: ReadonlySet<string> = new Set(["param", "average", "gradient", ...slotNames]);

/**
 * Returns `G.conv.weight` for `param/G.conv.weight`, for its moments and for its average. They
 * share one layout.
 */
const parameterOf = (name: string): string | undefined => {
  const slash = name.indexOf("/");
  return groups.has(name.slice(0, slash)) ? name.slice(slash + 1) : undefined;
};

export interface HeldPrograms {
  /** One program for each run of a phase. */
  readonly graphs: readonly Graph[];
  readonly held: Held;
}

const inHeldOrder = (
  graph: At<"forward"> | At<"step">,
  held: Held,
  options: PassOptions,
): At<"held"> =>
  runStage("held", enter("held", assignLayouts(graph, held, names.nextName)), options);

/** Counts the runs of a program in one step, by the program's place in the list. */
const timesOf = ({ phases, recipe: { accumulate } }: Model, program: number): number =>
  accumulate === 1
    ? (phases[program]?.times ?? 1)
    : (phases[Math.floor(program / 2)]?.times ?? 1) * (program % 2 === 0 ? accumulate : 1);

/** Chooses one layout for each weight: the one that the most repeated phase wants. */
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

/**
 * Lowers all phases for an engine that holds weights in the layouts that its kernels want, and
 * returns those layouts.
 */
export const heldStepPrograms = (model: Model, options: PassOptions = {}): HeldPrograms => {
  const graphs = stepPrograms(model, options);
  const held = heldBy(model, graphs);
  return { graphs: graphs.map((graph) => inHeldOrder(graph, held, options)), held };
};

/** As `heldStepPrograms`, for the first phase alone. */
export const heldStepProgram = (
  model: Model,
  options: PassOptions = {},
): { readonly graph: Graph; readonly held: Held } => {
  const { graphs, held } = heldStepPrograms(model, options);
  return { graph: graphs[0] ?? impossible("a game without a phase"), held };
};

/** Optimises a program that is not a step. Weights keep the layouts of the state. */
export const optimised = (graph: Graph, options: PassOptions = {}): At<"held"> =>
  inHeldOrder(runStage("forward", enter("forward", graph), options), new Map(), options);

/** Lowers one network on `count` images. Weights come in the layouts given. */
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
