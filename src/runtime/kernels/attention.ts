/** Multi-head self-attention over the places of images [n, h, w, c]. */
import * as tf from "@tensorflow/tfjs";

/**
 * Computes what PyTorch's MultiheadAttention does.
 * @param weights of query, key, value and output, [c, c]
 * @param added constants, if any: [3 c] for query, key and value, and [c] for the output
 */
export const attention2d = (
  x: tf.Tensor4D,
  heads: number,
  weights: readonly tf.Tensor2D[],
  [bias, shift]: readonly tf.Tensor1D[],
): tf.Tensor4D => {
  const [n, h, w, c] = x.shape;
  const count = h * w;
  const weighed = (rows: tf.Tensor, i: number): tf.Tensor =>
    tf.matMul(tf.reshape(rows, [n * count, c]), weights[i] as tf.Tensor2D);
  /** Projects each place, [n, heads, h w, channels of a head]. */
  const of = (i: number): tf.Tensor => {
    const y = weighed(x, i);
    const moved = bias === undefined ? y : tf.add(y, tf.slice(bias, i * c, c));
    return tf.transpose(tf.reshape(moved, [n, count, heads, c / heads]), [0, 2, 1, 3]);
  };
  const query = tf.mul(of(0), (c / heads) ** -0.5);
  const shares = tf.softmax(tf.matMul(query, of(1), false, true));
  const y = weighed(tf.transpose(tf.matMul(shares, of(2)), [0, 2, 1, 3]), 3);
  return tf.reshape(shift === undefined ? y : tf.add(y, shift), x.shape);
};
