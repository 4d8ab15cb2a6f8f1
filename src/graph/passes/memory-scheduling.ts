/**
 * When values are computed. A runtime that takes no order from us computes a value when something first needs it, so the
 * gradient of a weight, which only its update reads, would come at the end of the step, and hold the layer's activations until
 * then. Here what `schedule` computes long before it is read is made to come first: a small constant that the next
 * computation reads is to be had `after` it.
 */
import { type Graph, isSource, type Node, sizeOf } from "../graph.js";
import { isView } from "../operators/index.js";
import { after } from "../operators/order.js";
import { isConstant } from "../operators/sources.js";
import { schedule } from "../schedule.js";
import { onInputs } from "./rewrite.js";

/** Nodes between a value and its first reader from which on it would come later than it is wanted. */
const FAR = 32;

/** Numbers of a constant that costs nothing to copy. */
const SMALL = 2 ** 16;

const isSmallConstant = (node: Node): boolean => isConstant(node) && sizeOf(node.shape) <= SMALL;

/** Values that are wanted long before they are read, or that nothing reads. */
const early = (wanted: readonly Node[]): ReadonlySet<Node> => {
  const read = new Map<Node, number>();
  wanted.forEach((node, place) => {
    for (const input of node.inputs) if (!read.has(input)) read.set(input, place);
  });
  const isEarly = (node: Node, place: number): boolean =>
    !isSource(node) && (read.get(node) ?? Number.POSITIVE_INFINITY) - place > FAR;
  return new Set(wanted.filter(isEarly));
};

/** The graph with what it takes for its nodes to be computed about as they are scheduled, by whoever begins at what is asked. */
export const scheduleForMemory = (graph: Graph): Graph => {
  const wanted = schedule(graph, { isView });
  const waitedFor = early(wanted);
  const replaced = new Map<Node, Node>();
  const of = (node: Node): Node => replaced.get(node) ?? node;
  let waiting: Node[] = [];
  for (const node of wanted) {
    const inputs = node.inputs.map(of);
    const small = waiting.length > 0 ? node.inputs.findIndex(isSmallConstant) : -1;
    const constant = inputs[small];
    if (constant !== undefined) {
      inputs[small] = { ...after(constant, waiting), label: node.label };
      waiting = [];
    }
    replaced.set(node, onInputs(node, inputs));
    if (waitedFor.has(node)) waiting.push(of(node));
  }
  return { ...graph, outputs: new Map([...graph.outputs].map(([name, node]) => [name, of(node)])) };
};
