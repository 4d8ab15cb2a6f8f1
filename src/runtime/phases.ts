/** Runs a phase of a step several times. */
import * as tf from "@tensorflow/tfjs";

type Terms = Record<string, tf.Scalar>;

/**
 * Runs `phase` for k from 0 to times - 1 and returns the report of its last run.
 * @param times at least 1
 */
export function repeated(times: number, phase: (k: number) => Terms): Terms {
  for (let k = 0; k < times - 1; k++) tf.dispose(Object.values(tf.tidy(() => phase(k))));
  return tf.tidy(() => phase(times - 1));
}
