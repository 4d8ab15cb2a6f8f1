/** What knows of places: numbers for each one, and parts of images [n, h, w, c]. */
import * as tf from "@tensorflow/tfjs";

/** The sides of a sample, [h, w, c]; an open side is `null`. */
export type Sides = readonly [number | null, number | null, number | null];

/** Options by name. */
type Numbers = Readonly<Record<string, number>>;

export interface Placing {
  /** @throws RangeError where it does not fit */
  readonly sides: (input: Sides, options: Numbers) => Sides;
  readonly value: (x: tf.Tensor4D, options: Numbers) => tf.Tensor4D;
}

/**
 * Repeats values [1, h, w, c] for every sample of x. A number of each sample is added, times 0, for
 * derivatives are asked of x.
 */
export const forEachSample = (x: tf.Tensor4D, values: tf.Tensor): tf.Tensor4D =>
  tf.add(tf.mul(tf.slice(x, [0, 0, 0, 0], [x.shape[0], 1, 1, 1]), 0), values);

/** Numbers for every place, [1, h, w, c]. */
const known = (
  [h, w, c]: readonly [number, number, number],
  at: (row: number, column: number, channel: number) => number,
): tf.Tensor => {
  const data = Float32Array.from({ length: h * w * c }, (_, i) => {
    const place = Math.floor(i / c);
    return at(Math.floor(place / w), place % w, i % c);
  });
  return tf.tensor(data, [1, h, w, c]);
};

/** From -1 to 1 along a side, and 0 on a side of one pixel. */
const between = (at: number, side: number): number => (side === 1 ? 0 : (2 * at) / (side - 1) - 1);

const coordinates: Placing = {
  sides: ([h, w]) => [h, w, 2],
  value: (x) => {
    const [, h, w] = x.shape;
    const values = known([h, w, 2], (row, column, channel) =>
      channel === 0 ? between(row, h) : between(column, w),
    );
    return forEachSample(x, values);
  },
};

const wave = (at: number, channel: number, count: number): number => {
  const angle = at / 10_000 ** ((2 * Math.floor(channel / 2)) / count);
  return channel % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
};

const sinusoids: Placing = {
  sides: (input) => {
    if ((input[2] ?? 0) % 4 !== 0)
      throw new RangeError(`${input[2]} channels are no multiple of 4`);
    return input;
  },
  value: (x) => {
    const [, h, w, c] = x.shape;
    const half = c / 2;
    const values = known([h, w, c], (row, column, channel) =>
      channel < half ? wave(row, channel, half) : wave(column, channel - half, half),
    );
    return forEachSample(x, values);
  },
};

/** Refuses a part that begins before a side or ends beyond it. */
const checkWithin = (from: number, count: number, side: number | null): void => {
  if (!Number.isInteger(from) || from < 0 || count < 1 || from + count > (side ?? from + count))
    throw new RangeError(`${from} to ${from + count - 1} does not lie within ${side}`);
};

const takeChannels: Placing = {
  sides: ([h, w, c], { first = 0, count = 1 }) => {
    checkWithin(first, count, c);
    return [h, w, count];
  },
  value: (x, { first = 0, count = 1 }) => tf.slice(x, [0, 0, 0, first], [-1, -1, -1, count]),
};

const crop: Placing = {
  sides: ([h, w, c], { top = 0, left = 0, height = 1, width = 1 }) => {
    checkWithin(top, height, h);
    checkWithin(left, width, w);
    return [height, width, c];
  },
  value: (x, { top = 0, left = 0, height = 1, width = 1 }) =>
    tf.slice(x, [0, top, left, 0], [-1, height, width, -1]),
};

const pixelNorm: Placing = {
  sides: (input) => input,
  value: (x, { epsilon = 1e-8 }) =>
    tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), 3, true), epsilon))),
};

export const placings = { coordinates, sinusoids, takeChannels, crop, pixelNorm };
