/** One network applied to images, as a program of its own. */
import type { Graph, Node } from "../graph/graph.js";
import { input } from "../graph/operators/sources.js";
import type { Network } from "../model/model.js";
import * as names from "./names.js";
import { applyNetwork } from "./network.js";
import { fromGraph, toGraph } from "./objectives.js";

/**
 * `count` images of the network's domain to what it makes of them; inputs are its parameters, then the images.
 * @throws Error where the network has several inputs
 */
export const lowerTranslate = (network: Network, count: number): Graph => {
  const parameters = new Map<string, Node>(
    network.reads.map(({ name, shape }) => [name, input(names.parameterName(name), shape)]),
  );
  const buffers = new Map<string, Node>(
    network.buffers.map(({ name, shape }) => [name, input(names.bufferName(name), shape)]),
  );
  const [shape, ...others] = network.inputs;
  if (shape === undefined || others.length > 0)
    throw new Error(`${network.name} takes ${network.inputs.length} values: it translates nothing`);
  const images = input(names.imagesName, [count, ...shape]);
  const translated = applyNetwork(
    network,
    (name) => parameters.get(name) as Node,
    [toGraph(images)],
    { buffer: (name) => buffers.get(name) as Node },
  );
  return {
    name: `${network.name}.translate`,
    inputs: [...parameters.values(), ...buffers.values(), images],
    outputs: new Map([[names.translatedName, fromGraph(translated)]]),
  };
};
