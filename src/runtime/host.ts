/** Copies tensors out of tfjs and into it. */
import * as tf from "@tensorflow/tfjs";

export interface HostTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}
/** Copies a tensor out of tfjs. */
export const toHost = async (tensor: tf.Tensor): Promise<HostTensor> => ({
  shape: [...tensor.shape],
  data: Float32Array.from(await tensor.data()),
});

/** Copies a tensor into tfjs. It outlives `tf.tidy`; the caller disposes it. */
export const fromHost = ({ shape, data }: HostTensor): tf.Tensor =>
  tf.keep(tf.tensor(Float32Array.from(data), [...shape]));
