/** One network as others run it: images [n, c, h, w], inputs named after its domains, nothing written that depends on sizes. */
import type { Graph, Node } from "../graph/graph.js";
import { input } from "../graph/operators/sources.js";
import type { PassOptions } from "../graph/passes/index.js";
import type { Network } from "../program/model.js";
import * as names from "./names.js";
import { applyNetwork } from "./network.js";
import { enter, runStage } from "./pipeline.js";

export interface DeployedNames {
  /** Of each input of the network, in its order. */
  readonly inputs: readonly string[];
  readonly output: string;
}

/** Passes whose rewriting is of one size, or of no use to an engine that rewrites by itself. */
const passes: PassOptions = { without: ["winograd", "batch", "transpose-sinking"] };

/** The network on `count` samples of each input; parameters and buffers are inputs, by the names of the state. */
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
