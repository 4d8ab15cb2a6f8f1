/** What processes that share a step send one another, on paper. */
import { sizeOf } from "../../graph/graph.js";
import type { Model } from "../../program/model.js";
import { type Moves, movesOf } from "./form.js";

/** Bytes of a gradient's number: also under autocast, which keeps weights and gradients so. */
const NUMBER = 4;

/** Moves in a step, over many steps. */
const meanOf = (moves: Moves): number =>
  moves.reduce((sum, [every, times]) => sum + times / every, 0);

/**
 * Bytes of gradients of which a step takes the mean over all processes: of each weight, each time
 * that its network moves. Batches that are accumulated are added up before.
 */
export const reducedBytes = (model: Model): number => {
  const weights = new Map(
    model.networks.map(({ name, parameters }) => [
      name,
      parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    ]),
  );
  return Object.entries(movesOf(model)).reduce(
    (sum, [name, moves]) => sum + NUMBER * meanOf(moves) * (weights.get(name) ?? 0),
    0,
  );
};

/**
 * Bytes that each of `count` machines sends in a step, and receives: a ring adds up a part on each
 * machine and hands the sums on (Patarasuk and Yuan 2009).
 */
export const ringBytes = (bytes: number, count: number): number =>
  Math.round((2 * (count - 1) * bytes) / count);
