/** Kernels of sums and maxima over windows, for images held as [n, h, w, c]. */
import * as tf from "@tensorflow/tfjs";
import { along, axes } from "../../../base/sides.js";
import type { SidesAttribute } from "../../../graph/operators/rules.js";
import { upsample2d } from "../../../runtime/kernels/upsample.js";
import { fixed, IMAGES } from "./axis-order.js";
import { type Compute, composed, type GraphKernels, type Placed, sides, single } from "./kernel.js";

type Shape4 = readonly [number, number, number, number];

type Both = [height: number, width: number];

const around = ([high, wide]: Both): [number, number][] => [
  [0, 0],
  [high, high],
  [wide, wide],
  [0, 0],
];

interface Window {
  readonly kernel: Both;
  readonly stride: Both;
  readonly pad: Both;
}

const bothOf = (placed: Placed, name: SidesAttribute): Both => [
  along(sides(placed, name), 0),
  along(sides(placed, name), 1),
];

const windowOf = (placed: Placed): Window => ({
  kernel: bothOf(placed, "kernel"),
  stride: bothOf(placed, "stride"),
  pad: bothOf(placed, "pad"),
});

const windowSum = (placed: Placed): Compute => {
  const { kernel, stride, pad } = windowOf(placed);
  return composed((x) => {
    const padded = tf.pad(x as tf.Tensor4D, around(pad));
    return tf.mul(tf.avgPool(padded, kernel, stride, "valid"), kernel[0] * kernel[1]);
  });
};

/** Lists the places within a window, row by row. */
const places = ([rows, columns]: Both): readonly (readonly [number, number])[] =>
  [...Array(rows * columns).keys()].map((i) => [Math.floor(i / columns), i % columns]);

/** Takes the pixel at one place of each window of a padded image. */
const pixels = (
  padded: tf.Tensor,
  [row, column]: readonly [number, number],
  [down, across]: Both,
  [n, h, w, c]: Shape4,
): tf.Tensor =>
  tf.stridedSlice(
    padded,
    [0, row, column, 0],
    [n, row + (h - 1) * down + 1, column + (w - 1) * across + 1, c],
    [1, down, across, 1],
  );

/** Puts a value for each window at one place of it, in a padded image of zeros. */
const put = (
  values: tf.Tensor,
  [row, column]: readonly [number, number],
  [down, across]: Both,
  [height, width]: readonly [number, number],
): tf.Tensor => {
  const [n, h, w, c] = values.shape as unknown as Shape4;
  const spread = tf.reshape(
    tf.pad(tf.reshape(values, [n * h, 1, w, 1, c]), [
      [0, 0],
      [0, down - 1],
      [0, 0],
      [0, across - 1],
      [0, 0],
    ]),
    [n, h * down, w * across, c],
  );
  const [high, wide] = [(h - 1) * down + 1, (w - 1) * across + 1];
  return tf.pad(tf.slice(spread, [0, 0, 0, 0], [n, high, wide, c]), [
    [0, 0],
    [row, height - row - high],
    [column, width - column - wide],
    [0, 0],
  ]);
};

const unpadded = (padded: tf.Tensor, pad: Both, shape: readonly number[]): tf.Tensor =>
  tf.slice(padded, [0, ...pad, 0], [...shape]);

const windowSpread = (placed: Placed): Compute => {
  const { kernel, stride, pad } = windowOf(placed);
  const [, rows, columns] = placed.inputs[0] as Shape4;
  const [, h, w] = placed.shape as Shape4;
  // Windows side by side cover the image.
  const isCover = axes.every((axis) => kernel[axis] === stride[axis] && pad[axis] === 0);
  if (isCover && h === rows * kernel[0] && w === columns * kernel[1])
    return single((dy) => upsample2d(dy as tf.Tensor4D, kernel));
  return composed((dy) => {
    const side = [h + 2 * pad[0], w + 2 * pad[1]] as const;
    const parts = places(kernel).map((place) => put(dy as tf.Tensor, place, stride, side));
    return unpadded(tf.addN(parts), pad, placed.shape);
  });
};

/** Value of padding, which never is the maximum. */
const LEAST = Number.NEGATIVE_INFINITY;

const maxPool = (placed: Placed): Compute => {
  const { kernel, stride, pad } = windowOf(placed);
  return composed((x) =>
    tf.maxPool(tf.pad(x as tf.Tensor4D, around(pad), LEAST), kernel, stride, "valid"),
  );
};

/** Marks with 1, for each place of a window, the windows whose first maximum is there. */
const winners = (x: tf.Tensor, { kernel, stride, pad }: Window): readonly tf.Tensor[] => {
  const padded = tf.pad(x as tf.Tensor4D, around(pad), LEAST);
  const maxima = tf.maxPool(padded, kernel, stride, "valid");
  let free: tf.Tensor = tf.onesLike(maxima);
  return places(kernel).map((place) => {
    const pixel = pixels(padded, place, stride, maxima.shape);
    const wins = tf.mul(tf.cast(tf.equal(pixel, maxima), "float32"), free);
    free = tf.sub(free, wins);
    return wins;
  });
};

const maxTake = (placed: Placed): Compute => {
  const window = windowOf(placed);
  return composed((x, v) => {
    const padded = tf.pad(v as tf.Tensor, around(window.pad));
    const shape = placed.shape as Shape4;
    const wins = winners(x as tf.Tensor, window);
    return tf.addN(
      places(window.kernel).map((place, i) =>
        tf.mul(pixels(padded, place, window.stride, shape), wins[i] as tf.Tensor),
      ),
    );
  });
};

const maxPut = (placed: Placed): Compute => {
  const window = windowOf(placed);
  const { kernel, stride, pad } = window;
  const [, h, w] = placed.shape as Shape4;
  return composed((x, dy) => {
    const side = [h + 2 * pad[0], w + 2 * pad[1]] as const;
    const wins = winners(x as tf.Tensor, window);
    const parts = places(kernel).map((place, i) =>
      put(tf.mul(dy as tf.Tensor, wins[i] as tf.Tensor), place, stride, side),
    );
    return unpadded(tf.addN(parts), pad, placed.shape);
  });
};

const unary = fixed(IMAGES, IMAGES);
const binary = fixed(IMAGES, IMAGES, IMAGES);

export const windows: GraphKernels = {
  window_sum: { layout: unary, compile: windowSum },
  window_spread: { layout: unary, compile: windowSpread },
  max_pool: { layout: unary, compile: maxPool },
  max_take: { layout: binary, compile: maxTake },
  max_put: { layout: binary, compile: maxPut },
};
