/** Params, domains, blocks and networks of a spec as TypeScript declarations. */

import { impossible } from "../../base/impossible.js";
import { measureText } from "../../base/sides.js";
import type { DefinitionOf } from "../../program/definitions.js";
import { type Expr, plainName } from "../../program/expression.js";
import { domainsText } from "../../program/naming.js";
import type { Network } from "../../program/network.js";
import { reachable, roots } from "../written/dependencies.js";
import { Expressions } from "./expressions.js";
import { layerwise } from "./layerwise.js";
import { arrow, call, concat, type Doc, layout } from "./layout.js";
import { comment, type Module } from "./module.js";

const param = (module: Module, definition: DefinitionOf<"param">): string => {
  const { id, type, written, value, place } = definition;
  // The spelling of the spec where the value is the spec's.
  const isWritten = written.kind === "number" && written.value === value;
  const typed = type === undefined ? "" : ` : ${type}`;
  const what = `param ${plainName(id)}${typed}. ${place}`;
  const text = isWritten ? written.text : String(value);
  return `${comment([what])}\nexport const ${module.identifiers.of(id)} = ${text};`;
};

/** A `let`: a constant, or an arrow function of its formals. */
const binding = (module: Module, definition: DefinitionOf<"let">): string => {
  const { id, formals, body: value, text, place } = definition;
  const expressions = new Expressions(module, module.identifiers.inner());
  const doc = comment([`${text}. ${place}`]);
  const name = module.identifiers.of(id);
  if (formals === undefined) {
    const type = expressions.constantType(value);
    const head = `const ${name}${type === undefined ? "" : `: ${type}`} = `;
    return `${doc}\n${layout(concat(head, expressions.value(value)))};`;
  }
  const params = expressions.formals(formals, value);
  const type = expressions.resultType(value);
  const body = expressions.result(plainName(id), value);
  return `${doc}\n${layout(arrow(`const ${name} = (${params.join(", ")}): ${type} =>`, body))};`;
};

/** `const X = [size, size, 3]`: the shape of a domain's images, in the spec's own terms. */
const domain = (module: Module, { id, sides, place }: DefinitionOf<"domain">): string => {
  const of = module.model.domains.find(({ name }) => name === id);
  if (of === undefined) return impossible(`no domain ${id}`);
  const expressions = new Expressions(module, module.identifiers);
  const shape = sides.map((side, i) =>
    side !== null && module.forms.hasNumber(side) ? expressions.number(side) : String(of.shape[i]),
  );
  const [low, high] = of.range;
  const range = Number.isFinite(low) ? ` in [${low}, ${high}]` : "";
  const what = { image: "images", noise: "normal numbers", uniform: "uniform numbers" } as const;
  const drawn = { ...what, labels: "classes", features: "features", scheduled: "shares" }[of.kind];
  const doc = comment([`domain ${id}: ${drawn} [height, width, channels]${range}. ${place}`]);
  return `${doc}\nexport const ${module.identifiers.of(id)} = [${shape.join(", ")}] as const;`;
};

/** The function that builds a network, and the networks that it is given: those inside of it. */
export interface Builder {
  readonly net: string;
  readonly id: string;
  readonly inner: readonly string[];
}

/** `net G : X -> Y, [n, 8, 8, 3] -> …`, of a network that is written layer by layer also why. */
const networkText = (
  { model }: Module,
  network: Network,
  place: string,
  why: string | undefined,
): string => {
  const { name, from, to, inputs, output } = network;
  const taken = inputs.map((input) => `[n, ${input.join(", ")}]`).join(", ");
  const ends = model.domains.find((domain) => domain.name === to)?.range.filter(Number.isFinite);
  const range = ends === undefined || ends.length === 0 ? "" : ` in [${ends.join(", ")}]`;
  const size = network.size.toLocaleString("en-US");
  return (
    `net ${name} : ${domainsText(from)} -> ${to}, ` +
    `${taken} -> [n, ${output.join(", ")}]${range}, ${size} parameters, ` +
    `receptive field ${measureText(network.receptiveField)}. ${place}` +
    `${why === undefined ? "" : `. Layer by layer: TypeScript has no form for ${why}.`}`
  );
};

const network = (
  module: Module,
  of: Network,
  definition: DefinitionOf<"network">,
): Builder & { readonly text: string } => {
  const why = module.forms.whyNot(definition);
  const shapes = of.from.map((from, i) =>
    module.definitions.get(from)?.kind === "domain"
      ? module.identifiers.of(from)
      : `[${of.inputs[i]?.join(", ")}]`,
  );
  const doc = comment([networkText(module, of, definition.place, why)]);
  const id = module.identifiers.fresh(`build${of.name}`);
  const names = module.identifiers.inner();
  const inner = new Map<string, string>();
  const variableOf = (name: string): string => {
    const variable = inner.get(name) ?? names.fresh(name);
    inner.set(name, variable);
    return variable;
  };
  const shape = shapes.length === 1 ? shapes.join() : `[${shapes.join(", ")}]`;
  const builder = module.runtime("network");
  const first = [JSON.stringify(of.name), shape];
  const expression = (): Doc =>
    new Expressions(module, module.identifiers, variableOf).value(definition.body);
  const body: Doc =
    why === undefined
      ? call(builder, [...first, expression()])
      : concat(`${builder}(${first.join(", ")}, `, layerwise(module, names, of, variableOf), ")");
  const params = [...inner.values()].map((variable) => `${variable}: tf.LayersModel`).join(", ");
  const text = `${doc}\n${layout(arrow(`export const ${id} = (${params}): tf.LayersModel =>`, body))};`;
  return { net: of.name, id, inner: [...inner.keys()], text };
};

export interface Definitions {
  readonly statements: readonly string[];
  /** Builders of every network, in the order of the spec. */
  readonly builders: readonly Builder[];
}

/** All declarations that networks and the formulas `numbers` need, then the networks themselves. */
export const definitions = (module: Module, numbers: readonly Expr[]): Definitions => {
  const all = module.program.definitions;
  const domains = all.flatMap((d) => (d.kind === "domain" ? [d] : []));
  const nets = all.flatMap((d) => (d.kind === "network" ? [d] : []));
  const start = [
    ...domains.flatMap(roots).filter((side) => module.forms.hasNumber(side)),
    ...nets.filter((net) => module.forms.whyNot(net) === undefined).map(({ body }) => body),
    ...numbers,
  ];
  const needed = reachable(module.definitions, start).definitions;
  const params = needed.flatMap((d) => (d.kind === "param" ? [d] : []));
  const lets = needed.flatMap((d) => (d.kind === "let" ? [d] : []));
  // Names first, so that what the spec names keeps its name.
  for (const { id, kind } of needed) if (kind !== "domain") module.identifiers.of(id);
  for (const { id } of domains) module.identifiers.of(id);
  const networks = module.model.networks.map((of) => {
    const definition = nets.find(({ id }) => id === of.name);
    return network(module, of, definition ?? impossible(`${of.name} is written nowhere`));
  });
  return {
    statements: [
      ...params.map((d) => param(module, d)),
      ...domains.map((d) => domain(module, d)),
      ...lets.map((d) => binding(module, d)),
      ...networks.map(({ text }) => text),
    ],
    builders: networks,
  };
};
