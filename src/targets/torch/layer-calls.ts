/** Calls of the classes that make layers: `nn.Conv2d(channels, 64, 3, stride=2)`. */
import { type Either, left, right } from "fp-ts/lib/Either.js";
import type { Layer, Shape } from "../../operators/layer.js";
import { type Options, sameValue } from "../../operators/signature.js";
import { atom, binary, bool, call, number, type Py, sides } from "./python.js";

/** What is known of the input of a layer where its code is written. */
export interface Input {
  readonly channels: Py;
  /** All its numbers; absent where they depend on where the code is used. */
  readonly features?: Py;
  /** Channels of the values beside it, where the layer takes several. */
  readonly beside?: readonly Py[];
}

export const inputOf = (
  [height, width, channels]: Shape,
  beside: readonly Shape[] = [],
): Input => ({
  channels: number(channels),
  features: number(height * width * channels),
  beside: beside.map((shape) => number(shape[2])),
});

/** An option as Python; absent where it has its default. */
export type Option = (name: string) => Py | undefined;

/** Options by their values, without those at their defaults, unless they stand without a name. */
export const valuesOf =
  (layer: Layer, options: Options): Option =>
  (name) => {
    const value = options[name];
    const option = layer.options.find((one) => one.name === name);
    const { named, variant } = layer.torch;
    const isNamed = named?.[name] !== undefined || variant?.option === name;
    const otherwise = option?.sameAs === undefined ? option?.defaultValue : options[option.sameAs];
    if (value === undefined || (isNamed && sameValue(value, otherwise))) return undefined;
    return typeof value === "boolean" ? bool(value) : sides(value);
  };

/** A leading argument, or why it is not known. */
const leading = (
  layer: Layer,
  what: string,
  input: Input,
  option: Option,
): Either<string, readonly Py[]> => {
  if (what.startsWith("=")) return right([atom(what.slice(1))]);
  if (what === "features")
    return input.features === undefined
      ? left(`\`${layer.name}\`, whose weights count all numbers of its input,`)
      : right([input.features]);
  const own = layer.options.some(({ name }) => name === what);
  const other = input.beside?.[layer.beside?.indexOf(what) ?? -1];
  if (other !== undefined) return right([other]);
  return right(own ? [option(what) ?? []].flat() : [input.channels]);
};

const defaultOf = (layer: Layer, name: string): Py | undefined => {
  const { defaultValue } = layer.options.find((option) => option.name === name) ?? {};
  return typeof defaultValue === "boolean" ? bool(defaultValue) : number(defaultValue ?? 0);
};

/** The call that makes a layer, or what of it Python cannot say there. */
export const layerCall = (layer: Layer, input: Input, option: Option): Either<string, Py> => {
  const { of, takes = [], named = {}, always = [], fixed, variant, ofPair } = layer.torch;
  const args: string[] = [];
  const isPair = takes.some((what) => option(what)?.isPair === true);
  for (const what of takes) {
    const found = leading(layer, what, input, option);
    if (found._tag === "Left") return found;
    args.push(...found.right.map(({ text }) => text));
  }
  for (const [name, python] of Object.entries(named)) {
    const value = option(name) ?? (always.includes(name) ? defaultOf(layer, name) : undefined);
    if (value !== undefined) args.push(`${python}=${value.text}`);
  }
  const varied = variant === undefined ? undefined : option(variant.option);
  if (variant !== undefined && varied !== undefined)
    return right(call(variant.of, [...args, `${variant.option}=${varied.text}`]));
  const name = isPair && ofPair !== undefined ? ofPair : of;
  return right(call(name, fixed === undefined ? args : [...args, fixed]));
};

/** What is known of a layer's output, by what is known of its input. */
export const outputOf = (layer: Layer, input: Input, option: Option): Input | undefined => {
  const { gives } = layer.torch;
  if (gives === null) {
    const { features } = input;
    return features === undefined ? undefined : { channels: features, features };
  }
  // A vector has as many numbers as channels.
  const isVector = input.features?.text === input.channels.text && layer.elementwise === true;
  if (gives === undefined) return isVector ? input : { channels: input.channels };
  if (typeof gives !== "string") {
    if ("more" in gives) return { channels: binary("+", input.channels, number(gives.more)) };
    const factor = option(gives.overSquareOf);
    if (factor === undefined) return undefined;
    return { channels: binary("//", input.channels, binary("^", factor, atom("2"))) };
  }
  const channels = gives.startsWith("=") ? atom(gives.slice(1)) : option(gives);
  if (channels === undefined) return undefined;
  return layer.torch.takes?.includes("features") === true
    ? { channels, features: channels }
    : { channels };
};
