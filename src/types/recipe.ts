/** The `train` block: from words to a recipe, and whether it fits the domains. */
import type { Span } from "../base/source.js";
import { nearest } from "../base/suggest.js";
import { replaceWith } from "../diagnostics/diagnostic.js";
import { fieldKey } from "../names/resolve.js";
import type { RecipeKind } from "../operators/recipe.js";
import { int, number, type Option, type Options, real } from "../operators/signature.js";
import type * as ast from "../syntax/ast.js";
import { optionValue } from "./arguments.js";
import type { Context } from "./context.js";
import type { Evaluator } from "./evaluate.js";
import { type DomainType, describeValue, type RecipeStage } from "./value.js";

/** A word of operators/schedules.ts with its options, `epochs` among them. */
export interface ScheduleStage {
  readonly kind: string;
  readonly epochs: number;
  readonly options: Options;
}

/** A word of operators/optimizers.ts with its options, `rate` among them. */
export interface OptimizerChoice {
  readonly kind: string;
  /** Learning rate before the schedule. */
  readonly rate: number;
  readonly options: Options;
}

export type AugmentStage =
  /** Bicubic, to exactly height x width pixels. */
  | { readonly kind: "resize"; readonly height: number; readonly width: number }
  /** A window drawn uniformly. */
  | { readonly kind: "random_crop"; readonly height: number; readonly width: number }
  /** Left-right, with probability one half. */
  | { readonly kind: "random_flip" };

export interface Recipe {
  /** Of the networks that have none of their own; where all have one, that of the first. */
  readonly optimizer: OptimizerChoice;
  /** By network: those that `optimizer[…]` gives it. */
  readonly optimizers: Readonly<Record<string, OptimizerChoice>>;
  /** By network: after each update its parameters are kept between -clip and clip. */
  readonly clip: Readonly<Record<string, number>>;
  readonly schedule: readonly ScheduleStage[];
  /** Images of each domain in one step. */
  readonly batch: number;
  /** Of weights; biases start at 0. */
  readonly init: { readonly kind: "normal"; readonly mean: number; readonly std: number };
  readonly augment: readonly AugmentStage[];
  /** Decay a step of the moving average of weights that translation uses, in [0, 1); 0: it uses the weights themselves. */
  readonly average: number;
}

interface FieldRule {
  /** How it is written where it is missing. */
  readonly example: string;
  /** Fields with a default may be missing. */
  readonly required: boolean;
  /** Whether networks may have their own: `optimizer[D]`. */
  readonly ofNetworks?: boolean;
}

const fields: Readonly<Record<string, FieldRule>> = {
  optimizer: { example: "adam(2e-4, beta1: 0.5)", required: true, ofNetworks: true },
  schedule: { example: "constant(100) >> linear_to_zero(100)", required: true },
  batch: { example: "1", required: false },
  init: { example: "normal(0, 0.02)", required: false },
  augment: { example: "resize(286) >> random_crop(256) >> random_flip", required: false },
  average: { example: "0.999", required: false },
  clip: { example: "0.01", required: false, ofNetworks: true },
};

type ImageDomain = Extract<DomainType, { kind: "domain" }>;
type Fields = ReadonlyMap<string, ast.Field>;

/** What a recipe is for. */
export interface Purpose {
  /** Where to say that something is missing. */
  readonly place: Span;
  /** The file that is checked. */
  readonly entry: string;
  readonly domains: readonly ImageDomain[];
  /** The networks that players train, or nothing where the game is in error. */
  readonly trained: ReadonlySet<string> | undefined;
}

