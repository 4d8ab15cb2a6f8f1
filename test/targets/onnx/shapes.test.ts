/** Shapes of ONNX values, beside those of the graph and those that ONNX Runtime finds. */
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Graph } from "../../../src/graph/graph.js";
import { input } from "../../../src/graph/operators/sources.js";
import { stepPrograms } from "../../../src/lowering/programs.js";
import { emitOnnx } from "../../../src/targets/onnx/emit.js";
import { onnxSizes } from "../../../src/targets/onnx/shapes.js";
import { type Case, cases } from "../../graph/cases.js";
import { constructs } from "../../support/constructs.js";
import { modelOf } from "../../support/specs.js";

const info = { producer: "test", metadata: {} };

const shapesOfOutputs = (graph: Graph) => {
  const sizes = onnxSizes(emitOnnx(graph, info));
  return [...graph.outputs.keys()].map((name) => [name, sizes.get(name)]);
};

const expected = ({ outputs }: Graph) =>
  [...outputs].map(([name, { shape }]) => [name, { shape, width: 4 }]);

const graphOf = ({ operands, build }: Case): Graph => {
  const inputs = operands.map(({ shape }, i) => input(`x${i}`, shape));
  return { name: "test", inputs, outputs: new Map([["y", build(...inputs)]]) };
};

test.each(Object.entries(cases))("the value of %s has the shape of the graph", (_, arbitrary) => {
  fc.assert(
    fc.property(arbitrary, (each) => {
      const graph = graphOf(each);
      expect(shapesOfOutputs(graph)).toEqual(expected(graph));
    }),
    { seed: 14, numRuns: 40 },
  );
});

test.each(Object.entries(constructs))("a step with %s", (_, text) => {
  for (const graph of stepPrograms(modelOf(text)))
    expect(shapesOfOutputs(graph)).toEqual(expected(graph));
});
