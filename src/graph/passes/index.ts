/**
 * The passes, in the order in which they run: some over the objectives, before they are differentiated, so that the
 * derivative is that of the better program; the others over the whole step.
 */
import type { Graph } from "../graph.js";
import { verify } from "../verify.js";
import { batchApplications } from "./batch.js";
import { checkpoint } from "./checkpoint.js";
import { dropIdle } from "./idle.js";
import { moveTransposes } from "./layout.js";
import { order } from "./order.js";
import { share } from "./share.js";
import { simplify } from "./simplify.js";
import { winograd } from "./winograd.js";

export interface Pass {
  /** What `--print-after` takes. */
  readonly name: string;
  readonly doc: string;
  readonly run: (graph: Graph) => Graph;
  /** Whether it rounds otherwise, beyond the last bits: `--exact` leaves it out. */
  readonly rounds?: boolean;
}

const entries = {
  share: { doc: "equal operators on equal inputs are one node", run: share },
  simplify: { doc: "algebra: undone, known and trivial steps vanish", run: simplify },
  idle: { doc: "a bias that a normalisation takes away again is not added", run: dropIdle },
  batch: {
    doc: "independent applications of a network are one, in blocks that gain by it",
    run: batchApplications,
  },
  winograd: {
    doc: "3 x 3 convolutions by fast convolution, in matrix products",
    run: (graph: Graph) => winograd(graph),
    rounds: true,
  },
  layout: { doc: "transposes of images move down until they cancel", run: moveTransposes },
  checkpoint: {
    doc: "by `checkpoint_activations`: values between those that are kept are computed again on the way back",
    run: (graph: Graph) => checkpoint(graph, () => false),
  },
  order: { doc: "what frees memory is computed before what could wait for it", run: order },
} satisfies Record<string, Omit<Pass, "name">>;

/** What can be left out. */
export const passNames: readonly string[] = Object.keys(entries);

const pass = (name: keyof typeof entries, as: string = name): Pass => ({
  ...entries[name],
  name: as,
});

/** Over what players compute, before it is differentiated. */
export const objectivePasses: readonly Pass[] = [
  pass("share"),
  pass("simplify"),
  pass("idle"),
  pass("batch"),
  pass("winograd"),
  pass("layout"),
  pass("share", "share-2"),
  pass("simplify", "simplify-2"),
];

/** Over the step with its derivatives. */
export const stepPasses: readonly Pass[] = [
  pass("simplify", "simplify-3"),
  pass("share", "share-3"),
  pass("order"),
];

/** The same of a recipe that computes activations again; told is which inputs are the same for all that is drawn. */
export const checkpointingPasses = (isWeight: (input: string) => boolean): readonly Pass[] =>
  stepPasses.flatMap((each) =>
    each.name === "order"
      ? [{ ...pass("checkpoint"), run: (graph) => checkpoint(graph, isWeight) }, each]
      : [each],
  );

/** Over a step whose state is held in other orders. */
export const heldPasses: readonly Pass[] = [
  pass("layout", "layout-2"),
  pass("simplify", "simplify-4"),
  pass("share", "share-4"),
];

/** Which pass `share-2` is the second run of. */
const runOf = (name: string): string => name.replace(/-\d+$/, "");

/** Told of every graph on the way, under the name of the pass that made it. */
export type Observer = (pass: string, graph: Graph) => void;

export interface PassOptions {
  /** Leaves out what changes numbers by more than the last bits. */
  readonly exact?: boolean;
  /** Runs the passes of these names only. */
  readonly only?: readonly string[] | undefined;
  /** Leaves out the passes of these names, each time that they would run: `share` is `share-2` too. */
  readonly without?: readonly string[] | undefined;
  readonly observe?: Observer | undefined;
}

/**
 * Runs the passes.
 * @throws Error where a pass breaks the graph: a defect of ganc
 */
export const runPasses = (
  graph: Graph,
  passes: readonly Pass[],
  { exact = false, only, without = [], observe }: PassOptions = {},
): Graph => {
  let current = graph;
  for (const { name, run, rounds } of passes) {
    const isLeftOut = (exact && rounds === true) || without.includes(runOf(name));
    if (isLeftOut || only?.includes(name) === false) continue;
    current = run(current);
    const [broken] = verify(current);
    if (broken !== undefined) throw new Error(`internal error of ganc: after ${name}: ${broken}`);
    observe?.(name, current);
  }
  return current;
};
