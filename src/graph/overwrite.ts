/**
 * Finds outputs that may overwrite an input in its own memory. In any order of computation, every
 * reader of the input must have read it before the output is computed, and the output's operator
 * must read each number before it writes it. A moment qualifies, since only its own update reads
 * it.
 */
import { type Graph, inputName, type Node, nodesOf, sameShape } from "./graph.js";
import { operatorOf } from "./operators/index.js";

/**
 * Whether the node computes each number from the numbers at the same place, into memory of its own.
 */
const isElementwise = (node: Node): boolean => {
  const { extent, view } = operatorOf(node);
  return view === undefined && (extent === "elementwise" || extent === "pairwise");
};

/** Maps each node to its readers. */
const readersOf = (graph: Graph): ReadonlyMap<Node, readonly Node[]> => {
  const readers = new Map<Node, Node[]>();
  for (const node of nodesOf(graph))
    for (const input of new Set(node.inputs)) {
      const known = readers.get(input);
      if (known === undefined) readers.set(input, [node]);
      else known.push(node);
    }
  return readers;
};

/** Ends a search after this many nodes. Far fewer stand between a moment and its next value. */
const NEAR = 16;

/**
 * Whether the output depends on the node, found by visiting at most `NEAR` nodes from the node on.
 */
const reaches = (
  from: Node,
  output: Node,
  readers: ReadonlyMap<Node, readonly Node[]>,
): boolean => {
  const seen = new Set([from]);
  for (const node of seen) {
    if (node === output) return true;
    if (seen.size > NEAR) return false;
    for (const reader of readers.get(node) ?? []) seen.add(reader);
  }
  return false;
};

/** Returns those inputs, of pairs of an input and an output, that the output may overwrite. */
export const overwritten = (
  graph: Graph,
  pairs: Iterable<readonly [string, string]>,
): ReadonlySet<string> => {
  const inputs = new Map(graph.inputs.map((node) => [inputName(node), node]));
  const readers = readersOf(graph);
  const outputs = [...graph.outputs.values()];
  const mayBe = ([from, to]: readonly [string, string]): boolean => {
    const [input, output] = [inputs.get(from), graph.outputs.get(to)];
    if (input === undefined || output === undefined || input === output) return false;
    if (!sameShape(input.shape, output.shape) || !isElementwise(output)) return false;
    if (outputs.filter((other) => other === output || other === input).length > 1) return false;
    return (readers.get(input) ?? []).every(
      (reader) => isElementwise(reader) && reaches(reader, output, readers),
    );
  };
  return new Set([...pairs].filter(mayBe).map(([from]) => from));
};
