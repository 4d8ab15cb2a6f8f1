/** Saying what nodes are part of, and carrying it on. */
import type { Node, Provenance } from "./graph.js";

/**
 * What says of nodes, and of all that they are made of as far down as what has a provenance, that
 * this is their provenance. What is fed and what is constant stay as they are, for one serves many
 * places. Of nodes made together only one such function may be asked: of what two share each would
 * make one of its own.
 */
export const withProvenance = (provenance: Provenance): ((made: Node) => Node) => {
  const done = new Map<Node, Node>();
  const visit = (node: Node): Node => {
    if (node.inputs.length === 0 || node.provenance !== undefined) return node;
    const now = done.get(node) ?? { ...node, inputs: node.inputs.map(visit), provenance };
    done.set(node, now);
    return now;
  };
  return visit;
};

/** What differentiating a node of that provenance makes; `by` names the differentiation. */
export const derivedProvenance = (provenance: Provenance | undefined, by: string): Provenance => ({
  of: [],
  ...provenance,
  derivatives: [...(provenance?.derivatives ?? []), by],
});

/** Whether nodes of the two are part of the same. */
export const isSamePart = (a: Provenance | undefined, b: Provenance | undefined): boolean =>
  a === b || (a?.of ?? []).join("\n") === (b?.of ?? []).join("\n");
