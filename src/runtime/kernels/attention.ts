/** Multi-head attention over the places of images [n, h, w, c]. */
import * as tf from "@tensorflow/tfjs";

/**
 * Computes what PyTorch's MultiheadAttention does, with queries of x, and keys and values of y.
 * @param weights of query and output, [c, c], and between them of key and value, [y's channels, c]
 * @param added constants, if any: [3 c] for query, key and value, and [c] for the output
 */
export const attention2d = (
  x: tf.Tensor4D,
  y: tf.Tensor4D,
  heads: number,
  weights: readonly tf.Tensor2D[],
  [bias, shift]: readonly tf.Tensor1D[],
): tf.Tensor4D => {
  const [n, , , c] = x.shape;
  const weighed = (rows: tf.Tensor, i: number): tf.Tensor => {
    const weight = weights[i] as tf.Tensor2D;
    return tf.matMul(tf.reshape(rows, [-1, weight.shape[0]]), weight);
  };
  /** Projects each place, [n, heads, h w, channels of a head]. */
  const of = (image: tf.Tensor4D, i: number): tf.Tensor => {
    const z = weighed(image, i);
    const moved = bias === undefined ? z : tf.add(z, tf.slice(bias, i * c, c));
    const [, h, w] = image.shape;
    return tf.transpose(tf.reshape(moved, [n, h * w, heads, c / heads]), [0, 2, 1, 3]);
  };
  const query = tf.mul(of(x, 0), (c / heads) ** -0.5);
  const shares = tf.softmax(tf.matMul(query, of(y, 1), false, true));
  const z = weighed(tf.transpose(tf.matMul(shares, of(y, 2)), [0, 2, 1, 3]), 3);
  return tf.reshape(shift === undefined ? z : tf.add(z, shift), x.shape);
};
