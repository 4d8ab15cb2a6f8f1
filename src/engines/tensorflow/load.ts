/** Loads the native engine into this process. */
import { existsSync } from "node:fs";
import util from "node:util";
import type * as tfjs from "@tensorflow/tfjs";
import type { Either } from "fp-ts/lib/Either.js";
import * as E from "fp-ts/lib/Either.js";
import * as t from "io-ts";
import { noPackage, otherTfjs } from "./install-plan.js";
import { type Missing, missing } from "./missing.js";
import { findPackage } from "./package.js";

/** Why the engine is not available, and how to get it. */
export type EngineMissing = Missing;

export interface LoadedTf {
  /**
   * The same instance as `import * as tf from "@tensorflow/tfjs"`, with backend `tensorflow` set.
   */
  readonly tf: typeof tfjs;
  /** Version of libtensorflow, for example `2.21.0`. */
  readonly version: string;
  readonly gpu: boolean;
}

export const HOW_TO_INSTALL = "Install it: ganc engine install tensorflow";

const Backend = t.type({ binding: t.type({ TF_Version: t.string }) });

/**
 * Restores functions that tfjs-node 4.22 calls. Node 22 warns of them and Node 23 removed them from
 * `util`.
 */
const restoreUtil = (): void =>
  void Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  });

/** Unwraps a CommonJS package, which arrives as `default`. */
const ofCommonJs = <A>(module: A): A => (module as { default?: A }).default ?? module;

/** Sets backend `tensorflow`. The left side says what is missing. */
export const loadTensorFlow = async (): Promise<Either<EngineMissing, LoadedTf>> => {
  const found = findPackage();
  if (found === undefined) return E.left(noPackage);
  if (!found.sharesTfjs) return E.left(otherTfjs(found.name));
  if (!existsSync(found.addon))
    return E.left(missing("The addon that binds tfjs to TensorFlow is not built.", HOW_TO_INSTALL));
  process.env.TF_CPP_MIN_LOG_LEVEL ??= "3";
  restoreUtil();
  try {
    await import(found.name);
    const tf = ofCommonJs(await import("@tensorflow/tfjs"));
    await tf.setBackend("tensorflow");
    await tf.ready();
    const backend: unknown = tf.backend();
    if (!Backend.is(backend))
      return E.left(missing("The package started without TensorFlow.", HOW_TO_INSTALL));
    const gpu = (backend as { isUsingGpuDevice?: boolean }).isUsingGpuDevice === true;
    return E.right({ tf, version: backend.binding.TF_Version, gpu });
  } catch (error) {
    const [reason] = (error instanceof Error ? error.message : String(error)).split("\n");
    return E.left(missing(`The addon does not load: ${reason}`, HOW_TO_INSTALL));
  }
};
