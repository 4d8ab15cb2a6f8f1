/** The `train` block: from words to a recipe, and whether it fits the domains. */
import { recordOf } from "../../base/record.js";
import type { Span } from "../../base/source.js";
import type { Declared } from "../../names/parts.js";
import { fieldKey } from "../../names/resolved.js";
import { bool, int, number, type Option, real } from "../../operators/signature.js";
import type { ClippingChoice, InitChoice, OptimizerChoice, Recipe } from "../../program/recipe.js";
import type * as ast from "../../syntax/ast.js";
import { optionValue } from "../evaluate/arguments.js";
import { type Evaluator, topScope } from "../evaluate/evaluator.js";
import { type Fields, fields, recipeStages, unknownField } from "../evaluate/fields.js";
import type { Context } from "../values/context.js";
import type { RecipeStage } from "../values/value.js";
import { augmentations, type Images } from "./augment.js";

/** The game and the data that a recipe is for. */
export interface Purpose {
  /** Where to say that something is missing. */
  readonly place: Span;
  /** The file that is checked. */
  readonly entry: string;
  readonly images: Images;
  /** The networks that players train, or nothing where the game is in error. */
  readonly trained: ReadonlySet<string> | undefined;
}

export const checkRecipe = (
  evaluator: Evaluator,
  train: Fields,
  { place, entry, images, trained }: Purpose,
): Recipe | undefined => {
  const { context } = evaluator;
  const meant = [...new Set(train.values())].flatMap((field) => checkField(context, field));
  // An importing file may leave players out whose recipe it imports.
  for (const field of new Set(train.values()))
    checkBrackets(context, field, field.span.file === entry ? { trained, images } : {});
  const networks = [...(trained ?? evaluator.networks().map(({ name }) => name))];
  checkMissing(context, train, place, networks, meant);
  for (const param of scheduledParams(context, train)) evaluator.shareOf(param);
  const optimizers = optimizerChoices(evaluator, train, networks);
  const schedule = recipeStages(evaluator, train.get("schedule"), "schedule");
  if (schedule !== undefined) checkLength(context, train, schedule);
  const init = initChoices(evaluator, train);
  const batch = numberField(evaluator, train.get("batch"), batchOption);
  const average = numberField(evaluator, train.get("average"), averageOption);
  const checkpointActivations = numberField(
    evaluator,
    train.get("checkpoint_activations"),
    checkpointOption,
  );
  const accumulate = numberField(evaluator, train.get("accumulate"), accumulateOption);
  const clip = ofNetworks(networks, train, "clip", (field) =>
    numberField(evaluator, field, clipOption),
  );
  const clipGradient = ofNetworks(
    networks,
    train,
    "clip_gradient",
    (field): ClippingChoice | undefined => {
      const stage = recipeStages(evaluator, field, "clipping")?.[0];
      return stage && { kind: stage.word.name, options: stage.options };
    },
  );
  const stop = stops(evaluator, train.get("stop"));
  const augment = augmentations(evaluator, train, images);
  if (
    optimizers === undefined ||
    schedule === undefined ||
    augment === undefined ||
    batch === undefined ||
    average === undefined ||
    accumulate === undefined ||
    checkpointActivations === undefined ||
    clip === undefined ||
    clipGradient === undefined ||
    init === undefined ||
    stop === undefined
  )
    return undefined;
  return {
    ...optimizers,
    ...init,
    clip,
    clipGradient,
    schedule: schedule.map(({ word, options }) => ({
      kind: word.name,
      epochs: number(options, "epochs"),
      options,
    })),
    batch,
    augment,
    average,
    accumulate,
    checkpointActivations: checkpointActivations === 1,
    ...(stop.length === 0 ? {} : { stop }),
  };
};

/** Names of monitors: one, or several in brackets. */
const stops = (
  evaluator: Evaluator,
  field: ast.Field | undefined,
): readonly string[] | undefined => {
  if (field === undefined) return [];
  const exprs = field.value.kind === "tuple" ? field.value.items : [field.value];
  const stages = exprs.map((value) => recipeStages(evaluator, { ...field, value }, "monitor"));
  const known = stages.flatMap((found) => (found === undefined ? [] : [found]));
  if (known.length < stages.length) return undefined;
  return [...new Set(known.flat().map(({ word }) => word.name))];
};

/** How long a recipe's schedule is, and where it is written. */
export const lengthOf = (
  train: Fields,
  recipe: Recipe | undefined,
): { readonly epochs: number; readonly span: Span } | undefined => {
  const field = train.get("schedule");
  if (field === undefined || recipe === undefined) return undefined;
  const epochs = recipe.schedule.reduce((sum, stage) => sum + stage.epochs, 0);
  return { epochs, span: field.value.span };
};

/** Stages of no epochs may stand in a schedule, but something is to be left. */
const checkLength = (context: Context, train: Fields, schedule: readonly RecipeStage[]): void => {
  const field = train.get("schedule");
  const epochs = schedule.reduce((sum, { options }) => sum + number(options, "epochs"), 0);
  if (field === undefined || epochs > 0) return;
  context.report(
    "GAN403",
    field.value.span,
    "this schedule has no epochs, so nothing would be trained",
  );
};

/** Reports a field that there is not, and gives the one that was probably meant. */
const checkField = (context: Context, field: ast.Field): readonly string[] => {
  const unknown = unknownField(field);
  if (unknown === undefined) return [];
  const { code, span, message, ...details } = unknown.diagnostic;
  context.report(code, span, message, details);
  return unknown.meant === undefined ? [] : [unknown.meant];
};

