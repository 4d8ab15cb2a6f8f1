/**
 * Draws without images: noise, uniform numbers and classes, each from a counter stream of its own,
 * and the shares of params that follow a schedule.
 */
import { normal, pick, stream } from "../../base/random.js";
import type { HostTensor } from "../../contracts/tensor.js";
import type { Domain } from "../../program/model.js";
import { shareAt } from "../../program/schedule.js";

/** Returns one-hot vectors of the classes, [n, 1, 1, classes]. */
export const oneHot = (classes: readonly number[], count: number): HostTensor => {
  const data = new Float32Array(classes.length * count);
  for (const [i, of] of classes.entries()) data[i * count + of] = 1;
  return { shape: [classes.length, 1, 1, count], data };
};

/** Returns the classes in turn from the first, as one-hot vectors [samples, 1, 1, classes]. */
export const cycled = (samples: number, classes: number): HostTensor =>
  oneHot(
    Array.from({ length: samples }, (_, i) => i % classes),
    classes,
  );

/**
 * Makes the n-th draw of an epoch, [batch, h, w, c]. It reads the stream `draw/<key>/<epoch>` and
 * depends only on the seed, the draw's key, the epoch and n; the share of a schedule, on the epoch.
 */
export const hostDraw = (
  { kind, shape, range: [low, high], schedule }: Domain,
  key: string,
  batch: number,
  seed: number,
  epoch: number,
  n: number,
): HostTensor => {
  const uniform = stream(seed, `draw/${key}/${epoch}`);
  if (kind === "labels") {
    const [, , classes] = shape;
    const slots = Array.from({ length: batch }, (_, i) => pick(uniform, n * batch + i, classes));
    return oneHot(slots, classes);
  }
  const size = batch * shape.reduce((a, b) => a * b, 1);
  if (schedule !== undefined)
    return {
      shape: [batch, ...shape],
      data: new Float32Array(size).fill(shareAt(schedule, epoch)),
    };
  // With an odd size, the next draw starts at a new pair.
  const first = n * (size + (size % 2));
  const gauss = normal(uniform);
  const value = (i: number): number =>
    kind === "noise" ? gauss(first + i) : low + (high - low) * uniform(first + i);
  const data = Float32Array.from({ length: size }, (_, i) => value(i));
  return { shape: [batch, ...shape], data };
};
