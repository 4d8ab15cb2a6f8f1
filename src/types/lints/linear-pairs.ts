/** Linear layers in a row: two of them are one linear layer, with more weights than it needs. */

import { axes } from "../../base/sides.js";
import type { Shape } from "../../operators/layer.js";
import { layers } from "../../operators/layers.js";
import type { LayerNode } from "../../program/network.js";
import type { CheckedNet } from "../shapes/checked-net.js";
import { inNetwork } from "./in-network.js";
import type { Lint, Look } from "./lint.js";

/** Whether it weighs whole windows: what is 1 x 1 mixes channels alone, mostly on purpose. */
const isWide = ({ kind, options }: LayerNode): boolean => {
  const layer = layers.get(kind);
  if (layer?.linear !== true) return false;
  return layer.seesAll === true || axes.some((axis) => layer.window(options, axis).kernel > 1);
};

const seesAll = ({ kind }: LayerNode): boolean => layers.get(kind)?.seesAll === true;

/** How many numbers a layer weighs at once: the channels, or all where it sees the whole value. */
const widthFor = (layer: LayerNode, [height, width, channels]: Shape): number =>
  seesAll(layer) ? height * width * channels : channels;

/**
 * Whether less lies between the two than on both sides: the pair is then less than any one layer.
 */
const isNarrow = (before: Shape, first: LayerNode, second: LayerNode): boolean => {
  const between = first.shape;
  const sumsPlaces = seesAll(second) && between[0] * between[1] > 1;
  const isLess = widthFor(first, between) < widthFor(first, before);
  return isLess && (sumsPlaces || between[2] < second.shape[2]);
};

/** The layer that a node reads, behind padding, where nothing else reads what lies between. */
const sourceOf = (
  network: CheckedNet,
  node: LayerNode,
  readers: ReadonlyMap<number, number>,
): LayerNode | undefined => {
  const [input, ...others] = node.inputs;
  if (input === undefined || others.length > 0 || (readers.get(input) ?? 0) > 1) return undefined;
  const source = network.nodes[input - network.inputs.length];
  const isPad = source !== undefined && layers.get(source.kind)?.pads === true;
  return isPad ? sourceOf(network, source, readers) : source;
};

const readersOf = ({ nodes, last }: CheckedNet): ReadonlyMap<number, number> => {
  const counts = new Map([[last, 1]]);
  for (const input of nodes.flatMap(({ inputs }) => inputs))
    counts.set(input, (counts.get(input) ?? 0) + 1);
  return counts;
};

const checkPairs = (network: CheckedNet, { report }: Look): void => {
  // What was trained elsewhere is as it is.
  if (network.net.isFrozen === true) return;
  const readers = readersOf(network);
  const shapeOf = (id: number): Shape | undefined =>
    network.inputs[id] ?? network.nodes[id - network.inputs.length]?.shape;
  for (const second of network.nodes) {
    const first = isWide(second) ? sourceOf(network, second, readers) : undefined;
    const before = first && shapeOf(first.inputs[0] ?? -1);
    if (first === undefined || before === undefined || !isWide(first)) continue;
    // A network's own layers are told of where it is declared; where two networks meet, a code is
    // passed on.
    if (first.owner !== undefined || second.owner !== undefined) continue;
    if (isNarrow(before, first, second)) continue;
    report(
      "GAN613",
      second.span,
      `two linear layers in a row are one: \`${second.kind}\` stands directly behind \`${first.kind}\``,
      {
        labels: [
          ...(first.span.start === second.span.start && first.span.file === second.span.file
            ? []
            : [{ span: first.span, text: "the first of the two" }]),
          inNetwork(network),
        ],
        notes: [
          "An activation belongs between them, such as `relu` or `leaky_relu(0.2)`. Where they are meant so, `identity` between them says it.",
        ],
      },
    );
  }
};

export const linearPairs: Lint = { name: "linear-pairs", codes: ["GAN613"], network: checkPairs };
