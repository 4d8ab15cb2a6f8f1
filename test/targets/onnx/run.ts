/** Runs graphs on ONNX Runtime, for tests. */

import { openProgram } from "../../../src/engines/onnx/runtime.js";
import type { Graph, Shape } from "../../../src/graph/graph.js";
import type { Tensor } from "../../../src/graph/operator.js";
import { emitOnnx } from "../../../src/targets/onnx/emit.js";
import { encodeOnnx } from "../../../src/targets/onnx/encode.js";
import { type Domain, draw } from "../../graph/tensors.js";

export const info = { producer: "ganc", metadata: {} };

/** Numbers of the domain that 32 bits hold, so that both sides of a comparison see the same. */
export const drawSingle = (shape: Shape, domain: Domain, seed: number, name: string): Tensor => ({
  shape,
  data: draw(shape, domain, seed, name).data.map(Math.fround),
});

/** The outputs of the graph as ONNX Runtime computes them on the processor, by name. */
export const runOnnx = async (
  graph: Graph,
  feeds: ReadonlyMap<string, Tensor>,
): Promise<ReadonlyMap<string, Tensor>> => {
  const program = await openProgram(encodeOnnx(emitOnnx(graph, info)), { threads: 1 });
  const singles = [...feeds].map(
    ([name, { shape, data }]) => [name, { shape, data: Float32Array.from(data) }] as const,
  );
  const results = await program.run(new Map(singles));
  program.dispose();
  return new Map(
    [...results].map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
  );
};
