/**
 * Tells whether a network of a spec computes what an official one does: the same layers with the
 * same options in the same order, whatever they are called. Dropout aside, which translation skips.
 */

import { optionsText } from "../../operators/layer.js";
import { layers } from "../../operators/layers.js";
import { sidesNamed } from "../../operators/signature.js";
import type { LayerNode, Network } from "../../program/network.js";
import { placesOf } from "../fit.js";
import type { Architecture, Norm } from "./architecture.js";

interface Plain {
  /** `conv(3, 64, pad: 1)` */
  readonly text: string;
  readonly path: string;
  /** Numbers of what it takes, counted without dropout. */
  readonly inputs: readonly number[];
}

const textOf = ({ kind, options, isSpectral, equalized }: LayerNode): string => {
  const entry = layers.get(kind);
  const text = entry === undefined ? "" : optionsText(entry, options);
  const called = text === "" ? kind : `${kind}(${text})`;
  const whole = isSpectral === true ? `spectral_norm(${called})` : called;
  return equalized === undefined ? whole : `equalized(${whole})`;
};

const plainOf = (network: Network): { readonly rows: readonly Plain[]; readonly last: number } => {
  const numbers = new Map(network.inputs.map((_, i) => [i, i]));
  const rows: Plain[] = [];
  for (const layer of network.layers) {
    const inputs = layer.inputs.map((id) => numbers.get(id) ?? -1);
    if (layers.get(layer.kind)?.isRandom === true) {
      numbers.set(layer.id, inputs[0] ?? -1);
      continue;
    }
    numbers.set(layer.id, network.inputs.length + rows.length);
    rows.push({ text: textOf(layer), path: layer.path, inputs });
  }
  return { rows, last: numbers.get(network.last) ?? -1 };
};

/** Words the first difference of a network from an official one; undefined if there is none. */
export const unlike = (network: Network, official: Network): string | undefined => {
  const [own, theirs] = [plainOf(network), plainOf(official)];
  for (const [i, row] of own.rows.entries()) {
    const wanted = theirs.rows[i];
    if (wanted === undefined) return `it goes on with ${row.path}, where the official one ends`;
    if (row.text !== wanted.text)
      return `${row.path} is ${row.text}, where the official one has ${wanted.text}`;
    if (row.inputs.join() !== wanted.inputs.join())
      return `${row.path} takes another value than in the official one`;
  }
  const next = theirs.rows[own.rows.length];
  if (next !== undefined) return `it ends where the official one goes on with ${next.text}`;
  return own.last === theirs.last ? undefined : "it gives another value than the official one";
};

interface Convolution {
  readonly layer: LayerNode;
  readonly biased: boolean;
  readonly isTransposed: boolean;
}

const convolutionsOf = (network: Network): readonly Convolution[] =>
  placesOf(network)
    .filter(({ wanted }) => wanted[0]?.shape.length === 4)
    .map(({ layer, wanted }) => ({
      layer,
      biased: wanted.length > 1,
      isTransposed: layers.get(layer.kind)?.outputAxis !== undefined,
    }));

const normOf = (network: Network): Norm => {
  const layer = network.layers.find(({ kind }) => layers.get(kind)?.normalises !== undefined);
  if (layer === undefined) return { kind: "none", affine: false, running: false };
  const kept = placesOf(network).find((place) => place.layer === layer)?.wanted ?? [];
  return {
    kind: layers.get(layer.kind)?.mixesBatch === undefined ? "instance" : "batch",
    affine: kept.some(({ last }) => last === "weight"),
    running: kept.some(({ last }) => last === "running_mean"),
  };
};

/**
 * Guesses which official network a network of a spec is; `unlike` tells whether it is. Undefined
 * for what cannot be one.
 */
export const guessed = (network: Network): Architecture | undefined => {
  const found = convolutionsOf(network);
  const [first, second] = found;
  const last = found.at(-1);
  if (first === undefined || second === undefined || last === undefined) return undefined;
  const common = {
    inputs: network.inputs.reduce((sum, [, , channels]) => sum + channels, 0),
    filters: first.layer.shape[2],
    norm: normOf(network),
  };
  const outputs = last.layer.shape[2];
  const isStill = ({ layer }: Convolution): boolean => sidesNamed(layer.options, "stride") === 1;
  const side = sidesNamed(first.layer.options, "kernel");
  if (network.to === "Scores" && side === 1)
    return { kind: "pixel", ...common, biased: second.biased };
  if (network.to === "Scores")
    return {
      kind: "patch",
      ...common,
      biased: second.biased,
      layers: Math.max(1, found.length - 2),
      blurs: isStill(first),
    };
  if (side === 7) {
    const up = found.at(-2);
    return {
      kind: "resnet",
      ...common,
      biased: first.biased,
      outputs,
      blocks: Math.max(0, Math.floor((found.length - 6) / 2)),
      dropout: network.layers.some(({ kind }) => layers.get(kind)?.isRandom === true),
      blurs: { down: isStill(second), up: up?.isTransposed === false },
    };
  }
  return found.length % 2 === 0 && found.length >= 4
    ? { kind: "unet", ...common, biased: first.biased, outputs, levels: found.length / 2 }
    : undefined;
};
