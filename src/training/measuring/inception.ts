/**
 * Extracts features with a network of the user's, on images prepared as in clean-fid. FID and KID
 * use them.
 */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { HostTensor } from "../../contracts/tensor.js";
import { resizeFloat } from "../../data/images/resize-float.js";
import type { FeatureNetwork } from "../../engines/onnx/features.js";
import { openFeatures } from "../../engines/onnx/features.js";
import type { TrainingError } from "../files/errors.js";
import type { FeaturesOf } from "./measure-session.js";

/** The intensities that a feature network may expect. */
export const inceptionRanges = ["0..255", "0..1", "-1..1"] as const;

export type InceptionRange = (typeof inceptionRanges)[number];

/** Converts an intensity from 0 to 255. */
const scaled: Readonly<Record<InceptionRange, (level: number) => number>> = {
  "0..255": (level) => level,
  "0..1": (level) => level / 255,
  "-1..1": (level) => level / 127.5 - 1,
};

/** Converts images of intensities in [0, 1] to what files would hold: 8 bits, three channels. */
const asFiles = ({ shape, data }: HostTensor): HostTensor => {
  const [n = 0, h = 0, w = 0, channels = 1] = shape;
  const out = new Float32Array(n * h * w * 3);
  for (let i = 0; i < n * h * w; i++)
    for (let c = 0; c < 3; c++)
      out[3 * i + c] = Math.round(255 * (data[i * channels + Math.min(c, channels - 1)] ?? 0));
  return { shape: [n, h, w, 3], data: out };
};

/** Extracts features until it is disposed. */
export interface Extractor {
  readonly features: FeaturesOf;
  dispose(): void;
}

/** Images resized at once, 299 x 299 x 3 numbers each. */
const atOnce = 32;

/** Brings images to a network's size and range, and extracts their features. */
export const featuresBy =
  (network: FeatureNetwork, range: InceptionRange): FeaturesOf =>
  async (images) => {
    const [n = 0] = images.shape;
    const files = asFiles(images);
    const each = files.data.length / Math.max(1, n);
    const rows: number[][] = [];
    for (let from = 0; from < n; from += atOnce) {
      const count = Math.min(atOnce, n - from);
      const some = {
        shape: [count, ...files.shape.slice(1)],
        data: files.data.subarray(from * each, (from + count) * each),
      };
      const { shape, data } = resizeFloat(some, network.size[0], network.size[1]);
      const brought = data.map((v) => scaled[range](Math.min(255, Math.max(0, v))));
      const seen = await network.features({ shape, data: brought });
      const size = seen.shape[1] ?? 0;
      for (let k = 0; k < count; k++) rows.push([...seen.data.subarray(k * size, (k + 1) * size)]);
    }
    const size = rows[0]?.length ?? 0;
    return { count: n, size, data: Float64Array.from(rows.flat()) };
  };

/** Opens the user's feature network. */
export const openInception = async (
  path: string,
  range: InceptionRange,
): Promise<Either<TrainingError, Extractor>> => {
  const network = await openFeatures(path);
  return isLeft(network)
    ? left({ kind: "file", path, reason: `it ${network.left}` })
    : right({
        features: featuresBy(network.right, range),
        dispose: () => network.right.dispose(),
      });
};
