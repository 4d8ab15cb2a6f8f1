/**
 * Memory scheduling. A runtime that takes no order from us computes a value when it is first
 * needed. Only its update reads the gradient of a weight, so the gradient would come at the end of
 * the step, and the layer's activations would live until then. Where `schedule` computes a value
 * long before it is read, this pass makes a small constant of the next computation wait for it, by
 * `after`.
 */
import { type Graph, isSource, type Node, sizeOf } from "../graph.js";
import { isView } from "../operators/index.js";
import { after } from "../operators/order.js";
import { isConstant } from "../operators/sources.js";
import { schedule } from "../schedule.js";
import { onInputs } from "./rewrite.js";

/** A value whose first reader is more nodes away than this must be forced to come early. */
const FAR = 32;

/** Size in numbers up to which copying a constant costs nothing. */
const SMALL = 2 ** 16;

const isSmallConstant = (node: Node): boolean => isConstant(node) && sizeOf(node.shape) <= SMALL;

/** Finds values that are scheduled long before their first reader, or that nothing reads. */
const early = (wanted: readonly Node[]): ReadonlySet<Node> => {
  const read = new Map<Node, number>();
  wanted.forEach((node, place) => {
    for (const input of node.inputs) if (!read.has(input)) read.set(input, place);
  });
  const isEarly = (node: Node, place: number): boolean =>
    !isSource(node) && (read.get(node) ?? Number.POSITIVE_INFINITY) - place > FAR;
  return new Set(wanted.filter(isEarly));
};

/**
 * Orders nodes so that buffers die early, in a runtime that computes what it is asked for depth
 * first.
 */
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
