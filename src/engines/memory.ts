/** How much memory there is, and whether a step may need more. */
import { totalmem } from "node:os";
import { bytesText } from "../base/bytes.js";
import { type Graph, type Node, nodesOf, sizeOf } from "../graph/graph.js";
import { peakOf, schedule } from "../graph/schedule.js";
import { type Places, placeOf } from "./places.js";

/** Of the machine, or what this process may have of it, in bytes. */
export const machineMemory = (): number => {
  const bound = process.constrainedMemory?.() ?? 0;
  return bound > 0 ? Math.min(bound, totalmem()) : totalmem();
};

const bytesIn = (nodes: readonly Node[]): number =>
  4 * nodes.reduce((sum, { shape }) => sum + sizeOf(shape), 0);

/** What the program holds at once where it is computed in an order that holds little; at least its inputs. */
const held = (graph: Graph): number => 4 * peakOf(graph, schedule(graph)) + bytesIn(graph.inputs);

/**
 * A warning where a step needs more than there is: the system then ends the process, which cannot say a word. Nothing as a
 * rule.
 */
export const cautionOf = (
  graphs: readonly Graph[],
  places: Places,
  memory = machineMemory(),
): string | undefined => {
  // Most steps would fit if nothing were ever let go.
  const heavy = graphs.filter((graph) => bytesIn(nodesOf(graph)) > memory);
  const peak = Math.max(0, ...heavy.map(held));
  if (peak <= memory) return undefined;
  const largest = heavy
    .flatMap(nodesOf)
    .reduce((a, b) => (sizeOf(b.shape) > sizeOf(a.shape) ? b : a));
  const most = `${placeOf(largest, places) ?? "one value of a loss"}: ${bytesText(bytesIn([largest]))}`;
  return `a step holds about ${bytesText(peak)} at once, and this machine has ${bytesText(memory)}: the system may end it without a word. Most is held by ${most} at once.`;
};
