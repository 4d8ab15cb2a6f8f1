/**
 * Fuses nodes for which tfjs and TensorFlow have one kernel. The fused operators belong to this
 * engine: they have no derivative, and only kernels/fused.ts knows them.
 */
import { type Graph, type Node, nodesOf, sameShape, sizeOf } from "../../graph/graph.js";
import { isOf } from "../../graph/operator.js";
import {
  addOperator,
  mulOperator,
  subOperator,
  sumOperator,
} from "../../graph/operators/arithmetic.js";
import { leakyStepOperator } from "../../graph/operators/functions.js";
import {
  inverseDeviationOperator,
  standardizeOperator,
} from "../../graph/operators/normalisation.js";
import { reshapeOperator } from "../../graph/operators/shaping.js";
import { numberIn } from "../../graph/operators/sources.js";
import { rewrite } from "../../graph/passes/rewrite.js";
import { BIAS_ADD, RELU_GRADIENT, STANDARDIZE_GRADIENT } from "./kernels/fused.js";

/** Returns the operands of a commutative node in both orders. */
const bothWays = (node: Node): readonly (readonly [Node, Node])[] => {
  const [a, b] = node.inputs as readonly [Node, Node];
  return [
    [a, b],
    [b, a],
  ];
};

const reluGradient = (node: Node): Node | undefined => {
  if (!isOf(node, mulOperator)) return undefined;
  for (const [dy, step] of bothWays(node)) {
    const [y] = step.inputs;
    if (!isOf(step, leakyStepOperator) || y === undefined) continue;
    if (!sameShape(dy.shape, node.shape) || !sameShape(y.shape, node.shape)) continue;
    const { slope } = step.attributes;
    return { ...node, operator: RELU_GRADIENT, inputs: [dy, y], attributes: { slope: slope ?? 0 } };
  }
  return undefined;
};

const biasAdd = (node: Node): Node | undefined => {
  if (!isOf(node, addOperator) || node.shape.length !== 4) return undefined;
  for (const [x, bias] of bothWays(node)) {
    const [b] = bias.inputs;
    const channels = node.shape[1];
    if (!isOf(bias, reshapeOperator) || b === undefined) continue;
    if (!sameShape(x.shape, node.shape) || !sameShape(bias.shape, [1, channels ?? 0, 1, 1]))
      continue;
    if (sameShape(b.shape, [channels ?? 0]))
      return { ...node, operator: BIAS_ADD, inputs: [x, b], attributes: {} };
  }
  return undefined;
};

/** Returns x if the node is mean(x) over the axes. */
const meanOf = (node: Node | undefined, axes: string): Node | undefined => {
  if (!isOf(node, mulOperator)) return undefined;
  for (const [sum, factor] of bothWays(node)) {
    const [x] = sum.inputs;
    if (!isOf(sum, sumOperator) || String(sum.attributes.axes) !== axes || x === undefined)
      continue;
    const part = sizeOf(sum.shape) / sizeOf(x.shape);
    if (Math.abs((numberIn(factor) ?? 0) / part - 1) < 1e-12) return x;
  }
  return undefined;
};

/** Tells whether the node is a b, in either order. */
const isProduct = (node: Node | undefined, a: Node, b: Node): boolean =>
  isOf(node, mulOperator) && bothWays(node).some(([p, q]) => p === a && q === b);

/** Returns dy if the node is dy - mean(dy) - y mean(dy y). */
const centred = (node: Node, y: Node, axes: string): Node | undefined => {
  if (!isOf(node, subOperator)) return undefined;
  const [difference, along] = node.inputs;
  if (!isOf(difference, subOperator) || !isOf(along, mulOperator)) return undefined;
  const [dy, mean] = difference.inputs;
  if (dy === undefined || meanOf(mean, axes) !== dy) return undefined;
  const isAlong = bothWays(along).some(([p, q]) => p === y && isProduct(meanOf(q, axes), dy, y));
  return isAlong ? dy : undefined;
};

const standardizeGradient =
  (standardized: (x: Node, attributes: string) => Node | undefined) =>
  (node: Node): Node | undefined => {
    if (!isOf(node, mulOperator)) return undefined;
    for (const [r, rest] of bothWays(node)) {
      const [x] = r.inputs;
      if (!isOf(r, inverseDeviationOperator) || x === undefined) continue;
      const y = standardized(x, JSON.stringify(r.attributes));
      if (y === undefined || !sameShape(rest.shape, y.shape)) continue;
      const axes = r.attributes.axes as readonly number[];
      const dy = centred(rest, y, String(axes));
      if (dy !== undefined)
        return {
          ...node,
          operator: STANDARDIZE_GRADIENT,
          inputs: [dy, y, r],
          attributes: { axes },
        };
    }
    return undefined;
  };

/** Finds the standardized value of x by x and attributes; the first if there are several. */
export const standardizedOf = (
  nodes: Iterable<Node>,
): ((x: Node, attributes: string) => Node | undefined) => {
  const found = new Map<Node, Map<string, Node>>();
  for (const node of nodes) {
    const [x] = node.inputs;
    if (!isOf(node, standardizeOperator) || x === undefined) continue;
    const byAttributes = found.get(x) ?? new Map<string, Node>();
    const key = JSON.stringify(node.attributes);
    if (!byAttributes.has(key)) byAttributes.set(key, node);
    found.set(x, byAttributes);
  }
  return (x, attributes) => found.get(x)?.get(attributes);
};

/**
 * Replaces nodes by one rule. Patterns are replaced one after the other, so that each finds nodes
 * that its own rule has not changed.
 */
const replaceAll = (graph: Graph, rule: (node: Node) => Node | undefined): Graph => {
  const replacement = new Map<Node, Node>();
  for (const node of nodesOf(graph)) {
    const found = rule(node);
    if (found !== undefined) replacement.set(node, found);
  }
  return replaced(graph, replacement);
};

/** Rewrites a graph. Replacements use the graph's own nodes, whose inputs are replaced in turn. */
const replaced = (graph: Graph, replacement: ReadonlyMap<Node, Node>): Graph => {
  const now = new Map<Node, Node>();
  return rewrite(graph, (node, inputs) => {
    node.inputs.forEach((input, i) => {
      now.set(input, inputs[i] as Node);
    });
    const found = replacement.get(node);
    return found === undefined
      ? undefined
      : { ...found, inputs: found.inputs.map((input) => now.get(input) ?? input) };
  });
};

/** Puts the engine's own operators into a graph. */
export const fuse = (graph: Graph): Graph => {
  const normalised = replaceAll(graph, standardizeGradient(standardizedOf(nodesOf(graph))));
  return replaceAll(replaceAll(normalised, reluGradient), biasAdd);
};
