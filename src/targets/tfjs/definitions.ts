/** Params, domains, blocks and networks of a spec as TypeScript declarations. */
import type { Definition } from "../../names/resolve.js";
import * as ast from "../../syntax/ast.js";
import type { CheckedNet } from "../../types/check.js";
import { showShape } from "../../types/value.js";
import { Expressions } from "./expressions.js";
import { formalsOf } from "./formals.js";
import { arrow, call, concat, type Doc, layout } from "./layout.js";
import { comment, type Module } from "./module.js";

type Declared = Extract<Definition, { kind: "declared" }>;

/** Every expression directly below a declaration that its code is made from. */
const roots = ({ declaration }: Declared): readonly ast.Expr[] => {
  switch (declaration.kind) {
    case "let": {
      const defaults = declaration.binding.formals?.flatMap((f) =>
        f.defaultValue === undefined ? [] : [f.defaultValue],
      );
      return [declaration.binding.value, ...(defaults ?? [])];
    }
    case "domain":
    case "net":
      return [declaration.value];
    default:
      return [];
  }
};

/** The declarations that the expressions need, each behind all that it needs itself. */
export const dependencies = (module: Module, start: readonly ast.Expr[]): readonly Declared[] => {
  const found = new Set<Declared>();
  const visit = (expr: ast.Expr): void => {
    const definition = module.checked.resolved.uses.get(expr);
    if (definition?.kind === "declared" && !found.has(definition)) {
      const { kind } = definition.declaration;
      if (kind === "param" || kind === "let" || kind === "domain") {
        roots(definition).forEach(visit);
        found.add(definition);
      }
    }
    ast.subexpressions(expr).forEach(visit);
  };
  start.forEach(visit);
  return [...found];
};

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
  const what = `param ${declaration.name.text} : ${module.quote(declaration.type.span)}. ${module.place(declaration.span)}`;
  return `${comment([what])}\nexport const ${module.identifiers.of(definition)} = ${text};`;
};

/** A `let`: a constant, or an arrow function of its formals. */
const binding = (module: Module, definition: Declared): string => {
  const { declaration } = definition;
  if (declaration.kind !== "let") return "";
  const { formals, value } = declaration.binding;
  const names = module.identifiers.inner();
  const expressions = new Expressions(module, names);
  const doc = comment([`${module.quote(declaration.span)}. ${module.place(declaration.span)}`]);
  const id = module.identifiers.of(definition);
  const kind = module.checked.kinds.get(value);
  const isNumber = kind === "number" || kind === "bool";
  if (formals === undefined) {
    const body = isNumber ? expressions.number(value) : expressions.block(value);
    const type = isNumber ? "" : `: ${module.runtime("Block")}`;
    const head = `const ${id}${type} = `;
    return `${doc}\n${layout(concat(head, body))};`;
  }
  const params = formalsOf(module, names, formals, value, (e) => expressions.number(e));
  const type = isNumber ? (kind === "bool" ? "boolean" : "number") : module.runtime("Block");
  const body = isNumber
    ? expressions.number(value)
    : call(module.runtime("block"), [
        JSON.stringify(declaration.name.text),
        ...expressions.pipeline(value),
      ]);
  return `${doc}\n${layout(arrow(`const ${id} = (${params.join(", ")}): ${type} =>`, body))};`;
};

/** `const X = [size, size, 3]`: the shape of a domain's images, in the spec's own terms. */
const domain = (module: Module, definition: Declared): string => {
  const { declaration } = definition;
  const checked = module.checked.domains.find((d) => d.name === definition.name);
  if (declaration.kind !== "domain" || checked === undefined) return "";
  const expressions = new Expressions(module, module.identifiers);
  const args = declaration.value.kind === "call" ? declaration.value.args : [];
  const side = (name: string, i: number): string => {
    const argument =
      args.find((a) => a.name?.text === name) ??
      (args[i]?.name === undefined ? args[i] : undefined);
    return argument === undefined ? String(checked.shape[i]) : expressions.number(argument.value);
  };
  const sides = ["height", "width", "channels"].map(side);
  const [low, high] = checked.range;
  const doc = comment([
    `domain ${definition.name}: images [height, width, channels] in [${low}, ${high}]. ${module.place(declaration.span)}`,
  ]);
  return `${doc}\nexport const ${module.identifiers.of(definition)} = [${sides.join(", ")}] as const;`;
};

const network = (module: Module, { net, declaration, input, output }: CheckedNet): string => {
  const model = module.model.networks.find((n) => n.name === net.name);
  const from = net.from.kind === "domain" ? net.from.name : "";
  const domainDefinition = module.checked.resolved.definitions.find((d) => d.name === from);
  const shape =
    domainDefinition === undefined
      ? `[${input.join(", ")}]`
      : module.identifiers.of(domainDefinition);
  const range = net.to.kind === "domain" ? ` in [${net.to.range.join(", ")}]` : "";
  const size = (model?.size ?? 0).toLocaleString("en-US");
  const doc = comment([
    `net ${net.name} : ${from} -> ${net.to.kind === "scores" ? "Scores" : model?.to}, ` +
      `[n, ${input.join(", ")}] -> [n, ${output.join(", ")}]${range}, ${size} parameters, ` +
      `receptive field ${showShape([model?.receptiveField ?? 0])}. ${module.place(declaration.span)}`,
  ]);
  const id = module.identifiers.fresh(`build${net.name}`);
  const block = new Expressions(module, module.identifiers).block(declaration.value);
  const body: Doc = call(module.runtime("network"), [JSON.stringify(net.name), shape, block]);
  return `${doc}\n${layout(arrow(`export const ${id} = (): tf.LayersModel =>`, body))};`;
};

export interface Definitions {
  readonly statements: readonly string[];
  /** The builder of each network, by the network's name. */
  readonly builders: ReadonlyMap<string, string>;
}

/** All declarations that networks and the formulas `numbers` need, then the networks themselves. */
export const definitions = (module: Module, numbers: readonly ast.Expr[]): Definitions => {
  const { checked } = module;
  const domains = checked.resolved.definitions.filter(
    (d): d is Declared => d.kind === "declared" && d.declaration.kind === "domain",
  );
  const nets = checked.networks.map((net) => net.declaration.value);
  const start = [...domains.flatMap(roots), ...nets, ...numbers];
  const needed = dependencies(module, start).filter((d) => d.declaration.kind !== "domain");
  // Names first, so that what the spec names keeps its name.
  for (const definition of [...needed, ...domains]) module.identifiers.of(definition);
  const params = needed.filter((d) => d.declaration.kind === "param");
  const lets = needed.filter((d) => d.declaration.kind === "let");
  const networks = checked.networks.map((net) => ({ net, text: network(module, net) }));
  const builders = networks.map(({ net, text }) => {
    const name = /export const (\w+) =/.exec(text)?.[1] ?? "";
    return [net.net.name, name] as const;
  });
  return {
    statements: [
      ...params.map((d) => param(module, d)),
      ...domains.map((d) => domain(module, d)),
      ...lets.map((d) => binding(module, d)),
      ...networks.map(({ text }) => text),
    ],
    builders: new Map(builders),
  };
};
