/** Params, domains, blocks and networks of a spec as Python. */

import { type Either, isLeft, isRight, left, right } from "fp-ts/lib/Either.js";
import { impossible } from "../../base/impossible.js";
import { measureText } from "../../base/sides.js";
import type { DefinitionOf } from "../../program/definitions.js";
import { type Expr, foldExpr, plainName } from "../../program/expression.js";
import { domainsText } from "../../program/naming.js";
import type { Network } from "../../program/network.js";
import { reachable, roots } from "../written/dependencies.js";
import { Blocks, oneOf, sequential } from "./blocks.js";
import { inputOf } from "./layer-calls.js";
import { Layerwise } from "./layerwise.js";
import { isNumericType, type Module } from "./module.js";
import { Numbers, noLocals } from "./numbers.js";
import { atom, bool, docstring, number, type Py } from "./python.js";

/** The function that makes a network, and the networks that it is given: those inside of it. */
export interface Builder {
  readonly net: string;
  readonly id: string;
  readonly inner: readonly string[];
}

const param = (module: Module, definition: DefinitionOf<"param">): string => {
  const { id, type, written, value, place } = definition;
  const isWritten = written.kind === "number" && written.value === value;
  const own = typeof value === "boolean" ? bool(value) : number(value);
  const text = isWritten ? new Numbers(module, noLocals).of(written) : own;
  return `${module.nameOf(id)} = ${text.text}\n"""param ${plainName(id)}${type === undefined ? "" : ` : ${type}`}. ${place}"""`;
};

/** `X = (size, size, 3)`: height, width and channels of a domain's images. */
const domain = (module: Module, { id, sides, place }: DefinitionOf<"domain">): string => {
  const of = module.model.domains.find(({ name }) => name === id);
  if (of === undefined) return impossible(`no domain ${id}`);
  const numbers = new Numbers(module, noLocals);
  const shape = sides.map((side, i) =>
    side !== null && module.hasNumber(side) ? numbers.of(side).text : String(of.shape[i]),
  );
  const [low, high] = of.range;
  const range = Number.isFinite(low) ? ` in [${low}, ${high}]` : "";
  const what = { image: "images", noise: "normal numbers", uniform: "uniform numbers" } as const;
  const drawn = { ...what, labels: "classes", features: "features", scheduled: "shares" }[of.kind];
  const doc = `domain ${id}: ${drawn} (height, width, channels)${range}. ${place}`;
  return `${module.nameOf(id)} = (${shape.join(", ")})\n"""${doc}"""`;
};

const netDoc = ({ model }: Module, network: Network, place: string): string => {
  const { name, from, to, inputs, output } = network;
  const chw = ([h, w, c]: readonly number[]): string => `[n, ${c}, ${h}, ${w}]`;
  const ends = model.domains.find((one) => one.name === to)?.range.filter(Number.isFinite);
  const range = ends === undefined || ends.length === 0 ? "" : ` in [${ends.join(", ")}]`;
  return (
    `net ${name} : ${domainsText(from)} -> ${to}, ${inputs.map(chw).join(", ")} -> ` +
    `${chw(output)}${range}, ${network.size.toLocaleString("en-US")} parameters, ` +
    `receptive field ${measureText(network.receptiveField)}. ${place}`
  );
};

/** Whether a number is whole where those that it is made of are. */
const isWhole = (expr: Expr): boolean =>
  foldExpr<boolean>(
    expr,
    (one, below) =>
      !(one.kind === "binary" && one.operator === "/") &&
      !(one.kind === "number" && !Number.isInteger(one.value)) &&
      below.every(Boolean),
  );

export class Definitions {
  private readonly blocks: Blocks;

  constructor(private readonly module: Module) {
    this.blocks = new Blocks(module);
  }

