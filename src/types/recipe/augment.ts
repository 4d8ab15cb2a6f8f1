/** Augmentation: what brings the images of each domain from any size to its own. */
import { recordOf } from "../../base/record.js";
import type { Span } from "../../base/source.js";
import { fieldKey } from "../../names/resolved.js";
import { augmentStages } from "../../operators/augmentations.js";
import { number } from "../../operators/signature.js";
import type { AugmentStage } from "../../program/recipe.js";
import type * as ast from "../../syntax/ast.js";
import type { Evaluator } from "../evaluate/evaluator.js";
import { type Fields, recipeStages } from "../evaluate/fields.js";
import type { Context } from "../values/context.js";
import type { DomainType } from "../values/domain-type.js";
import type { RecipeStage } from "../values/value.js";
import { inWords } from "../values/words.js";

type ImageDomain = Extract<DomainType, { kind: "domain" }>;

/** Domains whose images come from folders. */
export interface Images {
  readonly domains: readonly ImageDomain[];
  /** Names of domains that are drawn together, by `pairs`. */
  readonly joint: readonly (readonly string[])[];
}

const sizeOf = ({ options }: RecipeStage): readonly [height: number, width: number] => [
  number(options, "height"),
  number(options, "width"),
];

/** The stage as the program has it, without options that are false. */
const augmentStage = ({ word: { name }, options }: RecipeStage): AugmentStage => {
  const given = Object.entries(options).filter(([, value]) => value !== false);
  return { kind: name, ...recordOf(given) } as AugmentStage;
};

/** Whether images have a size of its own behind the stage, rather than that of before. */
const isSized = ({ options }: RecipeStage): boolean => Object.hasOwn(options, "height");

/** Without an `augment`, images are only brought to size. */
const plainResize = ({ shape: [height, width] }: ImageDomain): readonly AugmentStage[] => [
  { kind: "resize", height, width },
];

/**
 * The size that images have behind the stages; nothing where they change none, or where a window
 * does not fit.
 */
const sizeBehind = (
  context: Context,
  stages: readonly RecipeStage[],
): readonly [number, number] | undefined => {
  let size: readonly [number, number] | undefined;
  for (const stage of stages) {
    if (!isSized(stage)) continue;
    const [height, width] = sizeOf(stage);
    const isWindow = stage.word.name === "random_crop" && size !== undefined;
    if (isWindow && size !== undefined && (height > size[0] || width > size[1])) {
      context.report(
        "GAN509",
        stage.span,
        `a window of ${height} x ${width} does not fit into ${size[0]} x ${size[1]}`,
        {
          notes: ["Resize to more than the window before cropping, for example to 286 for 256."],
        },
      );
      return undefined;
    }
    size = [height, width];
  }
  return size;
};

/** Pixels of an image on its way through the stages: more than the largest image that is read. */
const mostPixels = 2 ** 28;

/** Whether a machine holds what every stage makes. */
const areHeld = (context: Context, stages: readonly RecipeStage[]): boolean => {
  const large = stages.find((stage) => {
    const [height, width] = sizeOf(stage);
    return isSized(stage) && height * width > mostPixels;
  });
  if (large === undefined) return true;
  const [height, width] = sizeOf(large);
  context.report(
    "GAN319",
    large.span,
    `this makes images of ${height} x ${width}: ${inWords(height * width)} pixels`,
    { notes: ["No image may have more than 2^28 pixels, 268 million, on its way to its domain."] },
  );
  return false;
};

/** The first domain that does not get its size. */
const checkSize = (
  context: Context,
  stages: readonly RecipeStage[],
  place: Span,
  domains: readonly ImageDomain[],
): void => {
  const size = sizeBehind(context, stages);
  if (size === undefined) return;
  const [h, w] = size;
  const wrong = domains.find(({ shape: [height, width] }) => h !== height || w !== width);
  if (wrong === undefined) return;
  const [height, width] = wrong.shape;
  context.report(
    "GAN509",
    place,
    `images come out as ${h} x ${w}, and ${wrong.name} is ${height} x ${width}`,
    {
      labels: [{ span: wrong.span, text: `${wrong.name} is declared here` }],
      notes: domains.some(({ shape }) => shape[0] === h && shape[1] === w)
        ? [`\`augment[${wrong.name}]: …\` says it for ${wrong.name} alone.`]
        : [],
    },
  );
};

