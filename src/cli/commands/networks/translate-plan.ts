/** The plan of `ganc translate`: which network, files and variants. */
import { InvalidArgumentError } from "commander";
import { type Either, isLeft, left, right } from "fp-ts/lib/Either.js";
import {
  lossyFormats,
  type OutputFormat,
  type OutputOptions,
} from "../../../data/images/picture-file.js";
import type { CheckpointChoice, OpenedRun } from "../../../training/opening/open-run.js";
import { type Chain, chains, chainText } from "../../../training/program/chains.js";
import type { EngineName } from "../../../training/program/compiled.js";
import { generators } from "../../../training/program/program.js";
import {
  classCount,
  classNames,
  draws,
  imageInputs,
  type NamedInput,
  type Translator,
  translators,
} from "../../../training/program/translators.js";
import type { Sizing } from "../../../training/translation/picture-translation.js";
import { type Variant, variantsOf } from "../../../training/translation/translate.js";
import { chooseClass, noImages } from "./generate.js";

export interface TranslateOptions {
  /** Name of a domain. */
  readonly to?: string;
  readonly net?: string;
  readonly out?: string;
  readonly checkpoint?: CheckpointChoice;
  readonly engine: EngineName;
  readonly size?: "own" | "domain" | number;
  readonly originalSize?: boolean;
  /** Side of tiles in pixels. */
  readonly tile?: number;
  readonly format?: OutputFormat;
  /** From 1 to 100. */
  readonly quality?: number;
  /** False to leave out colour profile, EXIF and XMP data. */
  readonly metadata?: boolean;
  readonly overwrite?: boolean;
  /** Images by input name. */
  readonly input?: readonly (readonly [string, string])[];
  /** Number of images to make from noise, or of draws for each translated image. */
  readonly count?: number;
  readonly class?: string;
  readonly seed?: number;
}

export interface Choice {
  readonly translator: Translator;
  /** Whether there were other possibilities and the user named none. */
  readonly byDefault: boolean;
}

export const signature = ({ network, inputs, to }: Translator): string => {
  const from = inputs.map(({ domain }) => domain.name).join(", ");
  return `${network} : ${inputs.length > 1 ? `(${from})` : from} -> ${to.name}`;
};

/**
 * Chooses the requested network; without a request, the first from the first domain. `isMade`:
 * whether a network of the run makes images from noise.
 */
export const chooseTranslator = (
  all: readonly Translator[],
  { to, net }: Pick<TranslateOptions, "to" | "net">,
  isMade: boolean,
): Either<string, Choice> => {
  const fitting = all.filter(
    (d) => (net === undefined || d.network === net) && (to === undefined || d.to.name === to),
  );
  const first = fitting.find(({ from }) => from.name === all[0]?.from.name) ?? fitting[0];
  if (first === undefined)
    return left(
      all.length === 0
        ? isMade
          ? "This run has no network that makes images from images: leave out the images, and --count 16 makes some from noise."
          : noImages
        : `${net === undefined ? `No network here makes images of ${to}` : `${net} makes no images of images here`}. These do:\n${all.map((d) => `  ${signature(d)}`).join("\n")}`,
    );
  const odd = [...imageInputs(first).map(({ domain }) => domain), first.to].find(
    ({ shape }) => shape[2] !== 1 && shape[2] !== 3,
  );
  return odd === undefined
    ? right({ translator: first, byDefault: fitting.length > 1 })
    : left(
        `${first.network} works on images of ${odd.shape[2]} channels (${odd.name}), but translate reads grey or colour pictures. ganc evaluate measures such a run, and ganc export writes the network.`,
      );
};

/**
 * Words the refusal of a run whose images only several networks in turn can make, which no command
 * applies.
 */
const onlyInTurn = (chain: Chain): string =>
  `This run makes images of ${chain.to.name} by ${chainText(chain)} alone, one network after the other, but translate applies one. ` +
  `Declare one for both, \`net T : ${chain.from.name} -> ${chain.to.name} = ${chain.networks.join(" >> ")}\`, and train that. The run's samples show what they make.`;

/** The checked request of a translation. */
export interface Plan extends Choice {
  /** Files or folders for each image input, in the network's order. */
  readonly paths: readonly (readonly string[])[];
  readonly variants: readonly Variant[];
  readonly sizing: Sizing;
  readonly output: OutputOptions;
}

