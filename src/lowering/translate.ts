/** One network applied to samples, as a program of its own. */
import type { Node } from "../graph/graph.js";
import { input } from "../graph/operators/sources.js";
import type { Network } from "../program/model.js";
import * as names from "./names.js";
import { applyNetwork } from "./network.js";
import { fromGraph, toGraph } from "./objectives.js";
import { type At, enter } from "./pipeline.js";

/**
 * `count` samples of each of the network's domains to what it makes of them; inputs are its
 * parameters, then the samples.
 */
export const lowerTranslate = (network: Network, count: number): At<"forward"> => {
  const parameters = new Map<string, Node>(
    network.reads.map(({ name, shape }) => [name, input(names.parameterName(name), shape)]),
  );
  const buffers = new Map<string, Node>(
    network.buffers.map(({ name, shape }) => [name, input(names.bufferName(name), shape)]),
  );
  const samples = network.inputs.map((shape, i) => input(names.imagesName(i), [count, ...shape]));
  const translated = applyNetwork(
    network,
    (name) => parameters.get(name) as Node,
    samples.map(toGraph),
    {
      called: network.inputs.map((_, i) => names.imagesName(i)),
      buffer: (name) => buffers.get(name) as Node,
    },
  );
  return enter("forward", {
    name: `${network.name}.translate`,
    inputs: [...parameters.values(), ...buffers.values(), ...samples],
    outputs: new Map([[names.translatedName, fromGraph(translated)]]),
  });
};
