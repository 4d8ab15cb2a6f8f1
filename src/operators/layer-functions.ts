/**
 * Layers as functions of losses: a layer that learns nothing, keeps nothing and draws nothing is a
 * function of its input, and a loss may apply it to any value.
 */
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import { impossible } from "../base/impossible.js";
import { sidesOf } from "../base/sides.js";
import { type LossFunction, lossFunctions, stableFunctions } from "./functions.js";
import { type Layer, reasonOf, type Shape } from "./layer.js";
import { layers } from "./layers.js";
import { reals } from "./range.js";
import type { Options, OptionValue } from "./signature.js";

/** Names of the options that may differ between the axes. */
const pairsOf = ({ options }: Layer): readonly string[] =>
  options.flatMap(({ name, perAxis }) => (perAxis === true ? [name] : []));

/** How many numbers the options of a layer are in a term, where some differ between the axes. */
export const mostNumbers = (layer: Layer): number => layer.options.length + pairsOf(layer).length;

/**
 * The options that the numbers of a term are, in the order of the layer's signature. Where some
 * differ between the axes these are the heights', and behind them all stand the widths'.
 */
export const optionsOf = (layer: Layer, numbers: readonly number[]): Options => {
  const { options } = layer;
  const pairs = pairsOf(layer);
  return Object.freeze(
    options.reduce<Record<string, OptionValue>>((all, { name, type }, i) => {
      const value = numbers[i] ?? impossible(`a layer is applied without its ${name}`);
      const width = pairs.includes(name) ? numbers[options.length + pairs.indexOf(name)] : value;
      all[name] = type === "Bool" ? value !== 0 : sidesOf([value, width ?? value]);
      return all;
    }, {}),
  );
};

/** Options as the numbers of a term. */
export const numbersOf = (layer: Layer, values: Options): readonly number[] => {
  const first = (value: OptionValue | undefined): number =>
    typeof value === "object" ? value[0] : Number(value);
  const last = (value: OptionValue | undefined): number =>
    typeof value === "object" ? value[1] : Number(value);
  const numbers = layer.options.map(({ name }) => first(values[name]));
  const isRectangular = Object.values(values).some((value) => typeof value === "object");
  return isRectangular
    ? [...numbers, ...pairsOf(layer).map((name) => last(values[name]))]
    : numbers;
};

/** Why a layer is no function of its input alone, as the end of a sentence; nothing if it is. */
export const notAFunction = (layer: Layer, options: Options, input: Shape): string | undefined => {
  if (layer.beside !== undefined) return "takes several values, as only a `net` gives it";
  if (layer.parameters(input, options, []).length > 0)
    return "learns parameters, which a `net` owns";
  if (layer.isRandom === true) return "draws numbers, which a `net` is given in each step";
  if (layer.mixesBatch !== undefined || layer.keeps !== undefined)
    return "looks at the whole batch, as only a `net` does";
  return undefined;
};

/** `8 x 8 x 3` */
const sizes = (shape: Shape): string => shape.join(" x ");

const fitted = (layer: Layer, input: Shape, options: Options): Either<string, Shape> => {
  const shape = layer.shape(input, options, []);
  return isLeft(shape)
    ? left(`does not fit a value of ${sizes(input)}: ${reasonOf(shape.left)}`)
    : shape;
};

const functionFrom = (layer: Layer): LossFunction => ({
  name: layer.name,
  kind: "general",
  doc: layer.doc,
  layer,
  // Targets write the layer itself.
  tfjs: "applyBlock",
  torch: "apply_layer",
  values: ["x"],
  numbers: layer.options,
  shape: ([input], numbers) =>
    input === undefined || numbers.length < layer.options.length
      ? right(undefined)
      : fitted(layer, input, optionsOf(layer, numbers)),
  range: () => reals,
  ...(layer.averages === true ? { moves: ["keeps"] as const } : {}),
  ranges: ([x = reals], numbers) => layer.range(x, optionsOf(layer, numbers)),
  graph: ([x], numbers) => {
    const options = optionsOf(layer, numbers);
    const value = x ?? impossible(`${layer.name} is applied to nothing`);
    const [, c = 1, h = 1, w = 1] = value.shape;
    const output = layer.shape([h, w, c], options, []);
    return isLeft(output)
      ? impossible(`${layer.name} does not fit what the checker let it be applied to`)
      : layer.graph(value, {}, options, output.right);
  },
});

/** Those of layers that have no function of losses by their name. */
export const layerFunctions: ReadonlyMap<string, LossFunction> = new Map(
  [...layers.values()]
    .filter(({ name, isRandom, mixesBatch, beside }) => {
      const isOfOne = isRandom !== true && mixesBatch === undefined && beside === undefined;
      return !lossFunctions.has(name) && isOfOne;
    })
    .map((layer) => [layer.name, functionFrom(layer)] as const),
);

/** The function of that name: one that a spec writes, a stable form, or a layer. */
export const functionOf = (name: string): LossFunction =>
  lossFunctions.get(name) ??
  stableFunctions.get(name) ??
  layerFunctions.get(name) ??
  impossible(`${name} is no function`);
