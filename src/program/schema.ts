/** Codecs of every part of a program's text: its fields, in order. */

import type { Pair, Sides } from "../base/sides.js";
import type { Span } from "../base/source.js";
import type { Equalized } from "../operators/equalized.js";
import type { Parameter, Shape } from "../operators/layer.js";
import { domainKinds } from "../operators/recipe.js";
import type { Options, OptionValue } from "../operators/signature.js";
import {
  bool,
  byName,
  type Codec,
  type Fields,
  here,
  lazy,
  listed,
  many,
  named,
  nothing,
  number,
  numberOrBool,
  oneOf,
  optional,
  orNull,
  record,
  rest,
  sentence,
  sides,
  tagged,
  text,
  yes,
} from "./codec.js";
import type { Definition, LossFormal } from "./definitions.js";
import type { Argument, Binding, Expr, Formal, Operator, ValueKind } from "./expression.js";
import type { Domain, NamedTerm, Param, Phase, Player, Summand } from "./model.js";
import { type LayerNode, type MadeOf, madeOf, type Network, type Owner } from "./network.js";
import { Malformed, word } from "./notation.js";
import type {
  AugmentStage,
  ClippingChoice,
  InitChoice,
  OptimizerChoice,
  Recipe,
  ScheduleStage,
} from "./recipe.js";
import type {
  Arithmetic,
  GenericNumber,
  GenericTerm,
  GenericType,
  KnownNumber,
  Term,
  TermType,
} from "./term.js";

/** The files that spans are of, by their numbers. */
export interface Files {
  readonly numberOf: (file: string) => number;
  readonly nameOf: (number: number) => string | undefined;
}

/** `@0:120-140`: letters of file 0. */
const spanOf = ({ numberOf, nameOf }: Files): Codec<Span> => ({
  print: ({ file, start, end }) => word(`@${numberOf(file)}:${start}-${end}`),
  read: (tree) => {
    const found = tree.kind === "word" ? /^@(\d+):(\d+)-(\d+)$/.exec(tree.text) : null;
    const file = found === null ? undefined : nameOf(Number(found[1]));
    if (found === null || file === undefined)
      throw new Malformed("expected a place, as in @0:120-140, of a file of the list", tree.at);
    return { file, start: Number(found[2]), end: Number(found[3]) };
  },
});

const shape = sides(3) as unknown as Codec<Shape>;

/** `(3 7)`: what differs between the axes of an image, or the two ends of a range. */
const pair: Codec<Pair> = {
  print: (value) => many(number).print(value),
  read: (tree) => {
    const [first, second, more] = many(number).read(tree);
    if (first === undefined || second === undefined || more !== undefined)
      throw new Malformed("expected two numbers", tree.at);
    return [first, second];
  },
};

/** `3`, or a list of that of the height and that of the width. */
const axial: Codec<Sides> = {
  print: (value) => (typeof value === "number" ? number.print(value) : pair.print(value)),
  read: (tree) => (tree.kind === "list" ? pair.read(tree) : number.read(tree)),
};

const valueKind = oneOf<ValueKind>(
  "number",
  "bool",
  "pair",
  "block",
  "function",
  "builtin",
  "net",
  "activation",
  "other",
);

const operator = oneOf<Operator>(
  ...("+ - * / // % ^ == != <= >= < > and or".split(" ") as unknown as readonly Operator[]),
);

const arithmetic = oneOf<Arithmetic>("+", "-", "*", "/", "^");

const expr: Codec<Expr> = lazy(() => {
  const type = optional(valueKind);
  const whole = tagged<Expr>({
    number: { value: here(number), text: here(sentence), type },
    bool: { value: here(bool), type },
    pair: { height: here(expr), width: here(expr), type },
    definition: { of: here(text), type },
    local: { of: here(text), type },
    network: { name: here(text), type },
    builtin: { name: here(text), type },
    call: { callee: here(expr), args: rest(argument), type },
    unary: { operator: here(oneOf("-", "not")), operand: here(expr), type },
    binary: { operator: here(operator), left: here(expr), right: here(expr), type },
    seq: { blocks: rest(expr), type },
    lambda: { params: here(many(text)), body: here(expr), type },
    let: { local: here(text), binding: here(binding), body: here(expr), type },
    other: { text: here(sentence), type },
  });
  return {
    // `3` for the number of that spelling.
    print: (value) =>
      value.kind === "number" && value.type === "number" && value.text === String(value.value)
        ? number.print(value.value)
        : whole.print(value),
    read: (tree) => {
      if (tree.kind !== "word" || !/^\d/.test(tree.text)) return whole.read(tree);
      const value = number.read(tree);
      return { kind: "number", value, text: String(value), type: "number" };
    },
  };
});

