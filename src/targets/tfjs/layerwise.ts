/**
 * A network layer by layer, as the check of its shapes found it: for what has no form of its own in
 * TypeScript.
 */

import { impossible } from "../../base/impossible.js";
import type { Layer } from "../../operators/layer.js";
import { layers } from "../../operators/layers.js";
import { type Options, type OptionValue, sameValue } from "../../operators/signature.js";
import type { Equalized } from "../../parameters/equalized.js";
import type { LayerNode, Network } from "../../program/network.js";
import type { Identifiers } from "../written/identifiers.js";
import { call, concat, type Doc, layout, object } from "./layout.js";
import type { Module } from "./module.js";
import { camelCase } from "./names.js";

const constants = ["SQRT2", "SQRT1_2", "PI", "E", "LN2", "LN10", "LOG2E", "LOG10E"] as const;

/** An option's value: constants of the standard library by their names, as linters want them. */
const valueText = (value: OptionValue | undefined): string => {
  if (typeof value === "object") return `[${value.join(", ")}]`;
  const known = constants.find((name) => Math[name] === value);
  return known === undefined ? String(value) : `Math.${known}`;
};

/** `conv(3, 64, { stride: 2 })`, by the options' values. */
export const configured = (module: Module, layer: Layer, options: Options): Doc => {
  const { positional } = layer;
  const first = layer.options.slice(0, positional).map(({ name }) => valueText(options[name]));
  const named = layer.options.slice(positional).flatMap(({ name, defaultValue, sameAs }) => {
    const value = options[name];
    const otherwise = sameAs === undefined ? defaultValue : options[sameAs];
    return value === undefined || sameValue(value, otherwise)
      ? []
      : [`${camelCase(name)}: ${valueText(value)}`];
  });
  const rest = named.length === 0 ? [] : [object(named)];
  return call(module.runtime(camelCase(layer.name)), [...first, ...rest]);
};

/**
 * The line that gives a layer's value: the layer's own, or that of the inner network whose last
 * layer it is.
 */
interface Line {
  readonly name: string;
  readonly block: Doc;
  readonly inputs: readonly number[];
}

/** What of `equalized` is not as it is by itself: `{ rate: 0.01 }`. */
const scalesOf = (by: Equalized): readonly Doc[] => {
  const own = Object.entries(by).flatMap(([name, value]) =>
    value === 1 ? [] : [`${name}: ${valueText(value)}`],
  );
  return own.length === 0 ? [] : [object(own)];
};

const ownLine = (module: Module, node: LayerNode): Line => {
  const layer = layers.get(node.kind);
  const plain =
    layer === undefined ? module.runtime(node.kind) : configured(module, layer, node.options);
  const divided = node.isSpectral === true ? call(module.runtime("spectralNorm"), [plain]) : plain;
  const block =
    node.equalized === undefined
      ? divided
      : call(module.runtime("equalized"), [divided, ...scalesOf(node.equalized)]);
  return { name: node.path, block, inputs: node.inputs };
};

/**
 * `(x) => { const y1 = at("c7s1.conv", conv(7, 64))(x); … }`: the layers that the output needs, in
 * their order.
 * @param inner the variable of a network inside of this one
 */
export const layerwise = (
  module: Module,
  names: Identifiers,
  network: Network,
  inner: (name: string) => string,
): string => {
  const first = network.inputs.length;
  const variables = network.inputs.map((_, i) => names.fresh(i === 0 ? "x" : `x${i + 1}`));
  const lineOf = (id: number): Line => {
    const node = network.layers[id - first] ?? impossible(`${network.name} has no layer ${id}`);
    const { within, path } = node;
    if (within === undefined) return ownLine(module, node);
    const block = call(module.runtime("shared"), [inner(within.network)]);
    return { name: path.slice(0, -within.path.length - 1), block, inputs: within.inputs };
  };
  const written = new Map<number, Line>();
  const needed = [network.last];
  for (let id = needed.pop(); id !== undefined; id = needed.pop()) {
    if (id < first || written.has(id)) continue;
    const line = lineOf(id);
    written.set(id, line);
    needed.push(...line.inputs);
  }
  const known = new Map<number, string>();
  const variableOf = (id: number): string =>
    variables[id] ?? known.get(id) ?? impossible(`${network.name} reads layer ${id} too early`);
  const lines = [...written].sort(([a], [b]) => a - b);
  const statements = lines.map(([id, { name, block, inputs }], i) => {
    const variable = names.fresh(`y${i + 1}`);
    const head = `    const ${variable} = `;
    const layer = call(module.runtime("at"), [JSON.stringify(name), block]);
    const applied = concat(layer, call("", inputs.map(variableOf)));
    known.set(id, variable);
    return `${head}${layout(applied, { column: head.length, depth: 2 })};`;
  });
  const head = `(${variables.join(", ")}) => {`;
  return [head, ...statements, `    return ${variableOf(network.last)};`, "  }"].join("\n");
};
