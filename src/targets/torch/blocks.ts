/**
 * Architectures of a spec as functions that make `nn.Sequential`s. Channels of inputs are followed
 * as formulas, since PyTorch's layers are told them.
 */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { equalizedOptions } from "../../operators/equalized.js";
import { layers } from "../../operators/layers.js";
import type { DefinitionOf } from "../../program/definitions.js";
import { allExprs, type Expr, type ExprOf, plainName } from "../../program/expression.js";
import { exprText } from "../../program/expression-text.js";
import { matched } from "../written/calls.js";
import { type Input, layerCall, type Option, outputOf } from "./layer-calls.js";
import { isNumericType, type Module } from "./module.js";
import { isPair, NumberTypes } from "./number-types.js";
import { givenArguments, type Locals, Numbers } from "./numbers.js";
import { atom, call, type Py } from "./python.js";

/** Modules in a row, what comes out of them, and whether their code reads the input's channels. */
interface Row {
  readonly modules: readonly Py[];
  readonly output: Input;
}

type RowOrWhy = Either<string, Row>;

/** Where an expression stands: its input, and the names of its locals. */
interface Place {
  readonly input: Input;
  readonly locals: Locals;
}

const channelsName = "channels";

/** Activations that may overwrite what the layer before them has made, which nothing else reads. */
const overwrites = (before: Py | undefined, name: string): boolean => {
  const layer = layers.get(name);
  const isMade =
    before !== undefined && /^nn\.(Conv|InstanceNorm|BatchNorm|GroupNorm)/.test(before.text);
  return isMade && layer?.isFlatBelow0 !== undefined;
};

const withoutForm = (expr: Expr): Either<string, never> => left(`\`${exprText(expr)}\``);

export class Blocks {
  private readonly known = new Map<string, Either<string, BlockFunction>>();
  private readonly types: NumberTypes;

  constructor(private readonly module: Module) {
    this.types = new NumberTypes(module.definitions);
  }

  /** The modules of an architecture, or what in it has no form. */
  row(expr: Expr, place: Place): RowOrWhy {
    switch (expr.kind) {
      case "seq":
        return this.inRow(expr.blocks, place);
      case "builtin":
        return this.layer(expr.name, expr, [], place);
      case "definition":
        return this.user(expr, expr.of, undefined, place);
      case "call":
        return this.call(expr, place);
      case "binary":
        return this.repeated(expr, place);
      default:
        return withoutForm(expr);
    }
  }

  private inRow(blocks: readonly Expr[], { input, locals }: Place): RowOrWhy {
    const modules: Py[] = [];
    let output = input;
    for (const block of blocks) {
      const row = this.row(block, { input: output, locals });
      if (isLeft(row)) return row;
      for (const made of row.right.modules) modules.push(inPlace(block, modules.at(-1), made));
      output = row.right.output;
    }
    return right({ modules, output });
  }

  private call(expr: ExprOf<"call">, place: Place): RowOrWhy {
    const { callee, args } = expr;
    if (callee.kind === "definition") return this.user(expr, callee.of, expr, place);
    const [first] = args;
    if (callee.kind !== "builtin" || expr.type !== "block") return withoutForm(expr);
    if (layers.has(callee.name)) return this.layer(callee.name, expr, args, place);
    if (first === undefined) return withoutForm(expr);
    const inner = this.row(first.value, place);
    if (isLeft(inner)) return inner;
    const { modules, output } = inner.right;
    if (callee.name === "residual") return right({ modules: [call("Residual", modules)], output });
    if (callee.name === "spectral_norm")
      return right({ modules: [call("spectral_norm", [oneOf(modules)])], output });
    const scales = equalizedOptions.flatMap(({ name }, i) => {
      const given = args.find((argument) => argument.name === name) ?? args[i + 1];
      const isIt = given !== undefined && (given.name ?? name) === name;
      return isIt ? [{ name, value: given.value }] : [];
    });
    if (callee.name !== "equalized" || !scales.every(({ value }) => this.module.hasNumber(value)))
      return withoutForm(expr);
    const numbers = new Numbers(this.module, place.locals);
    const written = scales.map(({ name, value }) => `${name}=${numbers.of(value).text}`);
    return right({ modules: [call("equalized", [oneOf(modules), ...written])], output });
  }

  private layer(
    name: string,
    expr: Expr,
    args: ExprOf<"call">["args"],
    { input, locals }: Place,
  ): RowOrWhy {
    const layer = layers.get(name);
    // A row hands on one value.
    if (layer === undefined || layer.beside !== undefined) return withoutForm(expr);
    const given = new Map<string, Expr>();
    args.forEach((argument, i) => {
      const option = argument.name ?? layer.options[i]?.name;
      if (option !== undefined) given.set(option, argument.value);
    });
    const values = [...given.values()];
    if (!values.every((value) => isNumericType(value) && this.module.hasNumber(value)))
      return withoutForm(expr);
    const numbers = new Numbers(this.module, locals);
    const option: Option = (of) => {
      const value = given.get(of);
      if (value !== undefined) return numbers.of(value);
      const { defaultValue } = layer.options.find((one) => one.name === of) ?? {};
      const isLeading = layer.torch.takes?.includes(of) === true;
      return isLeading && defaultValue !== undefined ? atom(String(defaultValue)) : undefined;
    };
    const made = layerCall(layer, input, option);
    if (isLeft(made)) return made;
    const output = outputOf(layer, input, option);
    if (output === undefined) return withoutForm(expr);
    return right({ modules: [made.right], output });
  }

