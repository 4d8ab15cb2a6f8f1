/**
 * The float64 evaluator as a session: the reference for the engines. State and results are rounded
 * to float32 between steps; within a step everything is computed in float64, by plain loops,
 * thousands of times more slowly than on an engine.
 */

import type { Program, Session } from "../src/contracts/session.js";
import type { HostTensor } from "../src/contracts/tensor.js";
import { type GraphOptions, graphSession } from "../src/engines/sessions/graph-session.js";
import { evaluate } from "../src/graph/evaluate.js";
import type { Graph } from "../src/graph/graph.js";
import type { Tensor } from "../src/graph/operator.js";
import type { Model } from "../src/program/model.js";

const programOf = (graph: Graph, rounded?: (value: Tensor) => Tensor): Program => ({
  run: async (feeds, into = new Map()) => {
    const inputs = new Map(
      [...feeds].map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
    );
    const results = new Map<string, HostTensor>();
    for (const [name, { shape, data }] of evaluate(graph, inputs, rounded)) {
      const target = into.get(name) ?? { shape, data: new Float32Array(data.length) };
      target.data.set(data);
      results.set(name, target);
    }
    return results;
  },
  dispose: () => {},
});

/** `rounded` stands for what an engine's own rounding does to each intermediate value. */
export const referenceSession = (
  model: Model,
  options: GraphOptions,
  rounded?: (value: Tensor) => Tensor,
): Promise<Session> => graphSession(model, options, async (graph) => programOf(graph, rounded));
