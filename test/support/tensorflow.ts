import * as tf from "@tensorflow/tfjs";

/** The backends on which generated code is held to the same numbers. */
export const backends = ["cpu", "tensorflow"] as const;
export type Backend = (typeof backends)[number];

/**
 * Makes `backend` tfjs's current one; `tensorflow` is libtensorflow through tfjs-node-gpu.
 * @throws Error when libtensorflow is not installed: a test that needs it fails, it is not skipped
 */
export async function useBackend(backend: Backend): Promise<void> {
  if (backend === "tensorflow" && tf.findBackendFactory("tensorflow") == null) {
    // TensorFlow reads it while it is loaded; without, it writes its banner to stderr.
    process.env.TF_CPP_MIN_LOG_LEVEL ??= "3";
    try {
      await import("@tensorflow/tfjs-node-gpu");
    } catch (cause) {
      throw new Error("libtensorflow is missing: run `ganc engine install tensorflow`", { cause });
    }
  }
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs has no backend ${backend}`);
}
