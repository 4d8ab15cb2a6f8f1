/** Norms of flat values: a channel that is the same at every place is turned into 0. */
import { joins } from "../../operators/joins.js";
import type { Shape } from "../../operators/layer.js";
import { layers } from "../../operators/layers.js";
import type { LayerNode } from "../../program/network.js";
import type { CheckedNet } from "../shapes/checked-net.js";
import { inNetwork } from "./in-network.js";
import type { Lint, Look } from "./lint.js";

/** Whether a layer gives the same at every place where its inputs are so. */
const keepsFlat = ({ kind, options, shape }: LayerNode, input: Shape | undefined): boolean => {
  const layer = layers.get(kind);
  // What moves numbers between channels and places, as `reshape`, changes the count of channels.
  const isRepeat = layer?.moves?.(options) === true && input?.[2] === shape[2];
  return isRepeat || layer?.elementwise === true || joins.has(kind);
};

/** Whether each channel of each sample is normalised by itself, over its places. */
const normsChannels = ({ kind, options, shape }: LayerNode): boolean => {
  const layer = layers.get(kind);
  return layer?.mixesBatch === undefined && layer?.normalises?.(shape[2], options) === shape[2];
};

const checkNorms = (network: CheckedNet, { report }: Look): void => {
  // What was trained elsewhere is as it is.
  if (network.net.isFrozen === true) return;
  const shapes = new Map(network.inputs.map((shape, id) => [id, shape] as const));
  const flat = new Set<number>();
  const add = (id: number, shape: Shape, isKept: boolean): void => {
    shapes.set(id, shape);
    if (isKept || shape[0] * shape[1] === 1) flat.add(id);
  };
  for (const [id, shape] of network.inputs.entries()) add(id, shape, false);
  for (const node of network.nodes) {
    const isFlat = node.inputs.every((id) => flat.has(id));
    const input = shapes.get(node.inputs[0] ?? -1);
    if (isFlat && normsChannels(node) && node.owner === undefined)
      report(
        "GAN303",
        node.span,
        `\`${node.kind}\` normalises over the places of its input, and each channel is the same at all of them: it would always turn them into 0`,
        {
          labels: [inNetwork(network)],
          notes: [
            "The value is a single place that was repeated. Normalise before it is repeated, by `layer_norm`, or behind the next convolution.",
          ],
        },
      );
    add(node.id, node.shape, isFlat && keepsFlat(node, input));
  }
};

export const flatNorms: Lint = { name: "flat-norms", codes: ["GAN303"], network: checkNorms };