  /** `block * times`; what is repeated must take what it gives. */
  private repeated(expr: ExprOf<"binary">, place: Place): RowOrWhy {
    const { operator, left: block, right: times } = expr;
    if (operator !== "*" || expr.type !== "block" || !this.module.hasNumber(times))
      return withoutForm(expr);
    const row = this.row(block, place);
    if (isLeft(row)) return row;
    const { modules, output } = row.right;
    if (output.channels.text !== place.input.channels.text) return withoutForm(expr);
    const count = new Numbers(this.module, place.locals).of(times);
    return right({
      modules: [atom(`*(${oneOf(modules).text} for _ in range(${count.text}))`)],
      output: place.input,
    });
  }

  /** A call of a `let` that is an architecture, or its name. */
  private user(expr: Expr, id: string, of: ExprOf<"call"> | undefined, place: Place): RowOrWhy {
    const definition = this.module.definitions.get(id);
    if (definition?.kind !== "let" || isNumericType(definition.body)) return withoutForm(expr);
    if ((definition.formals === undefined) !== (of === undefined)) return withoutForm(expr);
    const made = this.function(definition);
    if (isLeft(made)) return made;
    const { readsChannels, output } = made.right;
    const formals = (definition.formals ?? []).map(({ local }) => plainName(local));
    const numbers = new Numbers(this.module, place.locals);
    if (of?.args.some(({ value }) => !this.module.hasNumber(value)) === true)
      return withoutForm(expr);
    if (of !== undefined && mixesPairs(definition, matched(of, formals))) return withoutForm(expr);
    const args = of === undefined ? [] : givenArguments(of, formals, (e) => numbers.of(e));
    const written = of === undefined ? [] : matched(of, formals);
    const valueAt = (i: number): Py | undefined => {
      const value = written[i] ?? definition.formals?.[i]?.default;
      return value === undefined ? undefined : numbers.of(value);
    };
    const name = this.module.nameOf(id);
    const head = readsChannels ? [place.input.channels.text] : [];
    const module = call(name, [...head, ...args]);
    return right({ modules: [module], output: output(place.input, valueAt) });
  }

  /** The function of a `let`, or what in it has no form. */
  function(definition: DefinitionOf<"let">): Either<string, BlockFunction> {
    const known = this.known.get(definition.id);
    if (known !== undefined) return known;
    // While it is looked at, what needs itself has none.
    this.known.set(definition.id, left(`\`${plainName(definition.id)}\`, which needs itself,`));
    const made = this.functionOf(definition);
    this.known.set(definition.id, made);
    return made;
  }

  private functionOf(definition: DefinitionOf<"let">): Either<string, BlockFunction> {
    const { formals = [], body } = definition;
    if (body.type !== "block" && body.type !== "builtin") return withoutForm(body);
    const defaults = formals.flatMap(({ default: otherwise }) => otherwise ?? []);
    if (!defaults.every((value) => this.module.hasNumber(value))) return withoutForm(body);
    const names = this.module.identifiers.inner();
    const locals: Locals = (local) => atom(names.of(local));
    const outer: Input = { channels: atom(channelsName) };
    const row = this.row(body, { input: outer, locals });
    if (isLeft(row)) return row;
    const code = row.right.modules.map(({ text }) => text).join();
    const output: BlockFunction["output"] = (input, valueAt) => {
      const bound: Locals = (local) => {
        const i = formals.findIndex((formal) => formal.local === local);
        return valueAt(i) ?? atom(names.of(local));
      };
      const again = this.row(body, { input, locals: bound });
      return isLeft(again) ? row.right.output : again.right.output;
    };
    return right({
      modules: row.right.modules,
      readsChannels: new RegExp(`\\b${channelsName}\\b`).test(code),
      output,
      formals: formals.map(({ local, default: otherwise }) => {
        const name = `${names.of(local)}: ${this.types.of(local, body)}`;
        return otherwise === undefined
          ? name
          : `${name} = ${new Numbers(this.module, locals).of(otherwise).text}`;
      }),
    });
  }
}

/** Whether a function is given a number for both axes here, and one for each elsewhere. */
const mixesPairs = (
  { formals = [], body }: DefinitionOf<"let">,
  given: readonly (Expr | undefined)[],
): boolean =>
  formals.some(({ local, default: otherwise }, i) => {
    const type = (given[i] ?? otherwise)?.type;
    return type !== undefined && (type === "pair") !== isPair(local, body) && isRead(local, body);
  });

const isRead = (local: string, body: Expr): boolean =>
  allExprs(body).some((one) => one.kind === "local" && one.of === local);

/** A function of Python that makes an architecture. */
export interface BlockFunction {
  readonly modules: readonly Py[];
  /** Whether it takes the channels of its input first. */
  readonly readsChannels: boolean;
  /** What comes out, of an input and the values of its formals. */
  readonly output: (input: Input, valueAt: (i: number) => Py | undefined) => Input;
  readonly formals: readonly string[];
}

/** One module: the only one, or all in a row. */
export const oneOf = (modules: readonly Py[]): Py => {
  const [first, ...others] = modules;
  const isOne = first !== undefined && others.length === 0 && !first.text.startsWith("*");
  return isOne ? first : sequential(modules);
};

export const sequential = (modules: readonly Py[]): Py => call("nn.Sequential", modules);

/** An activation that overwrites its input where that is a layer's own result. */
const inPlace = (block: Expr, before: Py | undefined, made: Py): Py => {
  const name = block.kind === "call" ? block.callee : block;
  if (name.kind !== "builtin" || !overwrites(before, name.name)) return made;
  const args = made.text.slice(made.text.indexOf("(") + 1, -1);
  return atom(
    `${made.text.slice(0, made.text.indexOf("(") + 1)}${args === "" ? "" : `${args}, `}inplace=True)`,
  );
};
