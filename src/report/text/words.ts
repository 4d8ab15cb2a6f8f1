/** Writes numbers, shapes and layers for tables and drawings. */

import { optionsText as optionsOf } from "../../operators/layer.js";
import { layers } from "../../operators/layers.js";
import type { LayerNode, Network } from "../../program/model.js";
import { domainsText } from "../../program/naming.js";

export const thousands = (n: number): string => n.toLocaleString("en-US");

export const shapeText = (shape: readonly number[]): string => shape.join("x");

/** Writes `D : (X, Y) -> Scores`. */
export const signatureText = ({ name, from, to }: Pick<Network, "name" | "from" | "to">): string =>
  `${name} : ${domainsText(from)} -> ${to}`;

/** Writes `8x8x3, 8x8x3 -> 4x4x1`. */
export const shapesText = ({ inputs, output }: Pick<Network, "inputs" | "output">): string =>
  `${inputs.map(shapeText).join(", ")} -> ${shapeText(output)}`;

/** Writes `[-1, 1]`, or `real numbers` for an unbounded range. */
export const rangeText = ([low, high]: readonly [number, number]): string =>
  Number.isFinite(low) || Number.isFinite(high) ? `[${low}, ${high}]` : "real numbers";

export const counted = (count: number, one: string, more = `${one}s`): string =>
  `${thousands(count)} ${count === 1 ? one : more}`;

/** Wraps words to lines of at most `width` characters. A longer word gets a line of its own. */
export const wrapped = (text: string, width: number): readonly string[] => {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
};

/** Writes the options of a network's layer as in a spec, without defaults: `3, 64, stride: 2`. */
export const optionsText = ({ kind, options }: LayerNode): string => {
  const entry = layers.get(kind);
  return entry === undefined ? "" : optionsOf(entry, options);
};

/** Writes a layer as in a spec: `conv(3, 64, stride: 2)`. */
export const layerText = (layer: LayerNode): string => {
  const options = optionsText(layer);
  return options === "" ? layer.kind : `${layer.kind}(${options})`;
};

/** Counts the learnt parameters of layers. */
export const learnt = (of: readonly LayerNode[]): number =>
  of
    .flatMap((layer) => layer.parameters)
    .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
