/**
 * A network for inputs of other sizes, with the same weights: what is learnt by convolutions knows
 * nothing of the size of an image. What has a weight for each place, or a size written in, keeps a
 * network to its own.
 */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import type { Shape } from "../operators/layer.js";
import type { LayerNode, Network } from "./network.js";
import { sameSize, shapeOf } from "./shapes.js";

/**
 * The network with inputs of these shapes, its layers, weights and channels as they are. Left: the
 * layer that does not take them, and why: `dense: it has a weight for each place of its input`.
 */
export const resized = (network: Network, inputs: readonly Shape[]): Either<string, Network> => {
  if (inputs.every((shape, i) => sameSize(shape, network.inputs[i] ?? []))) return right(network);
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
