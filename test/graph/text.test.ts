import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { left, right } from "fp-ts/lib/Either.js";
import { type Graph, type Node, nodesOf } from "../../src/graph/graph.js";
import { add } from "../../src/graph/operators/arithmetic.js";
import { conv } from "../../src/graph/operators/convolution.js";
import { matmul } from "../../src/graph/operators/linear.js";
import { constant, input, tensor } from "../../src/graph/operators/sources.js";
import { parse } from "../../src/graph/parse.js";
import { print } from "../../src/graph/print.js";
import { graphs } from "./graphs.js";

/** A graph as data, nodes by number, so that what is shared counts. */
const flat = (graph: Graph) => {
  const nodes = nodesOf(graph);
  const numbers = new Map(nodes.map((node, i) => [node, i]));
  const id = (node: Node) => numbers.get(node);
  return {
    name: graph.name,
    inputs: graph.inputs.map(id),
    outputs: [...graph.outputs].map(([name, node]) => [name, id(node)]),
    nodes: nodes.map((node) => ({ ...node, inputs: node.inputs.map(id) })),
  };
};

const reread = (graph: Graph): Graph => {
  const read = parse(print(graph));
  if (read._tag === "Left") throw new Error(`${read.left}\n${print(graph)}`);
  return read.right;
};

const example = (): Graph => {
  const [x, w] = [input("x", [1, 2, 4, 4]), input("G.w", [3, 2, 3, 3])];
  const y: Node = { ...conv(x, w, { stride: 1, pad: 1 }), label: "G.R_3.conv_2" };
  const zeros = tensor([1, -0, 0, 0, 0, 0.1, 1e-7, 1e21, 1e21, 1e21], [10]);
  const outputs = new Map([
    ["loss", add(y, constant(-0.5))],
    ["a name", matmul(x, x, { right: true })],
    ["zeros", zeros],
  ]);
  return { name: "step", inputs: [x, w], outputs };
};

const text = `graph "step"
inputs %0, %1
output "loss" = %4
output "a name" = %5
output "zeros" = %6

%0 = input() {name: "x", shape: [1, 2, 4, 4]} : [1, 2, 4, 4]
%1 = input() {name: "G.w", shape: [3, 2, 3, 3]} : [3, 2, 3, 3]
%2 = conv(%0, %1) {stride: 1, pad: 1} : [1, 3, 4, 4]  -- G.R_3.conv_2
%3 = constant() {data: [-0.5], shape: []} : []
%4 = add(%2, %3) : [1, 3, 4, 4]
%5 = matmul(%0, %0) {left: false, right: true} : [1, 2, 4, 4]
%6 = constant() {data: [1, -0, 0 x 3, 0.1, 1e-7, 1e+21 x 3], shape: [10]} : [10]
`;

test("a graph reads like a program", () => {
  expect(print(example())).toBe(text);
});

describe("reading what was printed", () => {
  test("gives the graph, bit by bit", () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        expect(flat(reread(graph))).toEqual(flat(graph));
      }),
      { seed: 1703, numRuns: 300 },
    );
  });

  test("gives the example; a graph without inputs or outputs; blanks and CRLF do not matter", () => {
    expect(flat(reread(example()))).toEqual(flat(example()));
    const empty: Graph = { name: "", inputs: [], outputs: new Map() };
    expect(parse(print(empty))).toEqual(right(empty));
    const loose = text.replaceAll("\n", " \r\n\r\n").replaceAll(",", " , ").replaceAll("(", " ( ");
    const read = parse(loose);
    expect(read._tag === "Right" && print(read.right)).toBe(text);
  });

  test("a graph of 20,000 nodes in a chain", () => {
    const x = input("x", []);
    let value: Node = x;
    for (let i = 0; i < 20_000; i++) value = add(value, x);
    const graph: Graph = { name: "deep", inputs: [x], outputs: new Map([["y", value]]) };
    expect(print(reread(graph))).toBe(print(graph));
  });
});

test.each<[string, string, string, string]>([
  ["an unknown node", "conv(%0, %1)", "conv(%0, %9)", "line 9: %9 is not defined before it"],
  ["a node read too early", "conv(%0, %1)", "conv(%0, %4)", "line 9: %4 is not defined before it"],
  ["a node defined twice", "%3 = ", "%2 = ", "line 10: %2 is defined twice"],
  ["an output of nothing", '"loss" = %4', '"loss" = %44', "line 3: %44 is not defined before it"],
  ["an output twice", '"a name"', '"loss"', "line 4: the output loss is defined twice"],
  ["a name without quotes", '"step"', "step", 'line 1: expected a quoted name at "step"'],
  ["a name that is no JSON", '"step"', '"\\x"', 'line 1: "\\x" is not a string of JSON'],
  ["an open list", "[-0.5]", "[-0.5", 'line 10: expected a number at "shape: []} : []"'],
  ["a shape left out", " : [1, 3, 4, 4]\n", "\n", 'line 11: expected : at ""'],
  ["two nodes in a line", "[1, 3, 4, 4]\n", "[1, 3, 4, 4] %7\n", "line 11: nothing should follow"],
  ["an operator left out", "add(", "(", 'line 11: expected an operator at "(%2, %3) : [1, 3, 4,"'],
  ["a word unknown", "inputs", "feeds", "line 2: expected graph or inputs"],
  ["two names of the graph", "inputs %0, %1", 'graph "again"', "line 2: expected graph or inputs"],
  ["inputs left out", "inputs %0, %1\n", "", "line 1: a graph begins with its name and its inputs"],
  ["a value of no kind", "stride: 1", "stride: one", "line 9: expected a number, a list, a string"],
  ["an attribute without a name", "{stride:", "{:", "line 9: expected the name of an attribute"],
  ["a run without a count", "0 x 3", "0 x", 'line 13: expected a count at ", 0.1'],
])("says where there is %s", (_, right, wrong, problem) => {
  expect(text).toContain(right);
  const read = parse(text.replace(right, () => wrong));
  expect(read).toEqual(left(expect.stringContaining(problem)));
});
