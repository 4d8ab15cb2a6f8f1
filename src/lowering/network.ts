/** Applies a network to values of a graph. */
import { identity } from "fp-ts/lib/function.js";
import { impossible } from "../base/impossible.js";
import { recordOf } from "../base/record.js";
import { type Node, sizeOf } from "../graph/graph.js";
import { add, mul } from "../graph/operators/arithmetic.js";
import { slice } from "../graph/operators/shaping.js";
import { constant } from "../graph/operators/sources.js";
import { withProvenance } from "../graph/provenance.js";
import { joins } from "../operators/joins.js";
import { layers, outputAxis } from "../operators/layers.js";
import { equalizedFactor } from "../parameters/equalized.js";
import type { LayerNode, Network } from "../program/model.js";
import { parameterName, statisticsOf } from "../program/network.js";
import { networkProvenance } from "./names.js";
import { Provenances } from "./provenance.js";
import { spectralNorm } from "./spectral.js";

/** The node of a parameter, by its canonical name: `G.R_3.conv_2.weight`. */
export type ParameterOf = (name: string) => Node;

/** A statistic of what a layer sees in one application. */
export interface Seen {
  /** The layer's place: one network may stand inside of another more than once. */
  readonly path: string;
  /** The buffer that averages it: `G.batch_norm.mean`. */
  readonly name: string;
  readonly value: Node;
  /** The share of what is seen in the average. */
  readonly share: number;
}

/** What one application needs besides parameters. */
export interface ApplicationContext {
  /** Absent where a network translates: nothing is drawn there. */
  readonly chance?: ChanceOf;
  /** Names the inputs: `G(x)`. With names, every node gets a provenance. */
  readonly called?: readonly string[];
  /** The node of a buffer, by its canonical name. */
  readonly buffer: (name: string, shape: readonly number[]) => Node;
  /** Whether the graph must hold for images of any size. */
  readonly anySize?: boolean;
  /** Called with the next value of each buffer that follows the weights. */
  readonly next?: (name: string, value: Node) => void;
  /**
   * In training, what takes the statistics that layers of a network see. Absent, or nothing for a
   * network: its layers go by those that they keep.
   */
  readonly seen?: (network: string) => ((seen: Seen) => void) | undefined;
}

/** Gives uniform numbers in [0, 1) for the layer at the path, in one application. */
export type ChanceOf = (path: string, shape: readonly number[]) => Node;

/**
 * Repeats a 1 x 1 value at every place of an image of any size, by adding it to a channel of the
 * image times 0.
 */
const addedTo = (image: Node, x: Node): Node => {
  const [n = 1, , h = 1, w = 1] = image.shape;
  return add(x, mul(slice(image, [0, 0, 0, 0], [n, 1, h, w]), constant(0)));
};

const repeatedAnywhere = (inputs: readonly Node[]): readonly Node[] => {
  const image = inputs.find(({ shape }) => sizeOf(shape.slice(2)) > 1);
  return inputs.map((x) =>
    image === undefined || sizeOf(x.shape.slice(2)) > 1 ? x : addedTo(image, x),
  );
};

/** The network that a layer's parameters belong to. */
const ownerOf = (network: Network, { owner }: LayerNode): string => owner?.network ?? network.name;

/** Parameters multiplied as the layer's equalised learning rate has it. */
const equalized = (
  network: Network,
  layer: LayerNode,
  weights: Readonly<Record<string, Node>>,
): Record<string, Node> => {
  const { equalized: by } = layer;
  if (by === undefined) return weights;
  const ofNetwork = withProvenance(networkProvenance(ownerOf(network, layer), "prepared"));
  return recordOf(
    Object.entries(weights).map(([name, node]) => {
      const { shape } = node;
      const axis = name === "weight" ? outputAxis(layer.kind, shape.length) : shape.length - 1;
      const factor = equalizedFactor(name, sizeOf(shape) / (shape[axis] ?? 1), by);
      return [name, factor === 1 ? node : ofNetwork(mul(node, constant(factor)))] as const;
    }),
  );
};

/**
 * Returns the weights that the layer computes with, scaled or spectrally normalised where it asks
 * for that.
 */
