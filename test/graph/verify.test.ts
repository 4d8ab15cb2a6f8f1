import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Graph, Node } from "../../src/graph/graph.js";
import { add } from "../../src/graph/operators/arithmetic.js";
import { leakyRelu } from "../../src/graph/operators/functions.js";
import { concat } from "../../src/graph/operators/shaping.js";
import { input } from "../../src/graph/operators/sources.js";
import { verify } from "../../src/graph/verify.js";
import { graphs } from "./graphs.js";

const x = input("x", [2, 3]);
const relu: Node = { ...leakyRelu(x, 0), label: "G.relu" };
const sum = add(x, relu);
const graph = (outputs: Readonly<Record<string, Node>>, inputs: readonly Node[] = [x]): Graph => ({
  name: "test",
  inputs,
  outputs: new Map(Object.entries(outputs)),
});

test("graphs that are made by the builders are sound", () => {
  fc.assert(
    fc.property(graphs, (made) => {
      expect(verify(made)).toEqual([]);
    }),
    { seed: 1703, numRuns: 100 },
  );
});

test.each<[string, Graph, string]>([
  [
    "an operator that is not in the table",
    graph({ y: { ...relu, operator: "relu" } }),
    "%1 = relu (G.relu): there is no such operator",
  ],
  [
    "an attribute that is missing",
    graph({ y: { ...relu, attributes: {} } }),
    "%1 = leaky_relu (G.relu): it lacks the attribute slope",
  ],
  [
    "an attribute of another kind",
    graph({ y: { ...relu, attributes: { slope: [0] } } }),
    "%1 = leaky_relu (G.relu): its attribute slope should be of kind number",
  ],
  [
    "an attribute too many",
    graph({ y: { ...sum, attributes: { alpha: 2 } } }),
    "%2 = add: it has no attribute alpha",
  ],
  [
    "an attribute that every object has",
    graph({ y: { ...sum, attributes: { toString: 2 } } }),
    "%2 = add: it has no attribute toString",
  ],
  ["an input too few", graph({ y: { ...sum, inputs: [x] } }), "%1 = add: it takes 2 inputs, not 1"],
  [
    "no input at all",
    graph({ y: { ...concat([x, x], 0), inputs: [] } }),
    "%1 = concat: it takes many inputs, not 0",
  ],
  [
    "a shape that is not the rule's",
    graph({ y: { ...sum, shape: [3, 2] } }),
    "%2 = add: its shape should be [2, 3], not [3, 2]",
  ],
  [
    "inputs that do not fit",
    graph({ y: { ...concat([x, x], 0), attributes: { axis: 2 } } }),
    "%1 = concat: axis must be one of the inputs",
  ],
  ["an input that is not listed", graph({ y: sum }, []), "the input x is not listed"],
  [
    "an input that is none",
    graph({ y: sum }, [x, { ...sum, attributes: { name: "z" } }]),
    "a node of add is listed as an input",
  ],
  [
    "two inputs of one name",
    graph({ y: add(x, input("x", [3])) }, [x, input("x", [3])]),
    "x names more than one input or output",
  ],
  ["an output named like an input", graph({ x: sum }), "x names more than one input or output"],
])("names %s", (_, damaged, problem) => {
  expect(verify(damaged)).toContain(problem);
});

test("names all that is wrong", () => {
  const outputs = { x: { ...relu, operator: "relu" }, y: { ...sum, shape: [] } };
  expect(verify(graph(outputs, []))).toHaveLength(3);
});
