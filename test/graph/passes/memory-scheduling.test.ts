/** What is computed early: no number changes, and a runtime that goes depth first holds less. */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { evaluate } from "../../../src/graph/evaluate.js";
import { type Graph, type Node, nodesOf } from "../../../src/graph/graph.js";
import { scheduleForMemory } from "../../../src/graph/passes/memory-scheduling.js";
import { deepestLast, peakOf, schedule } from "../../../src/graph/schedule.js";
import { verify } from "../../../src/graph/verify.js";
import { stepProgram } from "../../../src/lowering/programs.js";
import { feedsOf } from "../../lowering/feeds.js";
import { constructs } from "../../support/constructs.js";
import { modelOf, modelOfSpec } from "../../support/specs.js";
import { graphs } from "../graphs.js";

/**
 * As ONNX Runtime goes: from what nobody reads, depth first, each time to what was written last.
 */
const asRun = (graph: Graph): readonly Node[] => {
  const index = new Map(deepestLast(graph).map((node, i) => [node, i]));
  const lastFirst = (nodes: Iterable<Node>): readonly Node[] =>
    [...new Set(nodes)].sort((a, b) => (index.get(b) ?? 0) - (index.get(a) ?? 0));
  const read = new Set([...index.keys()].flatMap((node) => node.inputs));
  const done = new Set<Node>();
  const visit = (node: Node): void => {
    if (done.has(node)) return;
    for (const input of lastFirst(node.inputs)) visit(input);
    done.add(node);
  };
  for (const node of lastFirst([...graph.outputs.values()].filter((node) => !read.has(node))))
    visit(node);
  return [...done];
};

const isView = ({ operator }: Node): boolean => operator === "reshape" || operator === "stop";

const plain = (name: string): Graph =>
  stepProgram(modelOf(constructs[name] as string), { without: ["memory-scheduling"] });

test.each(Object.keys(constructs))("%s: no number changes", (name) => {
  const before = plain(name);
  const after = scheduleForMemory(before);
  expect(verify(after)).toEqual([]);
  const feeds = feedsOf(before, 8);
  expect(evaluate(after, feeds)).toEqual(evaluate(before, feeds));
});

test("any graph stays sound, with the outputs that it had", () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const after = scheduleForMemory(graph);
      expect(verify(after)).toEqual([]);
      expect([...after.outputs.keys()]).toEqual([...graph.outputs.keys()]);
      expect(after.inputs).toEqual(graph.inputs);
    }),
    { seed: 31, numRuns: 60 },
  );
});

test("depth first, a step of CycleGAN then holds little more than as scheduled, and less than without", () => {
  const model = modelOfSpec("specs/cyclegan-lsgan.gan", {
    size: "64",
    ngf: "16",
    ndf: "8",
    blocks: "3",
  });
  const before = stepProgram(model, { without: ["memory-scheduling"] });
  const after = scheduleForMemory(before);
  expect(nodesOf(after).length).toBeLessThan(1.06 * nodesOf(before).length);
  const peak = (graph: Graph, nodes: readonly Node[]): number => peakOf(graph, nodes, { isView });
  const [scheduled, held] = [peak(before, schedule(before, { isView })), peak(after, asRun(after))];
  expect(held).toBeLessThan(1.15 * scheduled);
  expect(held).toBeLessThan(0.9 * peak(before, asRun(before)));
});
