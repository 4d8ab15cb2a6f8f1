/**
 * Common subexpression elimination: equal operators on equal inputs become one node. It makes
 * `G(x)` in three losses one computation, and lets one player use the forward pass of another at
 * the same weights.
 */
import { attributesText, type Graph, type Node, type Provenance } from "../graph.js";
import { isConstant } from "../operators/sources.js";
import { isSamePart } from "../provenance.js";
import { onInputs, rewrite } from "./rewrite.js";

/** Returns the provenance that all inputs of a node share, if there is one. */
const provenanceBelow = (inputs: readonly Node[]): Provenance | undefined => {
  const [first, ...others] = inputs.filter((input) => !isConstant(input));
  const isOne = others.every(({ provenance }) => isSamePart(provenance, first?.provenance));
  return isOne ? first?.provenance : undefined;
};

/** Moves a node that several parts share to the part that its inputs belong to. */
const moveCommon = (graph: Graph, common: ReadonlySet<Node>): Graph =>
  rewrite(graph, (node, inputs) => {
    const provenance = common.has(node) ? provenanceBelow(inputs) : undefined;
    return provenance === undefined ? undefined : { ...node, inputs, provenance };
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
    if (first.inputs.length > 0 && !isSamePart(first.provenance, node.provenance))
      common.add(first);
    return first;
  });
  return common.size === 0 ? shared : moveCommon(shared, common);
};