export const checkRecipe = (
  evaluator: Evaluator,
  train: Fields,
  { place, entry, domains, trained }: Purpose,
): Recipe | undefined => {
  const { context } = evaluator;
  const meant = [...new Set(train.values())].flatMap((field) => checkField(context, field));
  // An importing file may leave players out whose recipe it imports.
  for (const field of new Set(train.values()))
    checkNetworks(context, field, field.span.file === entry ? trained : undefined);
  const networks = [...(trained ?? evaluator.networks().map(({ name }) => name))];
  checkMissing(context, train, place, networks, meant);
  const stages = (name: string, kind: RecipeKind): readonly RecipeStage[] | undefined =>
    recipeStages(evaluator, train.get(name), kind);
  const optimizers = optimizerChoices(evaluator, train, networks);
  const schedule = stages("schedule", "schedule");
  const init = train.has("init") ? stages("init", "init")?.[0] : undefined;
  const augment = train.has("augment") ? stages("augment", "augment") : [];
  const batch = numberField(evaluator, train.get("batch"), batchOption);
  const average = numberField(evaluator, train.get("average"), averageOption);
  const clip = clips(evaluator, train, networks);
  if (augment !== undefined)
    checkAugment(context, augment, train.get("augment")?.value.span ?? place, domains);
  if (
    optimizers === undefined ||
    schedule === undefined ||
    augment === undefined ||
    batch === undefined ||
    average === undefined ||
    clip === undefined
  )
    return undefined;
  if (train.has("init") && init === undefined) return undefined;
  const of = (stage: RecipeStage, name: string): number => number(stage.options, name);
  return {
    ...optimizers,
    clip,
    schedule: schedule.map(({ word, options }) => ({
      kind: word.name,
      epochs: number(options, "epochs"),
      options,
    })),
    batch,
    init: { kind: "normal", mean: init ? of(init, "mean") : 0, std: init ? of(init, "std") : 0.02 },
    augment: augment.length > 0 ? augment.map(augmentStage) : plainResize(domains),
    average,
  };
};

/** Reports a field that there is not, and gives the one that was probably meant. */
const checkField = (context: Context, field: ast.Field): readonly string[] => {
  const { text, span } = field.name;
  if (text === "" || Object.hasOwn(fields, text)) return [];
  const meant = nearest(text, Object.keys(fields));
  context.report("GAN401", span, `\`train\` has no field \`${text}\``, {
    notes: [
      ...(meant === undefined ? [] : [`Did you mean \`${meant}\`?`]),
      `Its fields are ${Object.keys(fields).join(", ")}.`,
    ],
    fix: meant === undefined ? undefined : replaceWith(span, meant),
  });
  return meant === undefined ? [] : [meant];
};

/** The networks in a field's brackets: there, trained, and of a field that can be theirs. */
const checkNetworks = (
  context: Context,
  { name, networks }: ast.Field,
  trained: ReadonlySet<string> | undefined,
): void => {
  const rule = fields[name.text];
  const [first] = networks ?? [];
  if (networks === undefined || first === undefined || rule === undefined) return;
  if (rule.ofNetworks !== true) {
    context.report("GAN401", first.span, `\`${name.text}\` is of all networks alike`, {
      notes: ["`optimizer` and `clip` may be of some: `optimizer[D]: …`."],
    });
    return;
  }
  for (const network of networks) {
    const definition = context.resolved.nameUses.get(network);
    if (definition === undefined) continue;
    const { text, span } = network;
    if (definition.kind !== "declared" || definition.declaration.kind !== "net")
      context.report("GAN305", span, `\`${name.text}[…]\` names networks, and \`${text}\` is none`);
    else if (trained?.has(text) === false)
      context.report("GAN502", span, `nobody trains \`${text}\`: this would do nothing`);
  }
};

const checkMissing = (
  context: Context,
  train: Fields,
  place: Span,
  networks: readonly string[],
  meant: readonly string[],
): void => {
  const without = (name: string): readonly string[] =>
    networks.filter((network) => !train.has(fieldKey(name, network)));
  const isSaid = (name: string): boolean =>
    train.has(name) || meant.includes(name) || (networks.length > 0 && without(name).length === 0);
  const missing = Object.entries(fields).filter(([name, rule]) => rule.required && !isSaid(name));
  // A field that there is not may be the missing one, written otherwise.
  const areKnown = [...train.values()].every(({ name }) => Object.hasOwn(fields, name.text));
  if (missing.length === 0 || !areKnown) return;
  const words = missing.map(([name]) => {
    const left = without(name);
    return left.length < networks.length
      ? `the \`${name}\` of ${left.join(", ")}`
      : `its \`${name}\``;
  });
  const example = missing.map(([name, field]) => `${name}: ${field.example}`).join(" ");
  context.report("GAN507", place, `the recipe does not say ${words.join(" and ")}`, {
    notes: [`For example: \`train { ${example} }\`.`],
  });
};