/** `3`, or `(stride: 2)`. */
const argument: Codec<Argument> = {
  print: ({ name, value }) =>
    name === undefined ? expr.print(value) : byName(expr).print({ [name]: value }),
  read: (tree) => {
    const [key] = tree.kind === "list" ? tree.items : [];
    if (key?.kind !== "word" || !key.text.endsWith(":")) return { value: expr.read(tree) };
    const [given, more] = Object.entries(byName(expr).read(tree));
    if (given === undefined || more !== undefined)
      throw new Malformed("expected one argument", tree.at);
    return { name: given[0], value: given[1] };
  },
};

const formal = record<Formal>({
  local: here(text),
  type: optional(sentence),
  default: optional(lazy(() => expr)),
});

const binding = record<Binding>({
  value: here(lazy(() => expr)),
  formals: optional(many(formal)),
});

const genericType = tagged<GenericType>({
  sample: { domain: here(text) },
  tensor: {},
  loss: {},
});

const termType = tagged<TermType>({
  sample: { domain: here(text), shape: here(shape) },
  tensor: { shape: here(shape) },
  loss: {},
});

const genericNumber = record<GenericNumber>({ written: here(expr), value: optional(number) });
const knownNumber = record<KnownNumber>({ written: here(expr), value: named(number) });

const sizeOfGeneric: Codec<number | Expr> = {
  print: (size) => (typeof size === "number" ? number.print(size) : expr.print(size)),
  read: (tree) => (tree.kind === "word" ? number.read(tree) : expr.read(tree)),
};

type CaseOf<A extends { readonly kind: string }, K extends A["kind"]> = Fields<
  Omit<Extract<A, { readonly kind: K }>, "kind">
>;

/**
 * The same for generic and concrete terms, but for numbers, sizes of histories, types and what is
 * applied.
 */
const termOf = (
  span: Codec<Span>,
  stage: {
    readonly constant: Pick<CaseOf<GenericTerm, "constant">, "written" | "value">;
    readonly number: Codec<GenericNumber>;
    readonly size: Codec<number | Expr>;
    readonly type: Codec<GenericType>;
    readonly applied: Pick<CaseOf<GenericTerm, "apply">, "network" | "isFormal">;
  },
): Codec<GenericTerm> =>
  lazy(() => {
    const term = (): Codec<GenericTerm> => whole;
    const common = { type: named(stage.type), span: named(span) };
    const one = here(lazy(term));
    const several = rest(lazy(term));
    const whole = tagged<GenericTerm>({
      constant: { ...stage.constant, ...common },
      draw: {
        name: here(text),
        domain: here(text),
        slot: named(number),
        depth: named(number),
        joint: optional(many(text)),
        isPartial: optional(yes),
        ...common,
      },
      apply: { ...stage.applied, inputs: several, ...common },
      replay: { size: here(stage.size), input: one, ...common },
      relabel: { domain: here(text), input: one, ...common },
      pointwise: { of: here(text), input: one, ...common },
      distance: { of: here(text), left: one, right: one, ...common },
      function: { of: here(text), inputs: several, ...common },
      gradient: { depth: here(number), body: one, at: one, ...common },
      variable: { depth: here(number), ...common },
      arithmetic: { operator: here(arithmetic), left: one, right: one, ...common },
      negate: { input: one, ...common },
      concat: { items: several, ...common },
      mean: { binders: here(many(sentence)), body: one, ...common },
      loss: {
        name: here(text),
        of: named(text),
        args: listed(sentence),
        numbers: named(byName(stage.number)),
        networks: named(byName(text)),
        formula: named(span),
        body: one,
        ...common,
      },
      objective: { name: here(text), body: one, ...common },
    });
    return whole;
  });

const parameter = record<Parameter>({ name: here(text), shape: here(many(number)) });

const option: Codec<OptionValue> = {
  print: (value) => (typeof value === "object" ? pair.print(value) : numberOrBool.print(value)),
  read: (tree) => (tree.kind === "list" ? pair.read(tree) : numberOrBool.read(tree)),
};

const options = byName(option) as Codec<Options>;

const networkOf = (span: Codec<Span>): Codec<Network> => {
  const owner = record<Owner>({
    network: here(text),
    path: here(text),
    inputs: here(many(number)),
  });
  const layer = record<LayerNode>({
    id: here(number),
    path: here(text),
    kind: here(text),
    options: here(options),
    inputs: here(many(number)),
    shape: here(shape),
    parameters: listed(parameter),
    isSpectral: optional(bool),
    equalized: optional(record<Equalized>({ gain: named(number), rate: named(number) })),
    owner: optional(owner),
    within: optional(owner),
    field: named(axial),
    span: named(span),
  });
  const said = record<Omit<Network, keyof MadeOf>>({
    name: here(text),
    from: named(many(text)),
    to: named(text),
    inputs: named(many(shape)),
    output: named(shape),
    last: named(number),
    isFrozen: named(bool),
    weights: optional(sentence),
    weightsSpan: optional(span),
    receptiveField: named(axial),
    layers: named(many(layer)),
    span: named(span),
  });
  return {
    print: said.print,
    read: (tree) => {
      const network = said.read(tree);
      return { ...network, ...madeOf(network.name, network.layers) };
    },
  };
};

