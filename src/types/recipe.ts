/** The `train` block: from words to a recipe, and whether it fits the domains. */
import type { Span } from "../base/source.js";
import { nearest } from "../base/suggest.js";
import { replaceWith } from "../diagnostics/diagnostic.js";
import type { RecipeKind } from "../operators/recipe.js";
import { int, number, type Option, real } from "../operators/signature.js";
import type * as ast from "../syntax/ast.js";
import { optionValue } from "./arguments.js";
import type { Context } from "./context.js";
import type { Evaluator } from "./evaluate.js";
import { type DomainType, describeValue, type RecipeStage } from "./value.js";

export type ScheduleStage =
  | { readonly kind: "constant"; readonly epochs: number }
  /** Epoch k (from 1) of the stage runs at 1 - k/(epochs + 1) of the rate. */
  | { readonly kind: "linear_to_zero"; readonly epochs: number };

export type AugmentStage =
  /** Bicubic, to exactly height x width pixels. */
  | { readonly kind: "resize"; readonly height: number; readonly width: number }
  /** A window drawn uniformly. */
  | { readonly kind: "random_crop"; readonly height: number; readonly width: number }
  /** Left-right, with probability one half. */
  | { readonly kind: "random_flip" };

export interface Recipe {
  readonly optimizer: {
    readonly kind: "adam";
    /** Learning rate before the schedule. */
    readonly rate: number;
    readonly beta1: number;
    readonly beta2: number;
    readonly epsilon: number;
  };
  readonly schedule: readonly ScheduleStage[];
  /** Images of each domain in one step. */
  readonly batch: number;
  /** Of weights; biases start at 0. */
  readonly init: { readonly kind: "normal"; readonly mean: number; readonly std: number };
  readonly augment: readonly AugmentStage[];
  /** Decay a step of the moving average of weights that translation uses, in [0, 1); 0: it uses the weights themselves. */
  readonly average: number;
}

/** Fields, and how each is written where it is missing; those with a default may be. */
const fields: Readonly<Record<string, { readonly example: string; readonly required: boolean }>> = {
  optimizer: { example: "adam(2e-4, beta1: 0.5)", required: true },
  schedule: { example: "constant(100) >> linear_to_zero(100)", required: true },
  batch: { example: "1", required: false },
  init: { example: "normal(0, 0.02)", required: false },
  augment: { example: "resize(286) >> random_crop(256) >> random_flip", required: false },
  average: { example: "0.999", required: false },
};

type ImageDomain = Extract<DomainType, { kind: "domain" }>;

export const checkRecipe = (
  evaluator: Evaluator,
  train: ReadonlyMap<string, ast.Field>,
  place: Span,
  domains: readonly ImageDomain[],
): Recipe | undefined => {
  const { context } = evaluator;
  const meant = [...train.values()].flatMap((field) => checkField(context, field));
  const missing = Object.entries(fields).filter(
    ([name, { required }]) => required && !train.has(name) && !meant.includes(name),
  );
  if (missing.length > 0) {
    const names = missing.map(([name]) => `its \`${name}\``).join(" and ");
    const example = missing.map(([name, field]) => `${name}: ${field.example}`).join(" ");
    context.report("GAN507", place, `the recipe does not say ${names}`, {
      notes: [`For example: \`train { ${example} }\`.`],
    });
  }
  const stages = (name: string, kind: RecipeKind): readonly RecipeStage[] | undefined =>
    recipeStages(evaluator, train.get(name), kind);
  const optimizer = stages("optimizer", "optimizer")?.[0];
  const schedule = stages("schedule", "schedule");
  const init = train.has("init") ? stages("init", "init")?.[0] : undefined;
  const augment = train.has("augment") ? stages("augment", "augment") : [];
  const batch = numberField(evaluator, train, batchOption);
  const average = numberField(evaluator, train, averageOption);
  if (augment !== undefined)
    checkAugment(context, augment, train.get("augment")?.value.span ?? place, domains);
  if (
    optimizer === undefined ||
    schedule === undefined ||
    augment === undefined ||
    batch === undefined ||
    average === undefined
  )
    return undefined;
  if (train.has("init") && init === undefined) return undefined;
  const of = (stage: RecipeStage, name: string): number => number(stage.options, name);
  return {
    optimizer: {
      kind: "adam",
      rate: of(optimizer, "rate"),
      beta1: of(optimizer, "beta1"),
      beta2: of(optimizer, "beta2"),
      epsilon: of(optimizer, "epsilon"),
    },
    schedule: schedule.map((stage) => ({
      kind: stage.word.name === "constant" ? "constant" : "linear_to_zero",
      epochs: of(stage, "epochs"),
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
  train: ReadonlyMap<string, ast.Field>,
  option: Option,
): number | undefined => {
  const field = train.get(option.name);
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
