/** Which layer of which network the nodes of a step belong to, by their labels, and by their neighbours where they have none. */
import { type Graph, inputName, type Node, nodesOf } from "../../graph/graph.js";
import * as names from "../../lowering/names.js";
import type { LayerNode, Model, Network } from "../../model/model.js";
import { optimizers } from "../../operators/optimizers.js";

export interface LayerOf {
  readonly network: Network;
  readonly layer: LayerNode;
}

/** The nodes of a step by what they depend on and what depends on them. */
export interface Step {
  /** Each after its inputs. */
  readonly nodes: readonly Node[];
  readonly readers: ReadonlyMap<Node, readonly Node[]>;
  /** What losses and histories are made of. */
  readonly forward: ReadonlySet<Node>;
  /** Parameters, and what depends on them and constants only: the weights, in the forms in which layers need them. */
  readonly learnt: ReadonlySet<Node>;
  /** What depends on the optimiser's state, and that itself. */
  readonly updating: ReadonlySet<Node>;
  readonly layerOf: (node: Node) => LayerOf | undefined;
}

const DERIVED = /^(?:d )+/;

const isInput = (node: Node, prefix: string): boolean =>
  node.operator === "input" && inputName(node).startsWith(prefix);

const STATE: readonly string[] = [
  ...[...optimizers.values()].flatMap(({ slots, scalars }) => [...slots, ...scalars]),
]
  .map((entry) => `${entry}/`)
  .concat(names.averageName(""));

const isState = (node: Node): boolean =>
  STATE.some((prefix) => isInput(node, prefix)) ||
  (node.operator === "input" && inputName(node) === names.decayName);

/** All that the nodes depend on, themselves included. */
const below = (roots: Iterable<Node>): ReadonlySet<Node> => {
  const found = new Set<Node>();
  const open = [...roots];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    open.push(...node.inputs);
  }
  return found;
};

const readersIn = (nodes: readonly Node[]): ReadonlyMap<Node, readonly Node[]> => {
  const readers = new Map<Node, Node[]>(nodes.map((node) => [node, []]));
  for (const node of nodes)
    for (const input of new Set(node.inputs)) readers.get(input)?.push(node);
  return readers;
};

const above = (nodes: readonly Node[], isRoot: (node: Node) => boolean): ReadonlySet<Node> => {
  const found = new Set<Node>();
  for (const node of nodes)
    if (isRoot(node) || node.inputs.some((input) => found.has(input))) found.add(node);
  return found;
};

const learntIn = (nodes: readonly Node[]): ReadonlySet<Node> => {
  const found = new Set<Node>();
  for (const node of nodes) {
    const variable = node.inputs.filter((input) => input.operator !== "constant");
    const isLearnt = variable.length > 0 && variable.every((input) => found.has(input));
    if (isLearnt || isInput(node, names.parameterName(""))) found.add(node);
  }
  return found;
};

/** What the step reports or keeps, by the names of the outputs. */
export const isReported = (output: string): boolean =>
  [names.metricName(""), names.madeName(""), names.nextName(names.bufferName(""))].some((start) =>
    output.startsWith(start),
  );

export const readStep = (model: Model, graph: Graph): Step => {
  const nodes = nodesOf(graph);
  const layers = new Map<string, LayerOf>(
    model.networks.flatMap((network) =>
      network.layers.map((layer) => [`${network.name}.${layer.path}`, { network, layer }] as const),
    ),
  );
  const reported = [...graph.outputs].filter(([name]) => isReported(name)).map(([, node]) => node);
  const labelled = nodes.filter(({ label }) => label !== undefined && layers.has(label));
  return {
    nodes,
    readers: readersIn(nodes),
    forward: below([...reported, ...labelled]),
    learnt: learntIn(nodes),
    updating: above(nodes, isState),
    layerOf: ({ label }) => layers.get(label?.replace(DERIVED, "") ?? ""),
  };
};

/**
 * The layers of the forward nodes. A layer's label stands on its last node: those before it belong where their readers
 * do, as far as these agree; what stands between networks, such as images in another order of axes, belongs to the one
 * before. Losses and what is drawn have none.
 */
export const forwardLayers = (
  { nodes, readers, forward, learnt, layerOf }: Step,
  apart: ReadonlySet<Node>,
): ReadonlyMap<Node, LayerOf> => {
  const found = new Map<Node, LayerOf>();
  const between = new Set<Node>();
  const inside = nodes.filter(
    (node) =>
      forward.has(node) && !learnt.has(node) && !apart.has(node) && node.operator !== "constant",
  );
  for (const node of inside.toReversed()) {
    const own = layerOf(node);
    const read = (readers.get(node) ?? []).filter((reader) => forward.has(reader));
    const layers = new Set(read.map((reader) => found.get(reader)?.layer));
    const [first] = read;
    const common = layers.size === 1 && first !== undefined ? found.get(first) : undefined;
    if (own !== undefined || common !== undefined) found.set(node, (own ?? common) as LayerOf);
    else if (read.some((reader) => found.has(reader) || between.has(reader))) between.add(node);
  }
  for (const node of inside) {
    if (!between.has(node)) continue;
    const before = node.inputs.map((input) => found.get(input)).find((layer) => layer);
    if (before !== undefined) found.set(node, before);
  }
  return found;
};