/** What moves pixels, and where to, of stages that are cut out of by windows or not. */
const moves = (stages: readonly AugmentStage[], crops: boolean): readonly string[] =>
  stages.flatMap((stage) => {
    if (augmentStages.get(stage.kind)?.moves !== true) return [];
    const { kind: _, ...options } = stage;
    const { height, width, degrees } = options as Partial<Record<string, number | true>>;
    return JSON.stringify([stage.kind, degrees, ...(crops ? [height, width] : [])]);
  });

/**
 * Whether two images are still of one place behind these, which draw the same numbers at the same
 * stage.
 */
const keepTogether = (a: readonly AugmentStage[], b: readonly AugmentStage[]): boolean => {
  const crops = a.some(({ kind }) => kind === "random_crop");
  return moves(a, crops).join() === moves(b, crops).join();
};

const checkPairs = (
  context: Context,
  augment: Readonly<Record<string, readonly AugmentStage[]>>,
  place: (domain: string) => Span,
  joint: Images["joint"],
): void => {
  for (const names of joint) {
    const known = names.filter((name) => augment[name] !== undefined);
    const [first = "", ...others] = known;
    const apart = others.find((name) => !keepTogether(augment[first] ?? [], augment[name] ?? []));
    if (apart === undefined) continue;
    context.report(
      "GAN509",
      place(apart),
      `pairs of ${first} and ${apart} come apart: their windows, flips and turns are not the same`,
      {
        notes: [
          "What is drawn together is cut out and turned together: by the same stages, and windows of one size.",
        ],
      },
    );
    return;
  }
};

/** Whether stages that know colours only are given grey and colour images only. */
const areOfColours = (
  context: Context,
  stages: readonly RecipeStage[],
  domains: readonly ImageDomain[],
): boolean => {
  const stage = stages.find(({ word }) => augmentStages.get(word.name)?.isOfColours === true);
  const odd = domains.find(({ shape: [, , channels] }) => channels !== 1 && channels !== 3);
  if (stage === undefined || odd === undefined) return true;
  context.report(
    "GAN509",
    stage.span,
    `\`${stage.word.name}\` is of grey and colour images, and ${odd.name} has ${odd.shape[2]} channels`,
    {
      labels: [{ span: odd.span, text: `${odd.name} is declared here` }],
      notes: [`\`augment[${odd.name}]: …\` says for ${odd.name} alone what becomes of its images.`],
    },
  );
  return false;
};

/** By domain, the stages that bring its images to its size; nothing where one was refused. */
export const augmentations = (
  evaluator: Evaluator,
  train: Fields,
  { domains, joint }: Images,
): Readonly<Record<string, readonly AugmentStage[]>> | undefined => {
  const { context } = evaluator;
  const fieldOf = ({ name }: { readonly name: string }): ast.Field | undefined =>
    train.get(fieldKey("augment", name)) ?? train.get("augment");
  const fields = new Set([train.get("augment"), ...domains.map(fieldOf)]);
  const known = new Map<ast.Field, readonly RecipeStage[]>();
  for (const field of fields) {
    if (field === undefined) continue;
    const stages = recipeStages(evaluator, field, "augment");
    if (stages === undefined || !areHeld(context, stages)) return undefined;
    known.set(field, stages);
    const concerned = domains.filter((domain) => fieldOf(domain) === field);
    if (!areOfColours(context, stages, concerned)) return undefined;
    checkSize(context, stages, field.value.span, concerned);
  }
  const augment = recordOf(
    domains.map((domain) => {
      const stages = known.get(fieldOf(domain) as ast.Field);
      return [domain.name, stages?.map(augmentStage) ?? plainResize(domain)];
    }),
  );
  const placeOf = (name: string): Span =>
    (fieldOf({ name })?.value ?? domains.find((d) => d.name === name))?.span ?? {
      file: "",
      start: 0,
      end: 0,
    };
  checkPairs(context, augment, placeOf, joint);
  return augment;
};
