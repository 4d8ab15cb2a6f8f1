/**
 * The text form of a graph: a line for each node, after the inputs and outputs. `parse` reads it
 * back.
 */
import { type Attribute, type Graph, type Node, nodesOf } from "./graph.js";

/** Decimal digits that read back as the same float64, the sign of a zero included. */
const numeral = (n: number): string => (Object.is(n, -0) ? "-0" : String(n));

/** Lists as short as a shape are written number by number. */
const SHORT = 8;
/** Fewer equal neighbours are not worth a count. */
const RUN = 3;

/**
 * Long lists are constants, which are mostly zeros or repeat themselves: `0 x 12` is twelve zeros.
 */
const runs = (list: readonly number[]): readonly string[] => {
  const items: string[] = [];
  for (let from = 0; from < list.length; ) {
    let to = from + 1;
    while (to < list.length && Object.is(list[to], list[from])) to++;
    const text = numeral(list[from] as number);
    if (to - from < RUN) items.push(...new Array<string>(to - from).fill(text));
    else items.push(`${text} x ${to - from}`);
    from = to;
  }
  return items;
};

const bracketed = (list: readonly number[]): string =>
  `[${(list.length <= SHORT ? list.map(numeral) : runs(list)).join(", ")}]`;

const attributeText = (attribute: Attribute): string => {
  if (typeof attribute === "number") return numeral(attribute);
  return typeof attribute === "object" ? bracketed(attribute) : JSON.stringify(attribute);
};

/**
 * A label stands as it is where it reads as one: on a line, with neither a quote before it nor
 * blanks around it.
 */
const labelText = (label: string): string =>
  /^[^\s"](.*\S)?$/.test(label) ? label : JSON.stringify(label);

const line = (node: Node, id: (node: Node) => string): string => {
  const attributes = Object.entries(node.attributes).map(
    ([name, value]) => `${name}: ${attributeText(value)}`,
  );
  const braces = attributes.length === 0 ? "" : ` {${attributes.join(", ")}}`;
  const label = node.label === undefined ? "" : `  -- ${labelText(node.label)}`;
  const call = `${node.operator}(${node.inputs.map(id).join(", ")})`;
  return `${id(node)} = ${call}${braces} : ${bracketed(node.shape)}${label}`;
};

/**
 * The text of a graph that `verify` finds sound. Numbers, of which none is left out, read back
 * exactly; the same graph gives the same text.
 */
export const print = (graph: Graph): string => {
  const nodes = nodesOf(graph);
  const numbers = new Map(nodes.map((node, i) => [node, i]));
  const id = (node: Node): string => `%${numbers.get(node)}`;
  return [
    `graph ${JSON.stringify(graph.name)}`,
    `inputs ${graph.inputs.map(id).join(", ")}`.trimEnd(),
    ...[...graph.outputs].map(([name, node]) => `output ${JSON.stringify(name)} = ${id(node)}`),
    "",
    ...nodes.map((node) => line(node, id)),
    "",
  ].join("\n");
};