const optimizerChoices = (
  evaluator: Evaluator,
  train: Fields,
  networks: readonly string[],
): Pick<Recipe, "optimizer" | "optimizers"> | undefined => {
  const choice = (field: ast.Field | undefined): OptimizerChoice | undefined => {
    const stage = recipeStages(evaluator, field, "optimizer")?.[0];
    if (stage === undefined) return undefined;
    const { word, options } = stage;
    return { kind: word.name, rate: number(options, "rate"), options };
  };
  const own = networks.flatMap((network) => {
    const field = train.get(fieldKey("optimizer", network));
    return field === undefined ? [] : [[network, choice(field)] as const];
  });
  const common = train.has("optimizer") ? choice(train.get("optimizer")) : own[0]?.[1];
  const known = own.flatMap(([network, found]) =>
    found === undefined ? [] : [[network, found] as const],
  );
  return common === undefined || known.length < own.length
    ? undefined
    : { optimizer: common, optimizers: Object.fromEntries(known) };
};

const clips = (
  evaluator: Evaluator,
  train: Fields,
  networks: readonly string[],
): Recipe["clip"] | undefined => {
  const found: Record<string, number> = {};
  for (const network of networks) {
    const field = train.get(fieldKey("clip", network)) ?? train.get("clip");
    const value = numberField(evaluator, field, clipOption);
    if (value === undefined) return undefined;
    if (field !== undefined) found[network] = value;
  }
  return found;
};

const recipeStages = (
  evaluator: Evaluator,
  field: ast.Field | undefined,
  kind: RecipeKind,
): readonly RecipeStage[] | undefined => {
  if (field === undefined) return undefined;
  const value = evaluator.asRecipe(evaluator.evaluate(field.value, new Map()), field.value);
  if (value.kind === "unknown") return undefined;
  if (value.kind === "recipe" && value.of === kind) return value.stages;
  evaluator.context.report(
    "GAN305",
    field.value.span,
    `\`${field.name.text}\` takes ${kind === "init" ? "an initialisation" : `an ${kind}`.replace("an s", "a s")}, not ${describeValue(value)}`,
    {
      notes: [`For example: \`${field.name.text}: ${fields[field.name.text]?.example}\`.`],
    },
  );
  return undefined;
};

/** A field that is one number; nothing where it was refused. */
const numberField = (
  evaluator: Evaluator,
  field: ast.Field | undefined,
  option: Option,
): number | undefined => {
  if (field === undefined) return Number(option.defaultValue);
  const value = evaluator.evaluate(field.value, new Map());
  const found = optionValue(evaluator.context, "train", option, field, value);
  return found === undefined ? undefined : Number(found);
};

const batchOption = int("batch", "images of each domain in one step", {
  defaultValue: 1,
  least: 1,
});
const averageOption = real("average", "decay a step of the moving average of weights", {
  defaultValue: 0,
  least: 0,
  most: 0.999999,
});

const clipOption = real("clip", "the greatest that a parameter may be, and minus the least", {
  defaultValue: 0,
  least: 0,
  open: true,
});

const augmentStage = ({ word, options }: RecipeStage): AugmentStage => {
  const size = { height: number(options, "height"), width: number(options, "width") };
  if (word.name === "resize") return { kind: "resize", ...size };
  return word.name === "random_crop" ? { kind: "random_crop", ...size } : { kind: "random_flip" };
};

/** Without an `augment`, images are only brought to size; all domains of one size share it. */
const plainResize = (domains: readonly ImageDomain[]): readonly AugmentStage[] => {
  const first = domains[0];
  return first === undefined
    ? []
    : [{ kind: "resize", height: first.shape[0], width: first.shape[1] }];
};

const checkAugment = (
  context: Context,
  stages: readonly RecipeStage[],
  place: Span,
  domains: readonly ImageDomain[],
): void => {
  let size: readonly [number, number] | undefined;
  for (const stage of stages) {
    if (stage.word.name === "random_flip") continue;
    const [height, width] = [number(stage.options, "height"), number(stage.options, "width")];
    if (
      stage.word.name === "random_crop" &&
      size !== undefined &&
      (height > size[0] || width > size[1])
    ) {
      context.report(
        "GAN509",
        stage.span,
        `a window of ${height} x ${width} does not fit into ${size[0]} x ${size[1]}`,
        {
          notes: ["Resize to more than the window before cropping, for example to 286 for 256."],
        },
      );
      return;
    }
    size = [height, width];
  }
  for (const domain of domains) {
    const [height, width] = domain.shape;
    const first = domains[0]?.shape ?? domain.shape;
    const [h, w] = size ?? [first[0], first[1]];
    if (h === height && w === width) continue;
    context.report(
      "GAN509",
      place,
      `images come out as ${h} x ${w}, and ${domain.name} is ${height} x ${width}`,
      {
        labels: [{ span: domain.span, text: `${domain.name} is declared here` }],
      },
    );
    return;
  }
};
