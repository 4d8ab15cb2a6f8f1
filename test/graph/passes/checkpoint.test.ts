/** Values that are computed again on the way back: no number changes, and less is held. */
import { expect, test } from "@jest/globals";
import { evaluate } from "../../../src/graph/evaluate.js";
import { type Graph, type Node, nodesOf } from "../../../src/graph/graph.js";
import { checkpoint } from "../../../src/graph/passes/checkpoint.js";
import { eliminateCommonSubexpressions } from "../../../src/graph/passes/cse.js";
import { peakOf, schedule } from "../../../src/graph/schedule.js";
import { verify } from "../../../src/graph/verify.js";
import { isWeight } from "../../../src/lowering/names.js";
import { phaseProgram, stepProgram } from "../../../src/lowering/programs.js";
import { feedsOf } from "../../lowering/feeds.js";
import { constructs } from "../../support/constructs.js";
import { modelOf, modelOfSpec } from "../../support/specs.js";

const isView = ({ operator }: Node): boolean => operator === "reshape" || operator === "stop";

/** Steps whose way back computes something again. */
let copied = 0;

test.each(Object.entries(constructs))("%s: no number changes", (_, text) => {
  const model = modelOf(text);
  for (const phase of model.phases.keys()) {
    const before = eliminateCommonSubexpressions(
      phaseProgram(model, phase, { without: ["memory-scheduling"] }),
    );
    const after = checkpoint(before, isWeight, 0);
    expect(verify(after)).toEqual([]);
    const feeds = feedsOf(before, 8);
    expect(evaluate(after, feeds)).toEqual(evaluate(before, feeds));
    // What is computed again is not taken for the value that it repeats: two derivations may share
    // what they repeat.
    const [more, shared] = [after, eliminateCommonSubexpressions(after)].map(
      (graph) => nodesOf(graph).length - nodesOf(before).length,
    ) as [number, number];
    expect(shared).toBeGreaterThanOrEqual(0.9 * more);
    if (more > 0) copied++;
  }
});

test("most steps compute something again", () => {
  expect(copied).toBeGreaterThan(0.7 * Object.keys(constructs).length);
});

const set = { size: "64", ngf: "16", ndf: "8", blocks: "6" };

const plain = (): Graph =>
  stepProgram(modelOfSpec("specs/cyclegan-lsgan.gan", set), { without: ["memory-scheduling"] });

const peak = (graph: Graph): number => peakOf(graph, schedule(graph, { isView }), { isView });

test("a step of CycleGAN holds much less, and computes each convolution once more at most", () => {
  const before = plain();
  const after = checkpoint(before, isWeight);
  expect(peak(after)).toBeLessThan(0.75 * peak(before));
  const count = (graph: Graph, ...operators: readonly string[]): number =>
    nodesOf(graph).filter(({ operator }) => operators.includes(operator)).length;
  expect(count(after, "conv")).toBeGreaterThan(count(before, "conv"));
  expect(count(after, "conv")).toBeLessThanOrEqual(2 * count(before, "conv"));
  expect(count(after, "conv_weight")).toBe(count(before, "conv_weight"));
  expect(nodesOf(after).length).toBeLessThan(1.5 * nodesOf(before).length);
});

test("where nothing is the same for all that is drawn, it is sound too", () => {
  const before = plain();
  expect(verify(checkpoint(before, () => false))).toEqual([]);
});