/** Reads `own`, `domain` or a number of pixels. */
export const sizeOption = (text: string): "own" | "domain" | number => {
  if (text === "own" || text === "domain") return text;
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new InvalidArgumentError("Write own, domain, or the pixels of the longer side.");
  return Number(text);
};

/** Reads the side of a tile in pixels. A small tile would be mostly border. */
export const tileOption = (text: string): number => {
  if (!/^\d{2,6}$/.test(text) || Number(text) < 16)
    throw new InvalidArgumentError("Write a number of pixels, at least 16.");
  return Number(text);
};

const sizingOf = ({ size = "own", originalSize = false }: TranslateOptions): Sizing => {
  if (originalSize || size === "domain") return { kind: "domain", back: originalSize };
  return size === "own" ? { kind: "own" } : { kind: "longest", side: size };
};

/** Returns what is wrong with the options for results; usually undefined. */
const outputFault = ({ format = "png", quality, size, originalSize }: TranslateOptions) => {
  if (quality !== undefined && (quality < 1 || quality > 100))
    return `--quality ${quality}: it must be from 1 to 100.`;
  if (quality !== undefined && !lossyFormats.has(format))
    return `--quality: ${format} is lossless. Take --format jpeg, webp or avif.`;
  return originalSize === true && typeof size === "number"
    ? "--original-size and --size contradict each other: give one."
    : undefined;
};

/** Writes `x and style`. */
const listed = (names: readonly string[]): string =>
  names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;

/** Finds the paths of each image input. Paths without a name belong to the first. */
const pathsOf = (
  translator: Translator,
  images: readonly string[],
  { input = [] }: TranslateOptions,
): Either<string, readonly (readonly string[])[]> => {
  const taken = imageInputs(translator);
  const { network } = translator;
  const all = `${network} takes ${taken.length === 1 ? "one image" : "the images"} ${listed(taken.map(({ name }) => name))}`;
  const isNamed = (name: string, of: NamedInput): boolean =>
    name === of.name || name === of.domain.name;
  const unknown = input.find(([name]) => !taken.some((of) => isNamed(name, of)));
  if (unknown !== undefined) return left(`--input ${unknown[0]}: ${all}.`);
  const paths = taken.map((of, k) => [
    ...(k === 0 ? images : []),
    ...input.filter(([name]) => isNamed(name, of)).map(([, path]) => path),
  ]);
  const missing = taken.filter((_, k) => paths[k]?.length === 0).map(({ name }) => name);
  return missing.length === 0
    ? right(paths)
    : left(`${all}: add ${listed(missing.map((name) => `--input ${name}=IMAGE`))}.`);
};

export const plan = (
  { compiled, run }: OpenedRun,
  images: readonly string[],
  options: TranslateOptions,
): Either<string, Plan> => {
  // A user who names a network may mean one that learns nothing.
  const all = translators(compiled.program, options.net !== undefined);
  const [chain] = all.length === 0 ? chains(compiled.program) : [];
  if (chain !== undefined) return left(onlyInTurn(chain));
  const fault = outputFault(options);
  if (fault !== undefined) return left(fault);
  const choice = chooseTranslator(all, options, generators(compiled.program).length > 0);
  if (isLeft(choice)) return choice;
  const { translator } = choice.right;
  const { network, to } = translator;
  const classes = classCount(translator);
  const only = chooseClass(classes, to, run.manifest, options.class);
  if (isLeft(only)) return only;
  for (const [flag, value] of Object.entries({ count: options.count, seed: options.seed }))
    if (value !== undefined && !draws(translator))
      return left(
        `--${flag}: ${network} draws no noise, so its result for an image is always the same. Leave it out, or the images.`,
      );
  const paths = pathsOf(translator, images, options);
  if (isLeft(paths)) return paths;
  const names = classNames(classes ?? 1, to, run.manifest.data.classes);
  const variants = variantsOf(translator, names, only.right, options.count ?? 1);
  const output = { format: options.format ?? "png", quality: options.quality };
  return right({
    ...choice.right,
    paths: paths.right,
    variants,
    output,
    sizing: sizingOf(options),
  });
};
