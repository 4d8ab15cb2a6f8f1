/**
 * From what players compute to the step that an engine runs: the stages of a program, in their
 * order, the passes that run over each, and what holds where it ends. A stage is part of a graph's
 * type, so that what takes a graph of one stage is not given one of another.
 */
import type { Graph } from "../graph/graph.js";
import { everyInputIsRead, type Guarantee, nothingWaits } from "../graph/guarantees.js";
import {
  type PassContext,
  type PassName,
  type PassOptions,
  type PassRun,
  runPasses,
} from "../graph/passes/index.js";
import { entriesKeepTheirShapes } from "./entries.js";

export type StageName = "forward" | "step" | "held";

declare const at: unique symbol;

/** A graph at one stage of the pipeline. */
export type At<S extends StageName> = Graph & { readonly [at]: S };

/** Marks a graph as being at the stage. Its maker knows. */
export const enter = <S extends StageName>(_stage: S, graph: Graph): At<S> => graph as At<S>;

interface Stage {
  readonly name: StageName;
  readonly doc: string;
  readonly passes: readonly PassName[];
  /** Holds once all passes of the stage have run. */
  readonly holds: readonly Guarantee[];
}

const stages = [
  {
    name: "forward",
    doc: "what players compute, before it is differentiated: the derivative is that of the better program",
    passes: [
      "cse",
      "simplify",
      "dead-bias",
      "batch",
      "winograd",
      "transpose-sinking",
      "cse",
      "simplify",
    ],
    holds: [nothingWaits],
  },
  {
    name: "step",
    doc: "the whole step, with derivatives and updates",
    passes: ["simplify", "cse", "checkpoint", "memory-scheduling", "dce"],
    holds: [everyInputIsRead, entriesKeepTheirShapes],
  },
  {
    name: "held",
    doc: "a step whose weights are held in the orders that its kernels want",
    passes: ["transpose-sinking", "simplify", "cse"],
    holds: [entriesKeepTheirShapes],
  },
] as const satisfies readonly Stage[];

/**
 * A stage with each of its runs named: the second run of `cse` in the whole pipeline is `cse-2`.
 */
export interface PipelineStage extends Omit<Stage, "passes"> {
  readonly runs: readonly PassRun[];
}

const named = (): readonly PipelineStage[] => {
  const counts = new Map<PassName, number>();
  const runOf = (pass: PassName): PassRun => {
    const count = (counts.get(pass) ?? 0) + 1;
    counts.set(pass, count);
    return { pass, name: count === 1 ? pass : `${pass}-${count}` };
  };
  return stages.map(({ passes, ...stage }) => ({ ...stage, runs: passes.map(runOf) }));
};

/** The pipeline, first stage first. */
export const pipeline: readonly PipelineStage[] = named();

export interface StageOptions extends PassOptions, Partial<PassContext> {
  /** Whether the recipe computes activations again on the way back. */
  readonly checkpoints?: boolean;
}

/** Whether all that a stage promises can be asked of a graph: not where passes were left out. */
const isWhole = ({ only, without = [] }: PassOptions): boolean =>
  only === undefined && without.length === 0;

/**
 * Runs a stage's passes.
 * @throws Error where a pass breaks the graph, or the stage's end what it promises: a defect of
 *   ganc
 */
export const runStage = <S extends StageName>(
  stage: S,
  graph: At<S>,
  { checkpoints = false, isWeight = () => false, ...options }: StageOptions = {},
): At<S> => {
  const { runs, holds } = pipeline.find(({ name }) => name === stage) as PipelineStage;
  const without = [...(options.without ?? []), ...(checkpoints ? [] : ["checkpoint"])];
  const result = runPasses(graph, runs, { isWeight }, { ...options, without });
  const [broken] = isWhole(options) ? holds.flatMap((each) => each.broken(result)) : [];
  if (broken !== undefined) throw new Error(`internal error of ganc: at ${stage}: ${broken}`);
  return enter(stage, result);
};
