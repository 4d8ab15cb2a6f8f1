/** The table of passes, and how a list of them runs. Which run when: src/lowering/pipeline.ts. */
import type { Graph } from "../graph.js";
import { everyInputIsRead, type Guarantee, noTwins, noUndoneTransposes } from "../guarantees.js";
import { verify } from "../verify.js";
import { batchApplications } from "./batch.js";
import { checkpoint } from "./checkpoint.js";
import { eliminateCommonSubexpressions } from "./cse.js";
import { eliminateDeadInputs } from "./dce.js";
import { eliminateDeadBiases } from "./dead-bias.js";
import { scheduleForMemory } from "./memory-scheduling.js";
import { simplify } from "./simplify.js";
import { sinkTransposes } from "./transpose-sinking.js";
import { winograd } from "./winograd.js";

/** Facts about the program that some passes need. */
export interface PassContext {
  /** Whether an input is the same for all samples of a batch. */
  readonly isWeight: (input: string) => boolean;
}

export interface Pass {
  readonly doc: string;
  readonly run: (graph: Graph, context: PassContext) => Graph;
  /** Whether results change by more than the last bits. `--exact` leaves such a pass out. */
  readonly rounds?: boolean;
  /** Holds right after the pass. */
  readonly leaves?: Guarantee;
}

/** By the name that `--print-after` takes. */
export const passes = {
  cse: {
    doc: "equal operators on equal inputs are one node",
    run: eliminateCommonSubexpressions,
    leaves: noTwins,
  },
  simplify: { doc: "algebra: undone, known and trivial steps vanish", run: simplify },
  "dead-bias": {
    doc: "a bias that a normalisation takes away again is not added",
    run: eliminateDeadBiases,
  },
  batch: {
    doc: "independent applications of a network are one, in blocks that gain by it",
    run: batchApplications,
  },
  winograd: {
    doc: "3 x 3 convolutions by fast convolution, in matrix products",
    run: (graph: Graph) => winograd(graph),
    rounds: true,
  },
  "transpose-sinking": {
    doc: "transposes of images move down until they cancel",
    run: sinkTransposes,
    leaves: noUndoneTransposes,
  },
  checkpoint: {
    doc: "by `checkpoint_activations`: values between those that are kept are computed again on the way back",
    run: (graph: Graph, { isWeight }: PassContext) => checkpoint(graph, isWeight),
  },
  "memory-scheduling": {
    doc: "what frees memory is computed before what could wait for it",
    run: scheduleForMemory,
  },
  dce: {
    doc: "inputs that no output depends on are not asked for",
    run: eliminateDeadInputs,
    leaves: everyInputIsRead,
  },
} satisfies Record<string, Pass>;

export type PassName = keyof typeof passes;

/** Names that `without` takes. */
export const passNames: readonly string[] = Object.keys(passes);

/** One place of a pipeline where a pass runs. */
export interface PassRun {
  readonly pass: PassName;
  /** The pass, with the number of the run where it is not the first: `cse-2`. */
  readonly name: string;
}

/** Called with the graph after each run, and the run's name. */
export type Observer = (run: string, graph: Graph) => void;

export interface PassOptions {
  /** Leaves out passes that change results by more than the last bits. */
  readonly exact?: boolean;
  /** Runs only these runs. */
  readonly only?: readonly string[] | undefined;
  /** Leaves out the passes of these names, each time that they would run: `cse` is `cse-2` too. */
  readonly without?: readonly string[] | undefined;
  readonly observe?: Observer | undefined;
}

/**
 * Runs passes in order, and verifies the graph after each.
 * @throws Error where a pass breaks the graph or its guarantee, which is a defect of ganc
 */
export const runPasses = (
  graph: Graph,
  runs: readonly PassRun[],
  context: PassContext,
  { exact = false, only, without = [], observe }: PassOptions = {},
): Graph => {
  let current = graph;
  for (const { pass, name } of runs) {
    const { run, rounds, leaves }: Pass = passes[pass];
    const isLeftOut = (exact && rounds === true) || without.includes(pass);
    if (isLeftOut || only?.includes(name) === false) continue;
    current = run(current, context);
    const [broken] = [...verify(current), ...(leaves?.broken(current) ?? [])];
    if (broken !== undefined) throw new Error(`internal error of ganc: after ${name}: ${broken}`);
    observe?.(name, current);
  }
  return current;
};
