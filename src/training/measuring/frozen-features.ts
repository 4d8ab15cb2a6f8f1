/**
 * Extracts features with a frozen network of a spec, on images prepared as for Inception's: the
 * spec says how large they are, and the weights come from the file that it names.
 */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { Session } from "../../contracts/session.js";
import type { FeatureNetwork } from "../../engines/onnx/features.js";
import type { TrainingError } from "../files/errors.js";
import { loadWeights } from "../opening/weights.js";
import { applyAll } from "../program/apply.js";
import type { CompiledSpec } from "../program/compiled.js";
import { type Extractor, featuresBy } from "./inception.js";

/** Makes a feature network of a session's: all numbers of what the network gives for an image. */
const networkOf = (
  session: Session,
  name: string,
  size: FeatureNetwork["size"],
): FeatureNetwork => ({
  size,
  features: async (images) => {
    const { shape, data } = await applyAll(session, name, [images]);
    const [n = 0] = shape;
    return { shape: [n, data.length / Math.max(1, n)], data };
  },
  dispose: () => session.dispose(),
});

/** Opens the first frozen network of a spec, on onnx. Its images are in [-1, 1]. */
export const openFrozen = async (
  compiled: CompiledSpec,
): Promise<Either<TrainingError, Extractor>> => {
  const network = compiled.model?.networks.find(({ isFrozen }) => isFrozen);
  const [input] = network?.inputs ?? [];
  if (network === undefined || input === undefined)
    return left({ kind: "usage", reason: "The spec has no frozen network." });
  const session = await compiled.open("onnx", 0, "translate");
  if (isLeft(session)) return left({ kind: "engine", reason: session.left });
  const loaded = await loadWeights(compiled.program, session.right);
  if (isLeft(loaded)) {
    session.right.dispose();
    return loaded;
  }
  const [height, width] = input;
  const of = networkOf(session.right, network.name, [height, width]);
  return right({ features: featuresBy(of, "-1..1"), dispose: () => of.dispose() });
};