  /** A number or a function of numbers. */
  private numeric({ id, formals, body, text, place }: DefinitionOf<"let">): string {
    const name = this.module.nameOf(id);
    const doc = `${text}. ${place}`;
    if (formals === undefined)
      return `${name} = ${new Numbers(this.module, noLocals).of(body).text}\n"""${doc}"""`;
    const inner = this.module.identifiers.inner();
    const numbers = new Numbers(this.module, (local) => atom(inner.of(local)));
    const type = isWhole(body) ? "int" : "float";
    const params = formals.map(({ local, default: otherwise }) =>
      otherwise === undefined
        ? `${inner.of(local)}: ${type}`
        : `${inner.of(local)}: ${type} = ${numbers.of(otherwise).text}`,
    );
    return [
      `def ${name}(${params.join(", ")}) -> ${body.type === "bool" ? "bool" : type}:`,
      docstring([doc]),
      `    return ${numbers.of(body).text}`,
    ].join("\n");
  }

  /** A function that makes an architecture; nothing where it has no form. */
  private block(definition: DefinitionOf<"let">): readonly string[] {
    const made = this.blocks.function(definition);
    if (isLeft(made)) return [];
    const { modules, readsChannels, formals } = made.right;
    const params = [...(readsChannels ? ["channels: int"] : []), ...formals];
    return [
      [
        `def ${this.module.nameOf(definition.id)}(${params.join(", ")}) -> nn.Sequential:`,
        docstring([`${definition.text}. ${definition.place}`]),
        `    return ${sequential(modules).text}`,
      ].join("\n"),
    ];
  }

  /** The modules of a network as a row of blocks, or what in it has no form. */
  private row(network: Network, { body }: DefinitionOf<"network">): Either<string, Py> {
    const [shape, ...others] = network.inputs;
    if (shape === undefined || others.length > 0) return left("several inputs");
    const row = this.blocks.row(body, { input: inputOf(shape), locals: noLocals });
    if (isLeft(row)) return row;
    return right(oneOf(row.right.modules));
  }

  private network(of: Network, definition: DefinitionOf<"network">): Builder & { text: string } {
    const { module } = this;
    const row = this.row(of, definition);
    const doc = netDoc(module, of, definition.place);
    if (isRight(row)) {
      const id = module.identifiers.fresh(`build_${of.name}`);
      const text = [`def ${id}() -> nn.Module:`, docstring([doc]), `    return ${row.right.text}`];
      return { net: of.name, id, inner: [], text: text.join("\n") };
    }
    const id = module.identifiers.fresh(`Network${of.name}`);
    const layerwise = new Layerwise(of, module.identifiers);
    const why = `Layer by layer: no row of blocks is ${row.left}.`;
    return {
      net: of.name,
      id,
      inner: [...layerwise.inner.keys()],
      text: layerwise.text(id, [doc, why]),
    };
  }

  /** Params, domains, numbers and blocks that networks and the formulas need, then the networks. */
  all(numbers: readonly Expr[]): {
    readonly texts: readonly string[];
    readonly builders: readonly Builder[];
  } {
    const { module } = this;
    const { definitions } = module.program;
    const nets = definitions.flatMap((one) => (one.kind === "network" ? [one] : []));
    const domains = definitions.flatMap((one) => (one.kind === "domain" ? [one] : []));
    for (const { id, kind } of definitions)
      if (kind === "param" || kind === "let" || kind === "domain") module.nameOf(id);
    const definitionOf = ({ name }: Network) =>
      nets.find(({ id }) => id === name) ?? impossible(`${name} is written nowhere`);
    const written = module.model.networks.filter((of) => isRight(this.row(of, definitionOf(of))));
    const start = [
      ...domains.flatMap(roots).filter((side) => module.hasNumber(side)),
      ...written.map((of) => definitionOf(of).body),
      ...numbers,
    ];
    const needed = reachable(module.definitions, start).definitions;
    const networks = module.model.networks.map((of) => this.network(of, definitionOf(of)));
    return {
      texts: [
        ...needed.flatMap((one) => (one.kind === "param" ? [param(module, one)] : [])),
        ...needed.flatMap((one) =>
          one.kind === "let" && isNumericType(one.body) && module.isNumeric(one)
            ? [this.numeric(one)]
            : [],
        ),
        ...domains.map((one) => domain(module, one)),
        ...needed.flatMap((one) =>
          one.kind === "let" && !isNumericType(one.body) ? this.block(one) : [],
        ),
        ...networks.map(({ text }) => text),
      ],
      builders: networks,
    };
  }
}
