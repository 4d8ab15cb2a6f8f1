/**
 * Splits a graph into parts that can run in parallel. What depends on one draw alone, forward and
 * backward, is a part; what joins several is the rest, which reads the values that cross: the
 * gradients' sums, followed by Adam. What depends on no draw is computed wherever it is used.
 */
import { make } from "../src/graph/build.js";
import { type Graph, inputName, type Node, nodesOf, sameShape } from "../src/graph/graph.js";
import { add } from "../src/graph/operators/arithmetic.js";
import { operatorOf } from "../src/graph/operators/index.js";
import { input } from "../src/graph/operators/sources.js";
import { eliminateDeadInputs } from "../src/graph/passes/dce.js";
import { onInputs } from "../src/graph/passes/rewrite.js";

export interface Split {
  /**
   * By draw. The outputs are those of the graph that need only this draw, and the values that
   * cross.
   */
  readonly parts: ReadonlyMap<string, Graph>;
  /**
   * All other outputs. The inputs are those of the graph that are still used, and the values that
   * cross.
   */
  readonly rest: Graph;
}

/** Returns the draw of an input; undefined if all parts may read it. */
export type DrawOf = (input: string) => string | undefined;

/**
 * A value as a sum with one summand for each draw, all of the value's shape, by draw. Without a
 * summand it depends on no draw. With one it is that summand itself.
 */
type Summands = ReadonlyMap<string, Node>;

/** Operators that are linear in each input while the others are fixed. */
const linear = new Set([
  "reshape",
  "transpose",
  "slice",
  "pad",
  "sum",
  "broadcast",
  "mul",
  "matmul",
]);

const added = (a: Summands, b: Summands): Summands => {
  const sum = new Map(a);
  for (const [draw, node] of b) {
    const other = sum.get(draw);
    sum.set(draw, other === undefined ? node : add(other, node));
  }
  return sum;
};

/**
 * Returns the summands of a node from those of its inputs; undefined if they cannot be separated.
 */
const summandsOf = (node: Node, inputs: readonly Summands[]): Summands | undefined => {
  const draws = new Set(inputs.flatMap((summands) => [...summands.keys()]));
  const [draw, ...others] = draws;
  if (draw === undefined) return new Map();
  if (others.length === 0) return new Map([[draw, node]]);
  const [a, b] = inputs;
  if (node.operator === "add" && a !== undefined && b !== undefined) {
    const isWhole = node.inputs.every(({ shape }) => sameShape(shape, node.shape));
    return isWhole && a.size > 0 && b.size > 0 ? added(a, b) : undefined;
  }
  const [place, ...more] = inputs.flatMap(({ size }, i) => (size > 0 ? [i] : []));
  if (place === undefined || more.length > 0 || !linear.has(node.operator)) return undefined;
  const on = (summand: Node): Node => {
    const operands = node.inputs.map((operand, i) => (i === place ? summand : operand));
    return make(operatorOf(node), operands, node.attributes, node.label);
  };
  return new Map([...(inputs[place] ?? [])].map(([of, summand]) => [of, on(summand)]));
};

const allSummands = (graph: Graph, drawOf: DrawOf): ReadonlyMap<Node, Summands> => {
  const found = new Map<Node, Summands>();
  for (const node of nodesOf(graph)) {
    const draw = node.operator === "input" ? drawOf(inputName(node)) : undefined;
    const inputs = node.inputs.flatMap((operand) => found.get(operand) ?? []);
    if (inputs.length < node.inputs.length) continue;
    const summands = draw === undefined ? summandsOf(node, inputs) : new Map([[draw, node]]);
    if (summands !== undefined) found.set(node, summands);
  }
  return found;
};

/** Values of parts that the rest reads. */
class Crossings {
  readonly inputs: Node[] = [];
  private readonly fed = new Map<Node, Node>();

  constructor(private readonly outputs: (draw: string) => Map<string, Node>) {}

  feed(draw: string, node: Node): Node {
    const known = this.fed.get(node);
    if (known !== undefined) return known;
    const fed = input(`cross/${this.inputs.length}`, node.shape);
    this.outputs(draw).set(inputName(fed), node);
    this.inputs.push(fed);
    this.fed.set(node, fed);
    return fed;
  }
}

/** Splits a graph. The parts and then the rest together compute all of its outputs. */
export const split = (graph: Graph, drawOf: DrawOf): Split => {
  const summands = allSummands(graph, drawOf);
  const outputs = new Map<string, Map<string, Node>>();
  const outputsOf = (draw: string): Map<string, Node> => {
    const known = outputs.get(draw) ?? new Map<string, Node>();
    outputs.set(draw, known);
    return known;
  };
  const crossings = new Crossings(outputsOf);
  const joined = new Map<Node, Node>();
  const inRest = (node: Node): Node => {
    const [first, ...others] = [...(summands.get(node) ?? [])].map(([draw, summand]) =>
      crossings.feed(draw, summand),
    );
    return first === undefined ? (joined.get(node) ?? node) : others.reduce(add, first);
  };
  for (const node of nodesOf(graph))
    if (!summands.has(node)) joined.set(node, onInputs(node, node.inputs.map(inRest)));
  const rest = new Map<string, Node>();
  for (const [name, node] of graph.outputs) {
    const [draw, ...others] = summands.get(node)?.keys() ?? [];
    if (draw !== undefined && others.length === 0) outputsOf(draw).set(name, node);
    else rest.set(name, inRest(node));
  }
  const part = (name: string, of: ReadonlyMap<string, Node>): Graph =>
    eliminateDeadInputs({ name: `${graph.name}.${name}`, inputs: graph.inputs, outputs: of });
  const inputs = [...graph.inputs, ...crossings.inputs];
  return {
    parts: new Map([...outputs].map(([draw, of]) => [draw, part(draw, of)])),
    rest: eliminateDeadInputs({ name: `${graph.name}.rest`, inputs, outputs: rest }),
  };
};
