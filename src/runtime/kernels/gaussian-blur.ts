/** A Gaussian filter, along one axis after the other. */
import * as tf from "@tensorflow/tfjs";
import { conv2d } from "./conv.js";

/** The weights of a Gaussian over the places of a window, which add up to 1. */
const bell = (size: number, sigma: number): readonly number[] => {
  const heights = Array.from({ length: size }, (_, i) =>
    Math.exp(-((i - (size - 1) / 2) ** 2) / (2 * sigma ** 2)),
  );
  const sum = heights.reduce((a, b) => a + b, 0);
  return heights.map((height) => height / sum);
};

/** Blurs each channel of images [n, h, w, c] within their borders. */
export const gaussianBlur2d = (x: tf.Tensor4D, size: number, sigma: number): tf.Tensor4D => {
  const [n, h, w, c] = x.shape;
  const weights = [...bell(size, sigma)];
  const slid = { stride: 1, pad: 0 };
  // Every channel as an image of its own: [n c, h, w, 1].
  const each = tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [n * c, h, w, 1]) as tf.Tensor4D;
  const down = conv2d(each, tf.tensor4d(weights, [size, 1, 1, 1]), slid);
  const across = conv2d(down, tf.tensor4d(weights, [1, size, 1, 1]), slid);
  const side = [h - size + 1, w - size + 1] as const;
  return tf.transpose(tf.reshape(across, [n, c, ...side]), [0, 2, 3, 1]) as tf.Tensor4D;
};
