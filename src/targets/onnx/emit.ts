/** Emits a Graph as an ONNX model of standard operators. */
import { type Graph, inputName, type Node } from "../../graph/graph.js";
import { operatorOf } from "../../graph/operators/index.js";
import { deepestLast } from "../../graph/schedule.js";
import type { OnnxModel, OnnxNode, OnnxValue } from "./model.js";
import { type OnnxWriter, onnxWriter } from "./writer.js";

/** The lowest that has all that the lowerings use; runtimes of 2024 and later know it. */
export const OPSET = 20;

export interface OnnxInfo {
  /** Name of the program that made the model. */
  readonly producer: string;
  /** Written into the model's properties. */
  readonly metadata: Readonly<Record<string, string>>;
}

export interface OnnxOptions {
  /**
   * Whether shapes are defaults that may be fed, which nobody does. ONNX Runtime plans before the
   * first run which values of equal shapes take the same memory, and keeps it for them from the
   * first to the last; what has a shape that it cannot know is held only as long as it is needed.
   */
  readonly openShapes?: boolean;
  /**
   * Whether the nodes are to hold for images of any size, where they can: slower, but the same for
   * all sizes.
   */
  readonly anySize?: boolean;
}

/** Returns the layer that an unlabelled node is part of. */
const placeOf = ({ provenance }: Node): string | undefined => {
  if (!provenance?.at?.includes(".")) return undefined;
  return `${"d ".repeat(provenance.derivatives?.length ?? 0)}${provenance.at}`;
};

/** Writes all nodes that the outputs need; returns the name of the value of each. */
const lowerAll = (graph: Graph, writer: OnnxWriter): ReadonlyMap<Node, string> => {
  const values = new Map<Node, string>(graph.inputs.map((node) => [node, inputName(node)]));
  for (const node of deepestLast(graph)) {
    if (values.has(node)) continue;
    writer.label(node.label ?? placeOf(node));
    const inputs = node.inputs.map((input) => values.get(input) as string);
    values.set(node, operatorOf(node).onnx(writer, node, inputs));
  }
  return values;
};

interface NamedOutputs {
  /** New names of values that are computed, by their old ones. */
  readonly renamed: ReadonlyMap<string, string>;
  /** Copies of what is fed, is constant, or bears the name of another output already. */
  readonly copies: readonly OnnxNode[];
}

const nameOutputs = (
  outputs: ReadonlyMap<string, string>,
  computed: ReadonlySet<string>,
): NamedOutputs => {
  const renamed = new Map<string, string>();
  const copies: OnnxNode[] = [];
  for (const [name, value] of outputs) {
    if (computed.has(value) && !renamed.has(value)) renamed.set(value, name);
    else {
      const from = renamed.get(value) ?? value;
      copies.push({ type: "Identity", inputs: [from], outputs: [name], attributes: {} });
    }
  }
  return { renamed, copies };
};

/** The constants that say into which shape a value is brought. */
const shapesOf = (nodes: readonly OnnxNode[]): readonly string[] => [
  ...new Set(
    nodes.flatMap(({ type, inputs: [, shape] }) =>
      type === "Reshape" && shape !== undefined ? [shape] : [],
    ),
  ),
];

const described = (name: string, node: Node): OnnxValue => ({ name, shape: node.shape });

/**
 * @throws Error where two of the graph's inputs and outputs have one name: a defect of who made the
 *   graph.
 */
const assertDistinct = (names: readonly string[]): void => {
  const seen = new Set<string>();
  for (const name of names) {
    if (seen.has(name)) throw new Error(`${name} names two inputs or outputs of one graph.`);
    seen.add(name);
  }
};

/**
 * The ONNX model of a graph. Its inputs and outputs keep names, shapes and order; other values are
 * named after the labels of the nodes. The same graph gives the same model.
 */
export const emitOnnx = (
  graph: Graph,
  info: OnnxInfo,
  { openShapes = false, anySize = false }: OnnxOptions = {},
): OnnxModel => {
  const names = [...graph.inputs.map(inputName), ...graph.outputs.keys()];
  assertDistinct(names);
  const writer = onnxWriter(names, anySize);
  const values = lowerAll(graph, writer);
  const wanted = new Map(
    [...graph.outputs].map(([name, node]) => [name, values.get(node) as string]),
  );
  const computed = new Set(writer.written.flatMap((node) => node.outputs));
  const { renamed, copies } = nameOutputs(wanted, computed);
  const rename = (name: string): string => renamed.get(name) ?? name;
  const nodes = writer.written.map((node) => ({
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
  }));
  return {
    name: graph.name,
    opset: OPSET,
    ...info,
    inputs: graph.inputs.map((node) => described(inputName(node), node)),
    outputs: [...graph.outputs].map(([name, node]) => described(name, node)),
    initializers: writer.constants,
    defaults: openShapes ? shapesOf(nodes) : [],
    nodes: [...nodes, ...copies],
  };
};
