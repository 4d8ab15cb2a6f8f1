/**
 * Lowers one network for other runtimes: images are [n, c, h, w], inputs are named after its
 * domains, and nothing depends on their size.
 */
import type { Graph, Node } from "../graph/graph.js";
import { input } from "../graph/operators/sources.js";
import type { PassOptions } from "../graph/passes/index.js";
import type { Network } from "../program/model.js";
import * as names from "./names.js";
import { applyNetwork } from "./network.js";
import { enter, runStage } from "./pipeline.js";

export interface DeployedNames {
  /** One name for each input of the network, in order. */
  readonly inputs: readonly string[];
  readonly output: string;
}

/** Leaves out passes that fix a size, and those that another runtime does by itself. */
const passes: PassOptions = { without: ["winograd", "batch", "transpose-sinking"] };

/**
 * Applies the network to `count` samples of each input. Parameters and buffers are inputs, named as
 * in the state.
 */
export const lowerDeployed = (network: Network, count: number, called: DeployedNames): Graph => {
  const weights = new Map<string, Node>();
  const of = (name: string, shape: readonly number[]): Node => {
    const node = weights.get(name) ?? input(name, shape);
    weights.set(name, node);
    return node;
  };
  const shapes = new Map(network.reads.map(({ name, shape }) => [name, shape]));
  const samples = network.inputs.map(([h, w, c], i) =>
    input(called.inputs[i] ?? names.imagesName(i), [count, c, h, w]),
  );
  const result = applyNetwork(
    network,
    (name) => of(names.parameterName(name), shapes.get(name) ?? []),
    samples,
    { anySize: true, buffer: (name, shape) => of(names.bufferName(name), shape) },
  );
  const graph: Graph = {
    name: network.name,
    inputs: [...samples, ...weights.values()],
    outputs: new Map([[called.output, result]]),
  };
  return runStage("forward", enter("forward", graph), passes);
};
