/** A network applied to values, as a graph. */
import { impossible } from "../base/impossible.js";
import { type Node, sizeOf } from "../graph/graph.js";
import { add, broadcast, mul, sub } from "../graph/operators/arithmetic.js";
import { concat, slice } from "../graph/operators/shaping.js";
import { constant } from "../graph/operators/sources.js";
import { withProvenance } from "../graph/provenance.js";
import { layers, outputAxis } from "../operators/layers.js";
import type { LayerNode, Network } from "../program/model.js";
import { parameterName } from "../program/network.js";
import { networkProvenance } from "./names.js";
import { Provenances } from "./provenance.js";
import { spectralNorm } from "./spectral.js";

/** The node of a parameter, by its canonical name: `G.R_3.conv_2.weight`. */
export type ParameterOf = (name: string) => Node;

/** What one application has besides parameters. */
export interface Surroundings {
  /** Nothing is drawn where a network translates. */
  readonly chance?: ChanceOf;
  /** What each input is called: `G(x)`. With it, all that is computed has a provenance. */
  readonly called?: readonly string[];
  /** The node of a buffer, by its canonical name. */
  readonly buffer: (name: string, shape: readonly number[]) => Node;
  /** Whether nothing may be written that depends on the sides of images. */
  readonly anySize?: boolean;
  /** Is told what becomes of a buffer. */
  readonly next?: (name: string, value: Node) => void;
}

/** Uniform numbers in [0, 1) for the layer at the path, in one application; nothing is drawn where a network translates. */
export type ChanceOf = (path: string, shape: readonly number[]) => Node;

/** What is 1 x 1 at every place of an image, whatever its size: added to a channel of it that is made nothing of. */
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

/** What is 1 x 1 stands at every place of the others. */
const repeated = (inputs: readonly Node[]): readonly Node[] => {
  const [height, width] = [2, 3].map((axis) => Math.max(...inputs.map((x) => x.shape[axis] ?? 1)));
  return inputs.map((x) => {
    const [n = 1, c = 1, h = 1, w = 1] = x.shape;
    return h === height && w === width ? x : broadcast(x, [n, c, height ?? h, width ?? w]);
  });
};

const joins: Readonly<Record<string, (inputs: readonly Node[]) => Node>> = {
  add: (inputs) => inputs.reduce(add),
  sub: (inputs) => inputs.reduce(sub),
  mul: (inputs) => inputs.reduce(mul),
  concat: (inputs) => concat(repeated(inputs), 1),
};

/** The weights of a layer as it computes with them. */
const weightsOf = (
  network: Network,
  layer: LayerNode,
  parameter: ParameterOf,
  { buffer, next }: Surroundings,
): Record<string, Node> => {
  const weights = Object.fromEntries(
    layer.parameters.map(({ name }) => [name, parameter(parameterName(network.name, layer, name))]),
  );
  if (layer.isSpectral !== true || weights.weight === undefined) return weights;
  const { weight } = weights;
  const axis = outputAxis(layer.kind, weight.shape.length);
  const name = `${parameterName(network.name, layer, "weight")}.u`;
  const normalised = spectralNorm(weight, buffer(name, [weight.shape[axis] ?? 1]), axis);
  const ofNetwork = withProvenance(
    networkProvenance(layer.owner?.network ?? network.name, "prepared"),
  );
  next?.(name, ofNetwork(normalised.u));
  return { ...weights, weight: ofNetwork(normalised.weight) };
};

/** What a layer makes of its inputs; of a part of them where `layer.shape` is that of the result. */
export const layerValue = (
  network: Network,
  layer: LayerNode,
  inputs: readonly Node[],
  parameter: ParameterOf,
  surroundings: Surroundings,
): Node => {
  const join = joins[layer.kind];
  if (join !== undefined)
    return join(surroundings.anySize === true ? repeatedAnywhere(inputs) : inputs);
  const entry = layers.get(layer.kind) ?? impossible(`there is no layer ${layer.kind}`);
  const weights = weightsOf(network, layer, parameter, surroundings);
  const [input = impossible(`${layer.path} has no input`)] = inputs;
  const { chance } = surroundings;
  if (entry.isRandom === true && chance === undefined) return input;
  const drawn =
    entry.isRandom === true && chance !== undefined
      ? { chance: chance(layer.path, input.shape) }
      : {};
  const value = entry.graph(input, { ...weights, ...drawn }, layer.options, layer.shape);
  return value === inputs[0] ? value : { ...value, label: `${network.name}.${layer.path}` };
};

/** What the network makes of its inputs [n, c, h, w], which are the first of its values. */
export const applyNetwork = (
  network: Network,
  parameter: ParameterOf,
  inputs: readonly Node[],
  surroundings: Surroundings,
): Node => {
  const { called } = surroundings;
  const provenances = called === undefined ? undefined : new Provenances(network, called);
  const values = provenances === undefined ? [...inputs] : inputs.map(provenances.ofInput);
  for (const layer of network.layers) {
    const from = layer.inputs.map((id) => values[id] ?? impossible(`${layer.path} comes first`));
    const value = layerValue(network, layer, from, parameter, surroundings);
    values[layer.id] = provenances === undefined ? value : provenances.ofLayer(layer)(value);
  }
  return values[network.last] ?? impossible(`${network.name} gives nothing`);
};