/** Networks and domains that play. Those that an imported recipe names need not. */
interface Playing {
  readonly trained?: ReadonlySet<string> | undefined;
  readonly images?: Images;
}

/** Whether a field says how a network begins whose first weights are in a file. */
const isRead = ({ declaration }: Declared, field: string): boolean =>
  field === "init" && declaration.kind === "net" && declaration.weights !== undefined;

/**
 * The names in a field's brackets: there, playing, and of a kind that may have the field for its
 * own.
 */
const checkBrackets = (
  context: Context,
  { name, networks }: ast.Field,
  { trained, images }: Playing,
): void => {
  const { each, ofFrozen = false } = fields[name.text] ?? {};
  const [first] = networks ?? [];
  if (networks === undefined || first === undefined || !Object.hasOwn(fields, name.text)) return;
  if (each === undefined) {
    context.report("GAN401", first.span, `\`${name.text}\` is of all networks alike`, {
      notes: [
        `${eachOf("network")} may be of some networks, ${eachOf("domain")} of some domains, ${eachOf("param")} of some params: \`optimizer[D]: …\`.`,
      ],
    });
    return;
  }
  const word = each === "network" ? "net" : each;
  for (const one of networks) {
    const definition = context.resolved.nameUses.get(one);
    if (definition === undefined) continue;
    const { text, span } = one;
    const isDrawn = images === undefined || images.domains.some((domain) => domain.name === text);
    if (definition.kind !== "declared" || definition.declaration.kind !== word)
      context.report("GAN305", span, `\`${name.text}[…]\` names ${each}s, and \`${text}\` is none`);
    else if (each === "network" && !ofFrozen && trained?.has(text) === false)
      context.report("GAN502", span, `nobody trains \`${text}\`: this would do nothing`);
    else if (isRead(definition, name.text))
      context.report(
        "GAN602",
        span,
        `the first weights of \`${text}\` are read from a file: \`init[${text}]\` does nothing`,
        {
          labels: [
            { span: definition.declaration.name.span, text: `\`${text}\` is declared here` },
          ],
        },
      );
    else if (each === "domain" && !isDrawn)
      context.report("GAN602", span, `no images of \`${text}\` are drawn: this does nothing`);
  }
};

/**
 * The fields that networks, domains, or params may have for their own: "`optimizer` and `clip`".
 */
const eachOf = (each: "network" | "domain" | "param"): string => {
  const names = Object.entries(fields).flatMap(([name, rule]) =>
    rule.each === each ? [`\`${name}\``] : [],
  );
  return [names.slice(0, -1).join(", "), ...names.slice(-1)].filter((part) => part).join(" and ");
};

/** Params that the recipe has a schedule for, whether or not a loss uses them. */
const scheduledParams = ({ resolved }: Context, train: Fields): readonly Declared[] =>
  [...new Set(train.values())]
    .filter(({ name }) => name.text === "schedule")
    .flatMap(({ networks = [] }) =>
      networks.flatMap((name) => {
        const definition = resolved.nameUses.get(name);
        return definition?.kind === "declared" ? [definition] : [];
      }),
    );

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
    : { optimizer: common, optimizers: recordOf(known) };
};

const initChoices = (
  evaluator: Evaluator,
  train: Fields,
): Pick<Recipe, "init" | "inits"> | undefined => {
  const choice = (field: ast.Field): InitChoice | undefined => {
    const stage = recipeStages(evaluator, field, "init")?.[0];
    return stage && { kind: stage.word.name, options: stage.options };
  };
  const own = evaluator.networks().flatMap(({ name }) => {
    const field = train.get(fieldKey("init", name));
    return field === undefined ? [] : [[name, choice(field)] as const];
  });
  const field = train.get("init");
  const common = field === undefined ? usualInit : choice(field);
  const known = own.flatMap(([name, found]) =>
    found === undefined ? [] : [[name, found] as const],
  );
  return common === undefined || known.length < own.length
    ? undefined
    : { init: common, inits: recordOf(known) };
};

const usualInit: InitChoice = { kind: "normal", options: { mean: 0, std: 0.02 } };

/**
 * What a field says of each network, by its own or the common one; nothing where one was refused.
 */
const ofNetworks = <A>(
  networks: readonly string[],
  train: Fields,
  name: string,
  read: (field: ast.Field) => A | undefined,
): Readonly<Record<string, A>> | undefined => {
  const found = recordOf<A>([]);
  for (const network of networks) {
    const field = train.get(fieldKey(name, network)) ?? train.get(name);
    if (field === undefined) continue;
    const value = read(field);
    if (value === undefined) return undefined;
    found[network] = value;
  }
  return found;
};

/** A field that is one number; nothing where it was refused. */
const numberField = (
  evaluator: Evaluator,
  field: ast.Field | undefined,
  option: Option,
): number | undefined => {
  if (field === undefined) return Number(option.defaultValue);
  const value = evaluator.evaluate(field.value, topScope);
  const found = optionValue(evaluator.context, "train", option, field, value);
  return found === undefined ? undefined : Number(found);
};

const batchOption = int("batch", "images of each domain in one step", {
  defaultValue: 1,
  least: 1,
});
const checkpointOption = bool(
  "checkpoint_activations",
  "whether values for the way back are computed again rather than kept",
  { defaultValue: false },
);
const accumulateOption = int("accumulate", "batches whose gradients are averaged for each update", {
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
  usual: {
    least: 1e-4,
    most: 1,
    value: 0.01,
    why: "Weights are mostly below 0.1: where they may be much more nothing is clipped, and where they may be much less nothing can be learnt.",
  },
});
