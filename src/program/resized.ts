/**
 * A network for inputs of other sizes, with the same weights: what is learnt by convolutions knows nothing of the size of an
 * image. What has a weight for each place, or a size written in, keeps a network to its own.
 */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { type Parameter, reasonOf, type Shape } from "../operators/layer.js";
import { layers } from "../operators/layers.js";
import type { LayerNode, Network } from "./model.js";

const show = (shape: readonly number[]): string => shape.join(" x ");

const same = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((side, i) => side === b[i]);

/** Of values that are joined; a vector stands at every place of an image. */
const joined = (kind: string, inputs: readonly Shape[]): Either<string, Shape> => {
  const [height, width] = [0, 1].map((axis) => Math.max(...inputs.map((x) => x[axis] ?? 1)));
  const sides = [height ?? 1, width ?? 1] as const;
  const fits = ([h, w]: Shape): boolean =>
    (h === sides[0] && w === sides[1]) || (h === 1 && w === 1);
  if (!inputs.every(fits)) return left(`it joins ${inputs.map(show).join(" and ")}`);
  const channels = inputs.map(([, , c]) => c);
  const sum = channels.reduce((a, b) => a + b, 0);
  return right([...sides, kind === "concat" ? sum : Math.max(...channels)]);
};

const sameWeights = (a: readonly Parameter[], b: readonly Parameter[]): boolean =>
  a.length === b.length &&
  a.every(({ name, shape }, i) => name === b[i]?.name && same(shape, b[i]?.shape ?? []));

const shapeOf = (layer: LayerNode, inputs: readonly Shape[]): Either<string, Shape> => {
  const entry = layers.get(layer.kind);
  if (entry === undefined) return joined(layer.kind, inputs);
  const [input = layer.shape] = inputs;
  const shape = entry.shape(input, layer.options);
  if (isLeft(shape)) return left(reasonOf(shape.left));
  return sameWeights(entry.parameters(input, layer.options), layer.parameters)
    ? shape
    : left("it has a weight for each place of its input");
};

/**
 * The network with inputs of these shapes, its layers, weights and channels as they are. Left: the layer that does not
 * take them, and why: `dense: it has a weight for each place of its input`.
 */
export const resized = (network: Network, inputs: readonly Shape[]): Either<string, Network> => {
  if (inputs.every((shape, i) => same(shape, network.inputs[i] ?? []))) return right(network);
  const shapes: Shape[] = [...inputs];
  const changed: LayerNode[] = [];
  for (const layer of network.layers) {
    const from = layer.inputs.flatMap((id) => (shapes[id] === undefined ? [] : [shapes[id]]));
    const shape = shapeOf(layer, from);
    if (isLeft(shape)) return left(`${layer.path}: ${shape.left}`);
    shapes[layer.id] = shape.right;
    changed.push({ ...layer, shape: shape.right });
  }
  const output = shapes[network.last] ?? network.output;
  return right({ ...network, inputs, output, layers: changed });
};
