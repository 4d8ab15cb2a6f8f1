/** Averages gradients and reported values over the batches of one update. */
import * as tf from "@tensorflow/tfjs";
import type { Differentiated } from "./gradients.js";

export type Accumulated = Pick<Differentiated, "gradients" | "terms">;

type Tensors = Record<string, tf.Tensor>;
type Sums = Record<string, Tensors>;

const added = (sum: Tensors | undefined, next: Readonly<Tensors>): Tensors =>
  Object.fromEntries(
    Object.entries(next).map(([name, tensor]) => {
      const before = sum?.[name];
      return [name, before === undefined ? tf.clone(tensor) : tf.add(before, tensor)];
    }),
  );

/**
 * Returns a batch's contribution: gradients and terms of each player, flat, so that tidy sees them.
 */
const partsOf = (results: Readonly<Record<string, Accumulated>>): Sums =>
  Object.fromEntries(
    Object.entries(results).flatMap(([player, { gradients, terms }]) => [
      [`gradients ${player}`, Object.fromEntries(gradients)],
      [`terms ${player}`, { ...terms }],
    ]),
  );

const scaled = (sum: Tensors | undefined, factor: number): Tensors =>
  Object.fromEntries(
    Object.entries(sum ?? {}).map(([name, tensor]) => [name, tf.mul(tensor, factor)]),
  );

/**
 * Computes `batch` for k from 0 to parts - 1 one after the other, and returns the means of its
 * results, player by player. Disposes each result before the next begins. The caller owns all
 * returned tensors.
 * @param parts at least 1
 */
export function accumulated<K extends string>(
  parts: number,
  batch: (k: number) => Readonly<Record<K, Differentiated>>,
): Record<K, Accumulated> {
  let players: readonly string[] = [];
  let sums: Sums = {};
  for (let k = 0; k < parts; k++) {
    const before = sums;
    sums = tf.tidy(() => {
      const results = batch(k);
      players = Object.keys(results);
      const next = Object.entries(partsOf(results));
      return Object.fromEntries(next.map(([key, part]) => [key, added(before[key], part)]));
    });
    for (const part of Object.values(before)) tf.dispose(part);
  }
  const means = players.map((player): [string, Accumulated] => {
    const gradients = new Map(Object.entries(scaled(sums[`gradients ${player}`], 1 / parts)));
    const terms = scaled(sums[`terms ${player}`], 1 / parts) as Record<string, tf.Scalar>;
    return [player, { gradients, terms }];
  });
  for (const part of Object.values(sums)) tf.dispose(part);
  return Object.fromEntries(means) as Record<K, Accumulated>;
}