const optimizer = record<OptimizerChoice>({
  kind: here(text),
  rate: here(number),
  options: here(options),
});

const init = record<InitChoice>({ kind: here(text), options: here(options) });

const schedule = many(
  record<ScheduleStage>({ kind: here(text), epochs: here(number), options: here(options) }),
);

const recipe = record<Recipe>({
  optimizer: named(optimizer),
  optimizers: named(byName(optimizer)),
  clip: named(byName(number)),
  clipGradient: named(byName(record<ClippingChoice>({ kind: here(text), options: here(options) }))),
  schedule: named(schedule),
  batch: named(number),
  init: named(init),
  inits: named(byName(init)),
  augment: named(
    byName(
      many(
        tagged<AugmentStage>({
          resize: { height: here(number), width: here(number), nearest: optional(yes) },
          random_crop: { height: here(number), width: here(number) },
          random_flip: {},
          random_rotation: {
            degrees: here(number),
            fill: optional(yes),
            nearest: optional(yes),
          },
          color_jitter: {
            brightness: named(number),
            contrast: named(number),
            saturation: named(number),
            hue: named(number),
            shared: optional(yes),
          },
          cutout: { size: here(number) },
        }),
      ),
    ),
  ),
  average: named(number),
  accumulate: named(number),
  checkpointActivations: named(bool),
  stop: optional(many(text)),
});

/** One part of a program's text. */
export type Part =
  | { readonly kind: "program"; readonly name: string; readonly file: string }
  | ({ readonly kind: "set" } & Param)
  | { readonly kind: "domain"; readonly domain: Domain }
  | { readonly kind: "network"; readonly network: Network }
  | ({ readonly kind: "phase" } & Phase)
  | { readonly kind: "recipe"; readonly recipe: Recipe }
  | { readonly kind: "define"; readonly definition: Definition };

const phaseOf = (span: Codec<Span>, term: Codec<Term>): Fields<Phase> => {
  const summand = record<Summand>({
    text: here(sentence),
    reaches: here(many(text)),
    term: here(term),
  });
  const namedTerm = record<NamedTerm>({
    name: here(sentence),
    from: here(number),
    to: here(number),
    term: here(term),
  });
  const player = record<Player>({
    name: here(text),
    sense: here(oneOf("min", "max")),
    networks: here(many(text)),
    aim: optional(number),
    place: named(sentence),
    span: named(span),
    summands: listed(summand),
    named: listed(namedTerm),
  });
  return { times: here(number), every: optional(number), players: listed(player) };
};

const definitionOf = (
  span: Codec<Span>,
  term: Codec<Term>,
  generic: Codec<GenericTerm>,
): Codec<Definition> => {
  const common = {
    id: here(text),
    text: named(sentence),
    doc: optional(sentence),
    place: named(sentence),
    span: named(span),
  };
  return tagged<Definition>({
    param: {
      ...common,
      type: optional(sentence),
      written: named(expr),
      value: named(numberOrBool),
    },
    domain: { ...common, sides: named(many(orNull(expr))) },
    let: {
      ...common,
      formals: optional(many(formal)),
      body: named(expr),
      value: optional(number),
    },
    network: { ...common, body: named(expr) },
    loss: {
      ...common,
      formals: named(
        many(
          record<LossFormal>({
            local: here(text),
            of: here(oneOf("network", "number")),
            role: optional(oneOf("min", "max")),
            type: optional(sentence),
          }),
        ),
      ),
      body: named(generic),
    },
    objective: { ...common, body: named(term) },
  });
};

const domainOf = (span: Codec<Span>): Codec<Domain> =>
  record<Domain>({
    name: here(text),
    kind: here(oneOf(...domainKinds)),
    shape: here(shape),
    range: here(pair),
    param: optional(text),
    schedule: optional(schedule),
    nearest: optional(yes),
    span: named(span),
  });

/** Returns the codec of a program's parts, with spans in these files. */
export const schemaOf = (files: Files): Codec<Part> => {
  const span = spanOf(files);
  const generic = termOf(span, {
    constant: { written: here(expr), value: optional(number) },
    number: genericNumber,
    size: sizeOfGeneric,
    type: genericType,
    applied: { network: here(text), isFormal: optional(yes) },
  });
  const known = termOf(span, {
    constant: { written: here(expr), value: named(number) },
    number: knownNumber as Codec<GenericNumber>,
    size: number as Codec<number | Expr>,
    type: termType as Codec<GenericType>,
    applied: { network: here(text), isFormal: optional(nothing()) },
  }) as Codec<unknown> as Codec<Term>;
  return tagged<Part>({
    program: { name: here(sentence), file: here(sentence) },
    set: {
      name: here(text),
      type: here(oneOf("Int", "Real", "Bool")),
      value: here(numberOrBool),
      span: named(span),
    },
    domain: { domain: here(domainOf(span)) },
    network: { network: here(networkOf(span)) },
    phase: phaseOf(span, known),
    recipe: { recipe: here(recipe) },
    define: { definition: here(definitionOf(span, known, generic)) },
  });
};