const weightsOf = (
  network: Network,
  layer: LayerNode,
  parameter: ParameterOf,
  { buffer, next }: ApplicationContext,
): Record<string, Node> => {
  const weights = Object.fromEntries(
    layer.parameters.map(({ name }) => [name, parameter(parameterName(network.name, layer, name))]),
  );
  if (layer.isSpectral !== true || weights.weight === undefined)
    return equalized(network, layer, weights);
  const { weight } = weights;
  const axis = outputAxis(layer.kind, weight.shape.length);
  const name = `${parameterName(network.name, layer, "weight")}.u`;
  const normalised = spectralNorm(weight, buffer(name, [weight.shape[axis] ?? 1]), axis);
  const ofNetwork = withProvenance(networkProvenance(ownerOf(network, layer), "prepared"));
  next?.(name, ofNetwork(normalised.u));
  return { ...weights, weight: ofNetwork(normalised.weight) };
};

/** Returns the statistics that the layer goes by, where it does not go by the batch at hand. */
const keptOf = (
  network: Network,
  layer: LayerNode,
  { buffer, seen }: ApplicationContext,
): Record<string, Node> => {
  const isTraining = seen?.(ownerOf(network, layer)) !== undefined;
  return recordOf(
    (isTraining ? [] : statisticsOf(layer)).map(
      ({ name, shape }) => [name, buffer(parameterName(network.name, layer, name), shape)] as const,
    ),
  );
};

/** Hands on the statistics that the layer sees of its input, where it is in training. */
const observe = (
  network: Network,
  layer: LayerNode,
  input: Node | undefined,
  { seen }: ApplicationContext,
  mark: (value: Node) => Node,
): void => {
  const take = seen?.(ownerOf(network, layer));
  const kept = statisticsOf(layer);
  const { keeps } = layers.get(layer.kind) ?? {};
  if (take === undefined || kept.length === 0 || keeps === undefined || input === undefined) return;
  const values = keeps.seen(input);
  for (const { name } of kept)
    take({
      path: layer.path,
      name: parameterName(network.name, layer, name),
      value: mark(values[name] ?? impossible(`${layer.kind} sees no ${name}`)),
      share: keeps.share,
    });
};

/**
 * Applies one layer. Where `layer.shape` is the shape of a part of the result, computes that part.
 */
export const layerValue = (
  network: Network,
  layer: LayerNode,
  inputs: readonly Node[],
  parameter: ParameterOf,
  context: ApplicationContext,
): Node => {
  const join = joins.get(layer.kind);
  if (join !== undefined)
    return join.graph(context.anySize === true ? repeatedAnywhere(inputs) : inputs);
  const entry = layers.get(layer.kind) ?? impossible(`there is no layer ${layer.kind}`);
  const weights = {
    ...weightsOf(network, layer, parameter, context),
    ...keptOf(network, layer, context),
  };
  const [input = impossible(`${layer.path} has no input`), ...others] = inputs;
  const beside = recordOf(
    others.map((value, i) => [entry.beside?.[i] ?? impossible(`${layer.path} takes one`), value]),
  );
  const { chance } = context;
  if (entry.isRandom === true && chance === undefined) return input;
  const drawn =
    entry.isRandom === true && chance !== undefined
      ? { chance: chance(layer.path, input.shape) }
      : {};
  const value = entry.graph(input, { ...weights, ...beside, ...drawn }, layer.options, layer.shape);
  return value === inputs[0] ? value : { ...value, label: `${network.name}.${layer.path}` };
};

/** Applies the network to its inputs, [n, c, h, w]. */
export const applyNetwork = (
  network: Network,
  parameter: ParameterOf,
  inputs: readonly Node[],
  context: ApplicationContext,
): Node => {
  const { called } = context;
  const provenances = called === undefined ? undefined : new Provenances(network, called);
  const values = provenances === undefined ? [...inputs] : inputs.map(provenances.ofInput);
  for (const layer of network.layers) {
    const from = layer.inputs.map((id) => values[id] ?? impossible(`${layer.path} comes first`));
    const mark = provenances?.ofLayer(layer) ?? identity;
    values[layer.id] = mark(layerValue(network, layer, from, parameter, context));
    observe(network, layer, from[0], context, mark);
  }
  return values[network.last] ?? impossible(`${network.name} gives nothing`);
};
