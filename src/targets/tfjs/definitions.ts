/** Params, domains, blocks and networks of a spec as TypeScript declarations. */

import { impossible } from "../../base/impossible.js";
import type * as ast from "../../syntax/ast.js";
import type { CheckedNet } from "../../types/values/checked.js";
import { domainName, inputsOf, showShape } from "../../types/values/value.js";
import { type Declared, dependencies, roots, sides } from "./dependencies.js";
import { Expressions } from "./expressions.js";
import { formalsOf } from "./formals.js";
import { layerwise } from "./layerwise.js";
import { arrow, call, concat, type Doc, layout } from "./layout.js";
import { comment, type Module } from "./module.js";
import type { Writable } from "./writable.js";

const param = (module: Module, definition: Declared): string => {
  const { declaration } = definition;
  if (declaration.kind !== "param") return "";
  // By definition rather than by name: an imported block may use a param that its importer does not see.
  const known = module.checked.valueOf(definition);
  const value = known.kind === "number" || known.kind === "bool" ? known.value : undefined;
  const written =
    declaration.value.kind === "int" || declaration.value.kind === "real"
      ? declaration.value
      : undefined;
  // The spelling of the spec where the value is the spec's.
  const text = written !== undefined && written.value === value ? written.text : String(value);
  const { type } = declaration;
  const typed = type === undefined ? "" : ` : ${module.quote(type.span)}`;
  const what = `param ${declaration.name.text}${typed}. ${module.place(declaration.span)}`;
  return `${comment([what])}\nexport const ${module.identifiers.of(definition)} = ${text};`;
};

/** A `let`: a constant, or an arrow function of its formals. */
export const binding = (module: Module, definition: Declared): string => {
  const { declaration } = definition;
  if (declaration.kind !== "let") return "";
  const { formals, value } = declaration.binding;
  const names = module.identifiers.inner();
  const expressions = new Expressions(module, names);
  const doc = comment([`${module.quote(declaration.span)}. ${module.place(declaration.span)}`]);
  const id = module.identifiers.of(definition);
  if (formals === undefined) {
    const type = expressions.constantType(value);
    const head = `const ${id}${type === undefined ? "" : `: ${type}`} = `;
    return `${doc}\n${layout(concat(head, expressions.value(value)))};`;
  }
  const params = formalsOf(module, expressions, formals, value);
  const type = expressions.resultType(value);
  const body = expressions.result(declaration.name.text, value);
  return `${doc}\n${layout(arrow(`const ${id} = (${params.join(", ")}): ${type} =>`, body))};`;
};

/** `const X = [size, size, 3]`: the shape of a domain's images, in the spec's own terms. */
const domain = (module: Module, definition: Declared, writable: Writable): string => {
  const { declaration } = definition;
  const checked = module.checked.domains.find((d) => d.name === definition.name);
  if (declaration.kind !== "domain" || checked === undefined) return "";
  const expressions = new Expressions(module, module.identifiers);
  const shape = sides(declaration.value).map((side, i) =>
    side !== undefined && writable.number(side)
      ? expressions.number(side)
      : String(checked.shape[i]),
  );
  const [low, high] = checked.range;
  const range = Number.isFinite(low) ? ` in [${low}, ${high}]` : "";
  const what = { image: "images", noise: "normal numbers", uniform: "uniform numbers" } as const;
  const drawn = { ...what, labels: "classes", features: "features" }[checked.sampler];
  const doc = comment([
    `domain ${definition.name}: ${drawn} [height, width, channels]${range}. ${module.place(declaration.span)}`,
  ]);
  return `${doc}\nexport const ${module.identifiers.of(definition)} = [${shape.join(", ")}] as const;`;
};

/** The function that builds a network, and the networks that it is given: those inside of it. */
export interface Builder {
  readonly net: string;
  readonly id: string;
  readonly inner: readonly string[];
}

