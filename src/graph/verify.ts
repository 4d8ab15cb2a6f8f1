/** Whether a graph is what its passes may rely on. */
import { isLeft } from "fp-ts/lib/Either.js";
import { type Attribute, type Graph, inputName, type Node, nodesOf, sameShape } from "./graph.js";
import type { Operator } from "./operator.js";
import { operators } from "./operators/index.js";
import { isInput } from "./operators/sources.js";

const isOfKind = (attribute: Attribute, kind: Operator["attributes"][string]): boolean => {
  if (kind === "sides" && typeof attribute === "object") return attribute.length === 2;
  const single = kind === "sides" ? "number" : kind;
  return single === (typeof attribute === "object" ? "numbers" : typeof attribute);
};

const attributeProblems = ({ attributes }: Node, declared: Operator): readonly string[] => [
  ...Object.entries(declared.attributes).flatMap(([name, kind]) => {
    const given = attributes[name];
    if (given === undefined) return [`it lacks the attribute ${name}`];
    return isOfKind(given, kind) ? [] : [`its attribute ${name} should be of kind ${kind}`];
  }),
  ...Object.keys(attributes)
    .filter((name) => !Object.hasOwn(declared.attributes, name))
    .map((name) => `it has no attribute ${name}`),
];

const arityProblems = ({ inputs }: Node, { arity }: Operator): readonly string[] => {
  const fits = arity === "many" ? inputs.length >= 1 : inputs.length === arity;
  return fits ? [] : [`it takes ${arity} inputs, not ${inputs.length}`];
};

const shapeProblems = ({ inputs, attributes, shape }: Node, { shape: rule }: Operator) => {
  const expected = rule(
    inputs.map((input) => input.shape),
    attributes,
  );
  if (isLeft(expected)) return [expected.left];
  return sameShape(expected.right, shape)
    ? []
    : [`its shape should be [${expected.right.join(", ")}], not [${shape.join(", ")}]`];
};

const nodeProblems = (node: Node): readonly string[] => {
  const declared = operators.get(node.operator);
  if (declared === undefined) return ["there is no such operator"];
  // a rule of shape may read what the declaration promises
  const formal = [...attributeProblems(node, declared), ...arityProblems(node, declared)];
  return formal.length > 0 ? formal : shapeProblems(node, declared);
};

const inputProblems = (graph: Graph, nodes: readonly Node[]): readonly string[] => {
  const listed = new Set(graph.inputs);
  return [
    ...graph.inputs
      .filter((node) => !isInput(node))
      .map((node) => `a node of ${node.operator} is listed as an input`),
    ...nodes
      .filter((node) => isInput(node) && !listed.has(node))
      .map((node) => `the input ${inputName(node)} is not listed`),
  ];
};

const nameProblems = (graph: Graph): readonly string[] => {
  const names = [...graph.inputs.map(inputName), ...graph.outputs.keys()];
  const once = new Set<string>();
  const repeated = new Set<string>();
  for (const name of names) (once.has(name) ? repeated : once).add(name);
  return [...repeated].map((name) => `${name} names more than one input or output`);
};

/**
 * All that is wrong with a graph, one sentence each; none in a sound one. Every operator is in the
 * table and has the inputs and attributes that it says, every shape is the one of its rule, every
 * input is listed, and the names of inputs and outputs differ.
 */
export const verify = (graph: Graph): readonly string[] => {
  const nodes = nodesOf(graph);
  return [
    ...nodes.flatMap((node, i) => {
      const label = node.label === undefined ? "" : ` (${node.label})`;
      return nodeProblems(node).map((problem) => `%${i} = ${node.operator}${label}: ${problem}`);
    }),
    ...inputProblems(graph, nodes),
    ...nameProblems(graph),
  ];
};
