/**
 * Guarantees: facts about a graph that a pass or a stage of the pipeline promises, and that
 * `runPasses` and tests check. Each returns one sentence for every place where it does not hold.
 */
import { attributesText, type Graph, type Node, nodesOf } from "./graph.js";

export interface Guarantee {
  /** A sentence for the docs, without a full stop. */
  readonly doc: string;
  readonly broken: (graph: Graph) => readonly string[];
}

const orderOf = (node: Node): readonly number[] | undefined =>
  node.operator === "transpose" ? (node.attributes.order as readonly number[]) : undefined;

/** Whether the node transposes a transpose back. */
const isUndone = (node: Node): boolean => {
  const [outer, inner] = [orderOf(node), node.inputs[0] && orderOf(node.inputs[0])];
  return outer !== undefined && inner !== undefined && outer.every((axis, i) => inner[axis] === i);
};

/** Holds after common subexpression elimination. */
export const noTwins: Guarantee = {
  doc: "no two nodes have one operator, one set of attributes and the same inputs",
  broken: (graph) => {
    const ids = new Map<Node, number>();
    const known = new Set<string>();
    return nodesOf(graph).flatMap((node) => {
      ids.set(node, ids.size);
      const inputs = node.inputs.map((input) => ids.get(input)).join(" ");
      const key = `${node.operator} ${inputs} ${attributesText(node.attributes)}`;
      if (!known.has(key)) {
        known.add(key);
        return [];
      }
      return [`${node.operator} of ${node.inputs.map((i) => i.operator).join(", ")} stands twice`];
    });
  },
};

/** Holds after transpose sinking. */
export const noUndoneTransposes: Guarantee = {
  doc: "no transpose of an image undoes another",
  broken: (graph) =>
    nodesOf(graph)
      .filter((node) => node.shape.length === 4 && isUndone(node))
      .map(({ attributes }) => `transpose ${String(attributes.order)} undoes the one before it`),
};

/** Holds after dead code elimination. */
export const everyInputIsRead: Guarantee = {
  doc: "some output depends on every input",
  broken: (graph) => {
    const used = new Set(nodesOf({ ...graph, inputs: [] }));
    return graph.inputs
      .filter((node) => !used.has(node))
      .map(({ attributes }) => `no output depends on ${String(attributes.name)}`);
  },
};

/** Holds until memory is scheduled or activations are recomputed. */
export const nothingWaits: Guarantee = {
  doc: "no value waits for another that it does not read",
  broken: (graph) =>
    nodesOf(graph)
      .filter(({ operator }) => operator === "after")
      .map(() => "a value waits"),
};
