/**
 * Common subexpressions: equal operators on equal inputs are one node. It is what makes `G(x)` in three losses one
 * computation, and what lets a player use a forward that another has already made at the same weights.
 */
import { attributesText, type Graph, type Node, type Origin } from "../graph.js";
import { isConstant } from "../operators/sources.js";
import { isSamePart } from "../provenance.js";
import { onInputs, rewrite } from "./rewrite.js";

/** The origin of all that a node reads, where that is one. */
const originBelow = (inputs: readonly Node[]): Origin | undefined => {
  const [first, ...others] = inputs.filter((input) => !isConstant(input));
  const isOne = others.every(({ origin }) => isSamePart(origin, first?.origin));
  return isOne ? first?.origin : undefined;
};

/** What several begin with is part of none of them, but of what it reads. */
const moveCommon = (graph: Graph, common: ReadonlySet<Node>): Graph =>
  rewrite(graph, (node, inputs) => {
    const origin = common.has(node) ? originBelow(inputs) : undefined;
    return origin === undefined ? undefined : { ...node, inputs, origin };
  });

export const eliminateCommonSubexpressions = (graph: Graph): Graph => {
  const known = new Map<string, Node>();
  const ids = new Map<Node, number>();
  const common = new Set<Node>();
  const shared = rewrite(graph, (node, inputs) => {
    const key = `${node.operator} ${inputs.map((input) => ids.get(input)).join(" ")} ${attributesText(node.attributes)}`;
    const first = known.get(key) ?? onInputs(node, inputs);
    known.set(key, first);
    if (!ids.has(first)) ids.set(first, ids.size);
    if (first.inputs.length > 0 && !isSamePart(first.origin, node.origin)) common.add(first);
    return first;
  });
  return common.size === 0 ? shared : moveCommon(shared, common);
};
