/**
 * Saves a network as a LayersModel of tfjs: `model.json` and its weights, which
 * `tf.loadLayersModel` reads once `ganc/runtime` is loaded.
 */
import * as tf from "@tensorflow/tfjs";
import type { HostTensor } from "../../contracts/tensor.js";
import { parameters, toHost } from "../../runtime/index.js";
import { buffers, setValue } from "../../runtime/parameters.js";
import { loadTensorFlow } from "../tensorflow/load.js";
import { loadGenerated } from "./generated-module.js";

export interface LayersModelFiles {
  /** `model.json`, which names the file of weights. */
  readonly json: string;
  readonly weights: Uint8Array;
}

/** Starts a fast backend if there is one. */
const startBackend = async (): Promise<void> => {
  const loaded = await loadTensorFlow();
  if (loaded._tag === "Right") return;
  await tf.setBackend("cpu");
  Object.assign(tf.backend(), { firstUse: false });
};

/** Opens the sides of images in the topology. */
const opened = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(opened);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key !== "batch_input_shape" || !Array.isArray(inner)) return [key, opened(inner)];
      const [n, h, w, c] = inner as (number | null)[];
      return [key, h === 1 && w === 1 ? inner : [n, null, null, c]];
    }),
  );
};

/**
 * Makes the files of a network of a generated module. `weights`: by their names in the run,
 * `G.conv.weight`.
 * @throws Error if there is no such network, or tfjs cannot save it
 */
export const layersModelFiles = async (
  text: string,
  network: string,
  weights: ReadonlyMap<string, HostTensor>,
  { isOpen, weightsName }: { readonly isOpen: boolean; readonly weightsName: string },
): Promise<LayersModelFiles> => {
  await startBackend();
  const nets = (await loadGenerated(text)).networks();
  const net = nets[network];
  if (net === undefined) throw new Error(`there is no network ${network}`);
  for (const [name, variable] of [...parameters(net), ...buffers(net)]) {
    const weight = weights.get(name);
    if (weight === undefined) throw new Error(`the run has no ${name}`);
    setValue(variable, weight.data);
  }
  let files: LayersModelFiles | undefined;
  await net.save(
    tf.io.withSaveHandler(async (artifacts) => {
      const { modelTopology, weightSpecs, weightData, format, generatedBy } = artifacts;
      const topology = isOpen ? opened(modelTopology) : modelTopology;
      const manifest = [{ paths: [weightsName], weights: weightSpecs }];
      files = {
        json: JSON.stringify({
          format,
          generatedBy,
          convertedBy: null,
          modelTopology: topology,
          weightsManifest: manifest,
        }),
        weights: new Uint8Array(tf.io.CompositeArrayBuffer.join(weightData)),
      };
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: "JSON" } };
    }),
  );
  if (files === undefined) throw new Error("tfjs saved nothing");
  return files;
};

/** Loads the files as users do, and applies the model to images [n, h, w, c]. */
export const applyLayersModel = async (
  { json, weights }: LayersModelFiles,
  inputs: readonly HostTensor[],
): Promise<HostTensor> => {
  const { modelTopology, weightsManifest, format } = JSON.parse(json);
  const model = await tf.loadLayersModel(
    tf.io.fromMemory({
      modelTopology,
      format,
      weightSpecs: weightsManifest[0].weights,
      weightData: weights.buffer.slice(
        weights.byteOffset,
        weights.byteOffset + weights.byteLength,
      ) as ArrayBuffer,
    }),
  );
  const result = tf.tidy(() => {
    const given = inputs.map(({ data, shape }) => tf.tensor(data, [...shape]));
    return model.apply(given.length === 1 ? (given[0] ?? given) : given) as tf.Tensor;
  });
  const host = await toHost(result);
  result.dispose();
  model.dispose();
  return host;
};
