/**
 * Extracts features with a frozen network of a spec, on images prepared as for Inception's: the
 * spec says how large they are, and the weights come from the file that it names.
 */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { Session } from "../../contracts/session.js";
import type { HostTensor } from "../../contracts/tensor.js";
import { openModel } from "../../engines/onnx/features.js";
import { translationWeights } from "../../engines/sessions/bookkeeping.js";
import type { Model, Network } from "../../program/model.js";
import { deployed } from "../../targets/onnx/deployed.js";
import { encodeOnnx } from "../../targets/onnx/encode.js";
import type { TrainingError } from "../files/errors.js";
import { loadWeights } from "../opening/weights.js";
import type { CompiledSpec } from "../program/compiled.js";
import { type Extractor, featuresBy } from "./inception.js";

/**
 * The network as an ONNX model with its weights in it: these change no more, so that ONNX Runtime
 * lays them out once, and takes norms into convolutions.
 */
export const featureModelOf = async (
  model: Model,
  network: Network,
  session: Pick<Session, "getState">,
): Promise<Uint8Array> => {
  const state = await session.getState();
  const weights = new Map<string, HostTensor>(
    translationWeights(model, network).flatMap(([input, tensor]) => {
      const weight = state.get(tensor);
      return weight === undefined ? [] : [[input, weight] as const];
    }),
  );
  const called = { inputs: ["images"], output: "features" };
  const info = { producer: "ganc", metadata: {} };
  return encodeOnnx(deployed(network, undefined, weights, called, info).model);
};

/** Opens the first frozen network of a spec, on onnx. Its images are in [-1, 1]. */
export const openFrozen = async (
  compiled: CompiledSpec,
): Promise<Either<TrainingError, Extractor>> => {
  const { model } = compiled;
  const network = model?.networks.find(({ isFrozen }) => isFrozen);
  if (model === undefined || network === undefined)
    return left({ kind: "usage", reason: "The spec has no frozen network." });
  const session = await compiled.open("onnx", 0, "translate");
  if (isLeft(session)) return left({ kind: "engine", reason: session.left });
  try {
    const loaded = await loadWeights(compiled.program, session.right);
    if (isLeft(loaded)) return loaded;
    const opened = await openModel(await featureModelOf(model, network, session.right));
    if (isLeft(opened))
      return left({ kind: "engine", reason: `The network ${network.name} ${opened.left}` });
    const of = opened.right;
    return right({ features: featuresBy(of, "-1..1"), dispose: () => of.dispose() });
  } finally {
    session.right.dispose();
  }
};