const network = (
  module: Module,
  checked: CheckedNet,
  why: string | undefined,
): Builder & { readonly text: string } => {
  const { net, declaration, inputs, output } = checked;
  const model =
    module.model.networks.find((n) => n.name === net.name) ?? impossible(`no model of ${net.name}`);
  const shapes = inputsOf(net.from).map((from, i) => {
    const found = module.checked.resolved.definitions.find((d) => d.name === domainName(from));
    return found === undefined ? `[${inputs[i]?.join(", ")}]` : module.identifiers.of(found);
  });
  const taken = inputs.map((input) => `[n, ${input.join(", ")}]`).join(", ");
  const ends = net.to.kind === "domain" ? net.to.range.filter(Number.isFinite) : [];
  const range = ends.length > 0 ? ` in [${ends.join(", ")}]` : "";
  const size = model.size.toLocaleString("en-US");
  const doc = comment([
    `net ${net.name} : ${domainName(net.from)} -> ${model.to}, ` +
      `${taken} -> [n, ${output.join(", ")}]${range}, ${size} parameters, ` +
      `receptive field ${showShape([model.receptiveField])}. ${module.place(declaration.span)}` +
      `${why === undefined ? "" : `. Layer by layer: TypeScript has no form for ${why}.`}`,
  ]);
  const id = module.identifiers.fresh(`build${net.name}`);
  const names = module.identifiers.inner();
  const inner = new Map<string, string>();
  const variableOf = (name: string): string => {
    const variable = inner.get(name) ?? names.fresh(name);
    inner.set(name, variable);
    return variable;
  };
  const shape = shapes.length === 1 ? shapes.join() : `[${shapes.join(", ")}]`;
  const builder = module.runtime("network");
  const first = [JSON.stringify(net.name), shape];
  const expression = (): Doc =>
    new Expressions(module, module.identifiers, variableOf).value(declaration.value);
  const body: Doc =
    why === undefined
      ? call(builder, [...first, expression()])
      : concat(
          `${builder}(${first.join(", ")}, `,
          layerwise(module, names, model, variableOf),
          ")",
        );
  const params = [...inner.values()].map((variable) => `${variable}: tf.LayersModel`).join(", ");
  const text = `${doc}\n${layout(arrow(`export const ${id} = (${params}): tf.LayersModel =>`, body))};`;
  return { net: net.name, id, inner: [...inner.keys()], text };
};

export interface Definitions {
  readonly statements: readonly string[];
  /** Of every network, in the order of the spec. */
  readonly builders: readonly Builder[];
}

/** All declarations that networks and the formulas `numbers` need, then the networks themselves. */
export const definitions = (
  module: Module,
  numbers: readonly ast.Expr[],
  writable: Writable,
): Definitions => {
  const { checked } = module;
  const domains = checked.resolved.definitions.filter(
    (d): d is Declared => d.kind === "declared" && d.declaration.kind === "domain",
  );
  const unwritten = new Map(checked.networks.map((net) => [net, writable.whyNot(net)]));
  const nets = checked.networks.filter((net) => unwritten.get(net) === undefined);
  const start = [
    ...domains.flatMap(roots).filter((side) => writable.number(side)),
    ...nets.map((net) => net.declaration.value),
    ...numbers,
  ];
  const needed = dependencies(checked, start).filter((d) => d.declaration.kind !== "domain");
  // Names first, so that what the spec names keeps its name.
  for (const definition of [...needed, ...domains]) module.identifiers.of(definition);
  const params = needed.filter((d) => d.declaration.kind === "param");
  const lets = needed.filter((d) => d.declaration.kind === "let");
  const networks = checked.networks.map((net) => network(module, net, unwritten.get(net)));
  return {
    statements: [
      ...params.map((d) => param(module, d)),
      ...domains.map((d) => domain(module, d, writable)),
      ...lets.map((d) => binding(module, d)),
      ...networks.map(({ text }) => text),
    ],
    builders: networks,
  };
};
